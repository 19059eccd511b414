"""Applications: codes, tokens that expire and rotate, the refusals of both servers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.bitrix24.applications import Application, Pair
from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET
from backoffice.sandbox.bitrix24.hooks import MEMBER_ID
from backoffice.sandbox.world import World

Token = Callable[..., httpx.Response]
DAY = 24 * 3600


@pytest.fixture
def application(world: World) -> Application:
    return world.portal.applications.install()


@pytest.fixture
def pair(world: World, application: Application) -> Pair:
    return world.portal.applications.open(application, user_id=1)


@pytest.fixture
def token(sandbox: str) -> Token:
    """token(grant_type, **parameters): what the authorization server answers."""

    def ask(grant_type: str, **changed: str) -> httpx.Response:
        sent = {"grant_type": grant_type, "client_id": APPLICATION_ID, "client_secret": APPLICATION_SECRET, **changed}
        return httpx.get(f"{sandbox}/oauth/token/", params={name: value for name, value in sent.items() if value})

    return ask


def test_a_code_becomes_tokens_once(world: World, application: Application, token: Token, sandbox: str) -> None:
    """settings/oauth/index.md; `expires` and `user_id`, not in its sample, are what b24pysdk insists on."""
    code = world.portal.applications.authorize(application, user_id=2)
    answer = token("authorization_code", code=code).json()
    assert len(answer.pop("access_token")) > 30
    assert len(answer.pop("refresh_token")) > 30
    assert answer == {
        "client_endpoint": f"{sandbox}/rest/",
        "domain": sandbox.removeprefix("http://"),
        "expires": int(world.clock.now().timestamp()) + 3600,
        "expires_in": 3600,
        "member_id": MEMBER_ID,
        "scope": ",".join(world.portal.config.scopes),
        "server_endpoint": f"{sandbox}/rest/",
        "status": "L",
        "user_id": 2,
    }
    again = token("authorization_code", code=code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_a_code_lives_thirty_seconds(world: World, application: Application, token: Token) -> None:
    """settings/oauth/index.md."""
    early, late = (world.portal.applications.authorize(application, user_id=1) for _ in range(2))
    world.clock.advance(29)
    assert token("authorization_code", code=early).status_code == 200
    world.clock.advance(1)
    assert token("authorization_code", code=late).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("how", ["query", "form", "json"])
def test_a_token_is_taken_from_query_form_and_json(sandbox: str, pair: Pair, how: str) -> None:
    """settings/how-to-call-rest-api/authorization.md, general-principles.md; the method does not see it."""
    auth = {"auth": pair.access_token}
    sent = {"query": {"params": auth}, "form": {"data": auth}, "json": {"json": auth}}[how]
    answer = httpx.request("POST", f"{sandbox}/rest/app.info.json", **sent)  # type: ignore[arg-type] # one of three
    assert answer.json()["result"]["CODE"] == APPLICATION_ID


def test_a_token_acts_for_the_person_who_let_the_application_in(world: World, sandbox: str) -> None:
    """settings/how-to-call-rest-api/authorization.md: methods run on behalf of a user."""
    pair = world.portal.applications.open(world.portal.applications.install(), user_id=2)
    assert httpx.post(f"{sandbox}/rest/profile", json={"auth": pair.access_token}).json()["result"]["ID"] == "2"


def test_a_token_expires_after_an_hour(world: World, sandbox: str, pair: Pair) -> None:
    """settings/oauth/auto-renewal.md; status and code as live portals gave them (b24pysdk)."""
    world.clock.advance(3600)
    answer = httpx.post(f"{sandbox}/rest/profile", json={"auth": pair.access_token})
    assert (answer.status_code, answer.json()["error"]) == (401, "expired_token")


def test_a_token_that_never_was_is_invalid(sandbox: str, application: Application) -> None:
    answer = httpx.post(f"{sandbox}/rest/profile", json={"auth": "guessed"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_a_refresh_token_serves_once_and_180_days(world: World, pair: Pair, token: Token, sandbox: str) -> None:
    """settings/oauth/auto-renewal.md: each refresh gives a new one."""
    world.clock.advance(180 * DAY - 1)
    renewed = token("refresh_token", refresh_token=pair.refresh_token).json()
    assert renewed["expires"] == int(world.clock.now().timestamp()) + 3600
    assert httpx.post(f"{sandbox}/rest/profile", json={"auth": renewed["access_token"]}).status_code == 200
    assert token("refresh_token", refresh_token=pair.refresh_token).json() == {"error": "invalid_grant"}
    world.clock.advance(180 * DAY)
    assert token("refresh_token", refresh_token=renewed["refresh_token"]).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize("serves_once", [True, False])
@pytest.mark.parametrize("ends", [True, False])
def test_what_a_refresh_does_to_the_old_pair_is_a_switch(
    world: World, sandbox: str, pair: Pair, token: Token, serves_once: bool, ends: bool
) -> None:
    """Not documented, so both may be true of a real portal."""
    world.portal.config.refresh_token_serves_once = serves_once
    world.portal.config.refresh_ends_access_token = ends
    token("refresh_token", refresh_token=pair.refresh_token)
    again = token("refresh_token", refresh_token=pair.refresh_token)
    called = httpx.post(f"{sandbox}/rest/profile", json={"auth": pair.access_token})
    assert (again.status_code == 200) is not serves_once
    assert (called.status_code == 200) is not ends


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_id": "local.other"}, 200, "WRONG_CLIENT"),
        ({"client_secret": "guessed"}, 400, "invalid_client"),
        ({"refresh_token": "guessed"}, 400, "invalid_grant"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "invalid_request"),
    ],
)
def test_a_wrong_request_is_refused(pair: Pair, token: Token, changed: dict[str, str], status: int, error: str) -> None:
    """settings/oauth/error-codes.md; the statuses were seen by b24pysdk, among them 200 for a refusal."""
    sent = {"grant_type": "refresh_token", "refresh_token": pair.refresh_token, **changed}
    answer = token(sent.pop("grant_type"), **sent)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_tokens_of_another_application_are_worthless(world: World, pair: Pair, token: Token) -> None:
    other = world.portal.applications.install("local.other", "other-secret")
    foreign = world.portal.applications.open(other, user_id=1).refresh_token
    assert token("refresh_token", refresh_token=foreign).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("standing", "refused", "called"),
    [
        ({"installed": False}, (401, "NOT_INSTALLED"), (401, "APPLICATION_NOT_FOUND")),
        ({"paid": False}, (401, "PAYMENT_REQUIRED"), (401, "PAYMENT_REQUIRED")),
    ],
)
def test_an_application_may_lose_its_standing(
    sandbox: str, pair: Pair, token: Token, standing: dict[str, bool], refused: tuple[int, str], called: tuple[int, str]
) -> None:
    """Removed from the portal, or not paid for: neither server serves it any more (b24pysdk's errors)."""
    httpx.post(f"{sandbox}/_sandbox/application/standing", json=standing).raise_for_status()
    renewal = token("refresh_token", refresh_token=pair.refresh_token)
    call = httpx.post(f"{sandbox}/rest/profile", json={"auth": pair.access_token})
    assert (renewal.status_code, renewal.json()["error"]) == refused
    assert (call.status_code, call.json()["error"]) == called


def test_a_dismissed_person_lets_nobody_in(world: World, sandbox: str) -> None:
    """authorization_error as live portals gave it (b24pysdk)."""
    pair = world.portal.applications.open(world.portal.applications.install(), user_id=3)
    former = world.portal.users[3]
    world.portal.users[3] = type(former)(3, former.name, former.last_name, former.email, active=False)
    answer = httpx.post(f"{sandbox}/rest/profile", json={"auth": pair.access_token})
    assert (answer.status_code, answer.json()["error"]) == (401, "authorization_error")


def test_an_application_has_scopes_of_its_own(world: World, sandbox: str) -> None:
    """scopes/permissions.md: the portal's webhook may do more."""
    pair = world.portal.applications.open(world.portal.applications.install(scopes=("im",)), user_id=1)
    answer = httpx.post(f"{sandbox}/rest/crm.contact.list", json={"auth": pair.access_token}).json()
    assert answer["error_description"] == "The request requires higher privileges than provided by the access token"
    assert httpx.post(f"{sandbox}/rest/scope", json={"auth": pair.access_token}).json()["result"] == ["im"]


def test_an_application_may_bind_events(world: World, sandbox: str, pair: Pair) -> None:
    """events/event-bind.md, event-get.md, event-unbind.md: what is closed to a webhook is open here, in a batch too."""

    def call(method: str, **params: Any) -> Any:
        return httpx.post(f"{sandbox}/rest/{method}", json={**params, "auth": pair.access_token}).json()["result"]

    bound = {"event": "ONCRMCONTACTADD", "handler": "https://hooks.example.org/"}
    assert call("event.bind", **bound) is True
    assert [hook.url for hook in world.portal.hooks.configured] == ["https://hooks.example.org/"]
    assert call("batch", cmd={"a": "event.get"})["result"]["a"][0]["handler"] == "https://hooks.example.org/"
    assert call("event.unbind", **bound) == {"count": 1}
    assert world.portal.hooks.configured == []


def test_the_control_addresses_install_open_and_count(sandbox: str, token: Token) -> None:
    """`/_sandbox/application`: for tests and people without a hand inside; it shows counts and no tokens."""
    control = f"{sandbox}/_sandbox/application"
    assert httpx.post(f"{control}/open").status_code == 400
    httpx.post(control, json={"scopes": ["crm"]}).raise_for_status()
    opened = httpx.post(f"{control}/open", json={"user_id": 2}).json()
    assert httpx.post(f"{sandbox}/rest/profile", json={"auth": opened["AUTH_ID"]}).json()["result"]["ID"] == "2"
    token("refresh_token", refresh_token=opened["REFRESH_ID"])
    token("refresh_token", refresh_token=opened["REFRESH_ID"])
    token("authorization_code", code=httpx.post(f"{control}/authorize").json()["code"])
    shown = httpx.get(control).json()
    assert shown["counts"] == {"authorization_code": 1, "invalid_grant": 1, "refresh_token": 1}
    assert shown["applications"] == [
        {"client_id": APPLICATION_ID, "scopes": ["crm"], "installed": True, "paid": True},
    ]
    assert httpx.get(f"{sandbox}/_sandbox/counters").json()["by_method"]["oauth/token refresh_token"] == 2
