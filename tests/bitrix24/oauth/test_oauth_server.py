"""Asking the authorization server: codes, refusals, and whom the secret is shown to."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from backoffice.bitrix24.errors import AccessDenied, PortalError, RequestRefused
from backoffice.bitrix24.oauth import Application, AuthorizationServer, oauth_origin
from backoffice.sandbox.bitrix24 import applications
from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET
from backoffice.sandbox.bitrix24.hooks import MEMBER_ID
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire, WorldClock
    from tests.bitrix24.oauth.conftest import Purse

GRANTED = {
    "access_token": "a",
    "refresh_token": "r",
    "member_id": "m",
    "client_endpoint": "https://portal.bitrix24.ru/rest/",
    "expires_in": 3600,
}


def test_a_code_becomes_a_grant(
    server: AuthorizationServer, world: World, application: applications.Application, sandbox: str
) -> None:
    """settings/oauth/index.md: the tokens, and where the portal is."""
    grant = server.exchange(world.portal.applications.authorize(application, user_id=1))
    assert (grant.member_id, grant.client_endpoint) == (MEMBER_ID, f"{sandbox}/rest/")
    assert grant.domain == httpx.URL(sandbox).netloc.decode()
    assert grant.expires_at == datetime.fromtimestamp(world.clock.now().timestamp() + 3600, UTC)
    called = httpx.post(f"{sandbox}/rest/profile", json={"auth": grant.access_token})
    assert called.json()["result"]["ID"] == "1"


def test_a_late_code_says_what_to_do(
    server: AuthorizationServer, world: World, application: applications.Application
) -> None:
    code = world.portal.applications.authorize(application, user_id=1)
    world.clock.advance(30)
    with pytest.raises(AccessDenied, match=r"invalid_grant.*старше 30 секунд.*deployments.let_in"):
        server.exchange(code)


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"client_id": "other"}, "WRONG_CLIENT: проверьте BITRIX24_CLIENT_ID"),
        ({"client_secret": "guessed"}, "invalid_client: проверьте BITRIX24_CLIENT_SECRET"),
        ({"installed": False}, "NOT_INSTALLED: приложение удалено"),
        ({"paid": False}, "PAYMENT_REQUIRED: оплатите"),
        ({"refresh_token": "guessed"}, "invalid_grant: .*python -m deployments.let_in"),
    ],
)
def test_a_refusal_says_what_an_administrator_has_to_do(
    world: World,
    sandbox: str,
    application: applications.Application,
    purse: "Purse",
    change: dict[str, Any],
    advice: str,
) -> None:
    """Each is useless to repeat, WRONG_CLIENT with its status 200 among them."""
    application.installed, application.paid = change.get("installed", True), change.get("paid", True)
    card = Application(change.get("client_id", APPLICATION_ID), change.get("client_secret", APPLICATION_SECRET))
    server = AuthorizationServer(card, sandbox)
    with pytest.raises(AccessDenied, match=advice):
        server.refresh(change.get("refresh_token", purse.refresh_token))


def test_a_refusal_is_not_quoted(server: AuthorizationServer, wire: "Wire") -> None:
    """A server that repeats what it was sent does not bring the secret into our errors."""
    wire.plan(wire.answers(400, {"error": "odd", "error_description": f"bad client_secret={APPLICATION_SECRET}"}))
    with pytest.raises(RequestRefused, match=r"refresh_token at .*: odd") as refused:
        server.refresh("r3fresh")
    assert APPLICATION_SECRET not in f"{refused.value!r} {vars(refused.value)}"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {**GRANTED, "refresh_token": None, "expires_in": "soon"},
        {**GRANTED, "client_endpoint": "http://portal.bitrix24.ru/rest/"},
        {**GRANTED, "client_endpoint": "ftp://portal.bitrix24.ru/rest/"},
        {**GRANTED, "client_endpoint": ""},
    ],
    ids=["empty", "no time", "off https", "no web", "nowhere"],
)
def test_an_answer_that_is_no_grant_is_an_error(clock: "WorldClock", wire: "Wire", answer: dict[str, Any]) -> None:
    """No portal is addressed that the answer does not name properly: a token goes nowhere without encryption."""
    card = Application(APPLICATION_ID, APPLICATION_SECRET)
    server = AuthorizationServer(card, "https://oauth.bitrix.info", clock=clock, transport=wire)
    wire.plan(wire.answers(200, answer))
    with pytest.raises(PortalError, match="the answer"):
        server.refresh("r3fresh")


def test_the_only_documented_form_is_used(server: AuthorizationServer, wire: "Wire", purse: "Purse") -> None:
    """settings/oauth/auto-renewal.md: a GET with four parameters in the query."""
    server.refresh(purse.refresh_token)
    assert wire.sent[0].method == "GET"
    assert wire.sent[0].url.path == "/oauth/token/"
    assert dict(wire.sent[0].url.params) == {
        "grant_type": "refresh_token",
        "client_id": APPLICATION_ID,
        "client_secret": APPLICATION_SECRET,
        "refresh_token": purse.refresh_token,
    }


@pytest.mark.parametrize(
    ("configured", "server_endpoint", "origin"),
    [
        (None, "", "https://oauth.bitrix.info"),
        (None, "https://oauth.bitrix24.tech/rest/", "https://oauth.bitrix24.tech"),
        (None, "https://oauth.bitrix.info/rest/", "https://oauth.bitrix.info"),
        (None, "http://oauth.bitrix.info/rest/", "https://oauth.bitrix.info"),
        (None, "https://evil.example/rest/", "https://oauth.bitrix.info"),
        (None, "https://oauth.bitrix.info@evil.example/", "https://oauth.bitrix.info"),
        ("oauth.bitrix24.tech", "https://oauth.bitrix.info/rest/", "https://oauth.bitrix24.tech"),
        ("http://127.0.0.1:8024", "https://oauth.bitrix.info/rest/", "http://127.0.0.1:8024"),
        ("https://own.example/", "", "https://own.example"),
    ],
)
def test_the_secret_goes_to_the_configured_host_or_to_bitrix24(
    configured: str | None, server_endpoint: str, origin: str
) -> None:
    """Whatever a portal names as its authorization server."""
    assert oauth_origin(configured, server_endpoint) == origin


@pytest.mark.parametrize("configured", ["https://", "ftp://own.example", "own.example/path", "me@own.example"])
def test_what_is_no_host_is_refused(configured: str) -> None:
    with pytest.raises(ValueError, match="BITRIX24_OAUTH_HOST"):
        oauth_origin(configured)


def test_a_redirect_of_the_authorization_server_is_not_followed(
    server: AuthorizationServer, wire: "Wire", purse: "Purse"
) -> None:
    """The secret is sent to one host."""
    wire.plan(wire.answers(302, "", Location="https://evil.example/oauth/token/"))
    with pytest.raises(PortalError, match="HTTP 302"):
        server.refresh(purse.refresh_token)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("fails", ["no_connection", "cut_before"])
def test_no_answer_means_later(server: AuthorizationServer, wire: "Wire", purse: "Purse", fails: str) -> None:
    mishap: Callable[[httpx.Request], httpx.Response] = getattr(wire, fails)
    wire.plan(mishap)
    with pytest.raises(PortalError, match="no answer"):
        server.refresh(purse.refresh_token)
    assert server.refresh(purse.refresh_token).access_token
