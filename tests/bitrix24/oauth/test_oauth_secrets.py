"""No token, code or secret of an application stands in a log line, an exception or a repr."""

import logging
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from backoffice.bitrix24.application import Installation
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import PortalError
from backoffice.bitrix24.oauth import Application, AuthorizationServer
from backoffice.sandbox.bitrix24 import applications
from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET
from backoffice.sandbox.world import World
from backoffice.settings import Settings

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire
    from tests.bitrix24.oauth.conftest import Purse

HOUR = 3600


def _told(error: BaseException | None) -> str:
    """Everything that can be shown of an exception, with all that it came from."""
    if error is None:
        return ""
    shown = [str(error), repr(error), "".join(traceback.format_exception(error)), repr(vars(error))]
    return "\n".join(shown) + _told(error.__cause__) + _told(error.__context__)


def _hidden(text: str, *secrets: str) -> bool:
    return not [secret for secret in (APPLICATION_SECRET, *secrets) if secret in text]


def test_a_life_of_tokens_leaves_no_trace_in_the_log(
    world: World,
    sandbox: str,
    application: applications.Application,
    as_application: Callable[..., Portal],
    purse: "Purse",
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Code, call, expiry, refresh, call, with real connections and every logger at DEBUG."""
    caplog.set_level(logging.DEBUG)
    server = AuthorizationServer(Application(APPLICATION_ID, APPLICATION_SECRET), sandbox)
    code = world.portal.applications.authorize(application, user_id=1)
    grant = server.exchange(code)
    purse.access_token, purse.refresh_token = old = grant.access_token, grant.refresh_token
    portal = as_application(transport=None)
    portal.call("profile")
    world.clock.advance(HOUR)
    portal.call("crm.contact.add", fields={"NAME": "Анна"})
    portal.close()
    assert "/oauth/token/" in caplog.text
    assert "receive_response_headers" in caplog.text
    assert _hidden(caplog.text, code, *old, purse.access_token, purse.refresh_token)


@pytest.mark.parametrize("mishap", ["refused", "cut_before", "no_connection", "page", "echo", "moved", "lost"])
def test_no_failure_tells_a_token(
    world: World, portal: Portal, purse: "Purse", wire: "Wire", caplog: pytest.LogCaptureFixture, mishap: str
) -> None:
    """Every way a refresh or a call after it can fail: neither the log nor the exception has a secret."""
    caplog.set_level(logging.DEBUG)
    query = f"client_secret={APPLICATION_SECRET}&refresh_token={purse.refresh_token}"
    old = purse.access_token, purse.refresh_token
    plans: dict[str, list[Callable[[httpx.Request], httpx.Response]]] = {
        "refused": [wire.answers(400, {"error": "invalid_grant", "error_description": query})],
        "page": [wire.answers(502, f"<html>{query}</html>")],
        "echo": [wire.answers(200, {"error": query.replace("=", " ")})],
        "moved": [wire.answers(302, "", Location=f"https://evil.example/oauth/token/?{query}")],
        "lost": [wire.through, wire.cut_after],
    }
    world.clock.advance(HOUR)
    wire.plan(wire.through, *(plans.get(mishap) or [getattr(wire, mishap)]))
    with pytest.raises(PortalError) as failed:
        portal.call("crm.contact.add", fields={"NAME": "Анна"})
    told = _told(failed.value) + caplog.text + repr(portal) + repr(vars(portal))
    assert _hidden(told, *old, purse.access_token, purse.refresh_token)


def test_a_redirect_in_the_log_of_the_connection_has_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """httpcore logs the headers of answers, and a Location repeats the query."""
    caplog.set_level(logging.DEBUG)
    location = (
        f"https://oauth.example/?grant_type=refresh_token&client_secret={APPLICATION_SECRET}&refresh_token=r3fresh"
    )
    logging.getLogger("httpcore.http11").debug("return_value=%r", [(b"Location", location.encode())])
    assert "client_secret=***&refresh_token=***" in caplog.text
    assert _hidden(caplog.text, "r3fresh")


def test_no_repr_shows_a_secret(purse: "Purse", monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, the application's card, the installation."""
    monkeypatch.setenv("BITRIX24_CLIENT_ID", APPLICATION_ID)
    monkeypatch.setenv("BITRIX24_CLIENT_SECRET", APPLICATION_SECRET)
    monkeypatch.setenv("TOKEN_KEY", "k3y")
    card = Application(APPLICATION_ID, APPLICATION_SECRET)
    installation = Installation("portal.example", "https://portal.example/rest/", purse)
    shown = f"{Settings()!r} {card!r} {installation!r} {AuthorizationServer(card, 'https://oauth.example')!r}"
    assert APPLICATION_ID in shown
    assert _hidden(shown, "k3y", purse.access_token, purse.refresh_token)
