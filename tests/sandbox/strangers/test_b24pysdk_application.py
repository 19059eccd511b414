"""b24pysdk as an application of the portal; only the host of its authorization server is another.

The SDK has that host as a constant, and no setting for it.
"""

from urllib.parse import urlsplit

import pytest
from b24pysdk import BitrixApp, BitrixToken, Client
from b24pysdk import errors as sdk_errors
from b24pysdk.api.requesters.bitrix_oauth_requester import BitrixOAuthRequester
from b24pysdk.credentials.auth import RenewedOAuth
from b24pysdk.errors import oauth as oauth_errors

from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET, WEBHOOK_USER
from backoffice.sandbox.certificates import Certificates
from backoffice.sandbox.world import World

HOUR = 3600


@pytest.fixture
def app(world: World, sandbox: str, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> BitrixApp:
    """The application, installed in the portal."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.authority))
    monkeypatch.setattr(BitrixOAuthRequester, "_OAUTH_TOKEN_URL", f"{sandbox}/oauth/token/")
    world.portal.applications.install()
    return BitrixApp(client_id=APPLICATION_ID, client_secret=APPLICATION_SECRET)


@pytest.fixture
def granted(world: World, app: BitrixApp) -> RenewedOAuth:
    """What the SDK made of the code that a browser brought."""
    applications = world.portal.applications
    return app.get_oauth_token(applications.authorize(applications.known[APPLICATION_ID], WEBHOOK_USER))


@pytest.fixture
def token(sandbox: str, app: BitrixApp, granted: RenewedOAuth) -> BitrixToken:
    """Tokens as an application keeps them; the SDK is not told when they end, so that the portal tells it."""
    pair = granted.oauth_token
    return BitrixToken(
        domain=urlsplit(sandbox).netloc,
        auth_token=pair.access_token,
        refresh_token=pair.refresh_token,
        bitrix_app=app,
    )


def test_a_code_becomes_tokens_that_work(world: World, token: BitrixToken) -> None:
    """settings/oauth/index.md; the call carries `auth` in its JSON body."""
    assert Client(token).crm.contact.add(fields={"NAME": "Анна"}).result == 1
    assert [item.values["NAME"] for item in world.portal.crm.tables["CONTACT"]] == ["Анна"]


def test_an_expired_token_is_refreshed_once_and_the_call_repeated(world: World, token: BitrixToken) -> None:
    """settings/oauth/auto-renewal.md: 401 expired_token, a new pair, the contact is there once."""
    before = token.auth_token, token.refresh_token
    world.clock.advance(HOUR + 1)
    assert Client(token).crm.contact.add(fields={"NAME": "Анна"}).result == 1
    assert len(world.portal.crm.tables["CONTACT"]) == 1
    assert world.portal.applications.counts["refresh_token"] == 1
    assert not set(before) & {token.auth_token, token.refresh_token}


def test_an_application_lists_and_batches_as_a_webhook_does(world: World, token: BitrixToken) -> None:
    """120 additions and a listing of them: `auth` goes beside `cmd`, once for the whole batch."""
    added = [("crm.company.add", {"fields": {"TITLE": f"Имя {n}"}}) for n in range(120)]
    assert token.call_batches(methods=added)["result"]["result_error"] == {}
    rows = list(token.call_list_fast(api_method="crm.company.list", params={"select": ["TITLE"]})["result"])
    assert {row["TITLE"] for row in rows} == {f"Имя {n}" for n in range(120)}


def test_a_code_serves_thirty_seconds(world: World, app: BitrixApp) -> None:
    """settings/oauth/index.md."""
    applications = world.portal.applications
    code = applications.authorize(applications.known[APPLICATION_ID], WEBHOOK_USER)
    world.clock.advance(31)
    with pytest.raises(oauth_errors.BitrixOAuthInvalidGrant):
        app.get_oauth_token(code)


def test_an_unknown_application_is_told_so_with_200(app: BitrixApp) -> None:
    """WRONG_CLIENT comes with status 200: seen by the SDK on live portals."""
    with pytest.raises(oauth_errors.BitrixOauthWrongClient):
        BitrixApp(client_id="local.unknown", client_secret=APPLICATION_SECRET).get_oauth_token("code")


def test_a_wrong_application_secret_is_refused(app: BitrixApp) -> None:
    """settings/oauth/error-codes.md: invalid_client."""
    with pytest.raises(oauth_errors.BitrixOAuthInvalidClient):
        BitrixApp(client_id=APPLICATION_ID, client_secret="wrong").get_oauth_token("code")


def test_an_invented_token_is_refused(sandbox: str, app: BitrixApp) -> None:
    """401 invalid_token."""
    stranger = BitrixToken(domain=urlsplit(sandbox).netloc, auth_token="invented", bitrix_app=app)
    with pytest.raises(sdk_errors.BitrixAPIInvalidToken):
        stranger.call_method(api_method="profile")
