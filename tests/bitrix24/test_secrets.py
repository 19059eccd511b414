"""The webhook's secret and people's addresses stand in no log line, no exception and no repr."""

import copy
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts_by_email import contacts_by_email
from backoffice.bitrix24.errors import (
    AmbiguousWrite,
    BatchFailed,
    NotSent,
    PortalError,
    RequestRefused,
)
from backoffice.bitrix24.transport import read_webhook
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET
from backoffice.sandbox.world import World
from backoffice.settings import Settings

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

ADDED = {"fields": {"NAME": "Анна", "ORIGIN_ID": "one"}}
ADDRESS = "anna.petrova@example.org"
TOKEN, HOOK, PASSWORD = "timepad-token", "hook-secret", "database-password"


class Heard(logging.Handler):
    """Everything that any logger says, with its exceptions."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n"


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Every logger that exists speaks at DEBUG, as an administrator in search of a mistake would have it."""
    handler, root = Heard(), logging.getLogger()
    spoke = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "backoffice", "uvicorn.access")}
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name in ("httpx", "httpcore", "backoffice"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)
    for name, before in spoke.items():
        logging.getLogger(name).setLevel(before)


def _failure(portal: Portal, method: str = "crm.contact.add") -> PortalError:
    with pytest.raises(PortalError) as raised:
        portal.call(method, **(ADDED if method.endswith("add") else {}))
    return raised.value


def _told(error: BaseException) -> str:
    """Everything that can be shown of an exception, with all that it came from."""
    shown = [str(error), repr(error), "".join(traceback.format_exception(error)), repr(vars(error))]
    origin = error.__cause__ or error.__context__
    return "\n".join([*shown, _told(origin)] if origin else shown)


@pytest.mark.parametrize(
    "mishap", ["cut_before", "cut_after", "no_connection", "page", "refused", "busy", "moved", "in a circle"]
)
def test_no_failure_tells_the_secret(
    new_portal: Callable[..., Portal], wire: "Wire", heard: Heard, webhook_url: str, world: World, mishap: str
) -> None:
    """Every way a call can fail, with all loggers at DEBUG: neither the log nor the exception has it."""
    path = webhook_url.split("/rest/")[1]
    moved = f"http://localhost:1/rest/{path}crm.contact.add.json"
    world.portal.config.bucket_size = 0 if mishap == "busy" else 50
    plans = {
        "page": wire.answers(502, f"<html>{webhook_url}</html>"),
        "refused": wire.answers(400, {"error": "", "error_description": "no"}),
        "moved": wire.answers(302, "", Location=moved),
        "in a circle": wire.answers(302, "", Location=f"{webhook_url}crm.contact.add.json"),
        "busy": wire.through,
    }
    planned = plans.get(mishap) or getattr(wire, mishap)
    wire.plan(planned, planned)
    portal = new_portal()
    told = _told(_failure(portal)) + heard.text + repr(portal) + repr(vars(portal))
    assert "crm.contact.add" in told
    assert WEBHOOK_SECRET not in told


def test_a_connection_of_its_own_tells_no_secret(
    world: World, webhook_url: str, heard: Heard, new_portal: Callable[..., Portal]
) -> None:
    """The real transport, with the log of the connection itself: what it logs of requests and answers has no path."""
    portal = new_portal(transport=None)
    portal.call("crm.contact.add", **ADDED)
    error = _failure(portal, "crm.contact.ad")
    assert "httpcore" in {name.split(".")[0] for name in logging.root.manager.loggerDict}
    assert "HTTP Request: POST" in heard.text
    assert "receive_response_headers" in heard.text
    assert WEBHOOK_SECRET not in heard.text + _told(error)


def test_a_redirect_in_the_log_of_the_connection_has_no_secret(webhook_url: str, heard: Heard) -> None:
    """The Location of a renamed portal repeats the secret path, and httpcore logs the headers of answers."""
    secret_path = webhook_url[webhook_url.index("/rest/") :]
    location = f"https://new.example.org{secret_path}profile.json"
    headers = [(b"Location", location.encode())]
    logging.getLogger("httpcore.http11").debug("receive_response_headers.complete return_value=%r", headers)
    logging.getLogger("httpcore.http11").debug(f"receive_response_headers.complete return_value={headers!r}")
    assert "/rest/1/***/profile.json" in heard.text
    assert WEBHOOK_SECRET not in heard.text


def test_a_wrong_secret_is_refused_without_repeating_it(
    new_portal: Callable[..., Portal], webhook_url: str, heard: Heard
) -> None:
    """Access denied, and the wrong secret is as secret as the right one."""
    error = _failure(new_portal(url=webhook_url.replace(WEBHOOK_SECRET, "wr0ng-secret")))
    assert "INVALID_CREDENTIALS" in str(error)
    assert "проверьте BITRIX24_WEBHOOK_URL" in str(error)
    assert "wr0ng-secret" not in _told(error) + heard.text


def test_a_failed_search_does_not_tell_whom_it_was_for(portal: Portal, wire: "Wire", heard: Heard) -> None:
    """A batch that fails names its items; the addresses searched for are not among them."""
    refused = {"result": {"result": [], "result_error": {"c_000": {"error": "", "error_description": "no"}}}}
    wire.plan(wire.answers(200, refused))
    with pytest.raises(BatchFailed) as failed:
        contacts_by_email(portal, [ADDRESS])
    assert ADDRESS not in _told(failed.value) + heard.text


def test_what_is_set_is_not_shown(monkeypatch: pytest.MonkeyPatch, webhook_url: str) -> None:
    """The settings' repr, and that of a webhook: where it points to, no secret, token or password."""
    monkeypatch.setenv("BITRIX24_WEBHOOK_URL", webhook_url)
    monkeypatch.setenv("TIMEPAD_TOKEN", TOKEN)
    monkeypatch.setenv("TIMEPAD_WEBHOOK_SECRET", HOOK)
    monkeypatch.setenv("BITRIX24_HOOK_SECRET", HOOK)
    monkeypatch.setenv("BITRIX24_APPLICATION_TOKEN", HOOK)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://backoffice:{PASSWORD}@db/backoffice")
    settings, webhook = Settings(), read_webhook(webhook_url)
    shown = f"{settings!r} {settings} {webhook!r} {webhook}"
    assert not [secret for secret in (WEBHOOK_SECRET, TOKEN, HOOK, PASSWORD) if secret in shown]
    assert webhook.host in shown


def test_errors_survive_a_copy() -> None:
    """Whoever keeps an error in another process or on disk gets the same error back."""
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    errors: list[PortalError] = [
        NotSent("not sent", wait=3.0),
        AmbiguousWrite("cut", sent_at=moment),
        RequestRefused("m: 100: no", code="100", description="no"),
    ]
    errors.append(BatchFailed("m", [("item", error) for error in errors], 7))
    for error in errors:
        for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301 - our own object
            assert type(again) is type(error)
            assert str(again) == str(error)
            assert repr(vars(again)) == repr(vars(error))
