import logging
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from backoffice.gateway.app import Secrets
from backoffice.store.counters import counters
from backoffice.store.engine import reading
from backoffice.store.inbox import HANDLED, InboxRow, pending, waiting

# `sender` is conftest's Sender; test folders are no packages, so its type cannot be imported.
Sender = Any


def test_a_signed_hook_waits_in_the_inbox(sender: Sender, engine: Engine, ticket_change: dict[str, Any]) -> None:
    """2xx means stored: the row is there when the answer is."""
    assert sender.hook(ticket_change).status_code == 200
    [row] = pending(engine, "timepad")
    assert (row.subject, row.body["ticket_id"]) == ("300100", "7001")


def test_deliveries_doubled_and_reordered_are_one_row_each(sender: Sender, engine: Engine) -> None:
    """Every hook thrice, in any order: each stands once."""
    hooks = [{"event_id": 300100, "id": f"{ticket}:1", "order_id": "1"} for ticket in range(10)] * 3
    random.Random(1).shuffle(hooks)  # noqa: S311 an order, not a secret
    assert {sender.hook(hook).status_code for hook in hooks} == {200}
    assert sorted(row.body["ticket_id"] for row in pending(engine, "timepad")) == sorted(map(str, range(10)))


def test_an_event_of_the_portal_is_filed_as_handled(sender: Sender, engine: Engine) -> None:
    """No process listens yet: it is stored, once, and waits for nobody."""
    event = {"ts": "4102444800"}
    assert [sender.event(**event).status_code for _ in range(2)] == [200, 200]
    assert waiting(engine) == []
    assert _filed(engine) == [("ONCRMDEALUPDATE", {"FIELDS": {"ID": "662"}})]


JSON = {"Content-Type": "application/json"}
LARGE = b"x" * (256 * 1024 + 1)


def in_chunks() -> Iterator[bytes]:
    for _ in range(300):
        yield b" " * 1024


REFUSED_HOOKS: dict[str, tuple[int, Callable[[Sender], httpx.Response]]] = {
    "no signature": (401, lambda s: s.http.post("/timepad", json={"event_id": 300100})),
    "forged": (401, lambda s: s.hook({"event_id": 300100}, phrase="guessed")),
    "strange signature": (401, lambda s: s.hook({"event_id": 300100}, **{"X-Hub-Signature": "sha1=я"})),
    "oversized": (413, lambda s: s.hook(LARGE)),
    "oversized in chunks": (413, lambda s: s.http.post("/timepad", content=in_chunks(), headers=JSON)),
    "a form": (415, lambda s: s.hook(b"event_id=300100", **{"Content-Type": "application/x-www-form-urlencoded"})),
    "no content type": (415, lambda s: s.hook({"event_id": 300100}, **{"Content-Type": ""})),
    "no JSON": (400, lambda s: s.hook(b"event_id=300100")),
    "no event": (400, lambda s: s.hook({"order_id": "6100100"})),
}


@pytest.mark.parametrize(("status", "send"), REFUSED_HOOKS.values(), ids=REFUSED_HOOKS)
def test_a_refused_hook_leaves_only_a_count(
    sender: Sender, engine: Engine, status: int, send: Callable[[Sender], httpx.Response]
) -> None:
    """Forged, oversized, malformed or of the wrong type: the right status, and nothing stored but a counter."""
    assert send(sender).status_code == status
    assert waiting(engine) == []
    assert counters(engine) == {f"timepad refused {status}": 1}


def test_an_announced_excess_is_refused_unread(sender: Sender) -> None:
    """A request that says it is too large gets its answer before a byte of the body is sent."""
    address = (sender.http.base_url.host, sender.http.base_url.port)
    announced = f"Host: gateway\r\nContent-Type: application/json\r\nContent-Length: {len(LARGE)}"
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(f"POST /timepad HTTP/1.1\r\n{announced}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


REFUSED_EVENTS: dict[str, tuple[int, Callable[[Sender], httpx.Response]]] = {
    "wrong path": (404, lambda s: s.event(path="path-secreT")),
    "wrong path of another script": (404, lambda s: s.event(path="путь")),
    "wrong token": (403, lambda s: s.event(**{"auth[application_token]": "guessed"})),
    "stale": (403, lambda s: s.event(ts="1724140800")),
    "oversized": (413, lambda s: s.event(**{"data[FIELDS][X]": LARGE.decode()})),
    "JSON": (415, lambda s: s.http.post("/bitrix24/path-secret", json={})),
    "no event": (400, lambda s: s.event(ts="")),
}


@pytest.mark.parametrize(("status", "send"), REFUSED_EVENTS.values(), ids=REFUSED_EVENTS)
def test_a_refused_event_leaves_only_a_count(
    sender: Sender, engine: Engine, status: int, send: Callable[[Sender], httpx.Response]
) -> None:
    """What does not come from our portal, or is too old, large or odd, changes nothing."""
    assert send(sender).status_code == status
    assert _filed(engine) == []
    assert counters(engine) == {f"bitrix24 refused {status}": 1}


@pytest.mark.parametrize("missing", [{"timepad": None}, {"path": None}, {"application_token": None}, {"timepad": ""}])
def test_without_its_secret_a_route_accepts_nothing(
    serve: Callable[[Secrets], AbstractContextManager[Sender]], engine: Engine, missing: dict[str, str | None]
) -> None:
    """A gateway that cannot verify says which setting it lacks, and stores nothing; empty is missing."""
    with serve(Secrets(**{**{"timepad": "t", "application_token": "a", "path": "path-secret"}, **missing})) as sender:
        answer = sender.hook({"event_id": 300100}, phrase="") if "timepad" in missing else sender.event()
    assert answer.status_code == 503
    assert "is not set" in answer.json()["error"]
    assert waiting(engine) == []
    assert _filed(engine) == []


def test_an_answer_repeats_nothing_of_the_request(sender: Sender) -> None:
    """Neither what was sent nor what was expected stands in a refusal."""
    text = sender.event(path="guessed", event="<script>").text + sender.hook(b"<script>", phrase="guessed").text
    assert not any(word in text for word in ("guessed", "script", "path-secret", "hook-secret"))


def test_ready_tells_what_waits(sender: Sender, prefect: Any, eventually: Callable[..., None]) -> None:
    """The program is ready while Prefect is down: webhooks are stored, and the outage is told."""
    prefect.down = True
    sender.hook({"event_id": 300100})
    eventually(lambda: sender.http.get("/ready").json()["prefect"] == "unreachable")
    ready = sender.http.get("/ready")
    assert (ready.status_code, ready.json()["waiting"]) == (200, {"timepad": 1})
    assert sender.http.get("/health").json() == {"status": "ok"}


def test_ready_tells_which_secrets_are_empty(serve: Callable[[Secrets], AbstractContextManager[Sender]]) -> None:
    """By their variables; never what they are."""
    with serve(Secrets(timepad="", application_token="hush")) as sender:
        ready = sender.http.get("/ready")
    others = ("TIMEPAD_WEBHOOK_SECRET", "BITRIX24_HOOK_SECRET", "LEYKA_SECRET")
    told = dict.fromkeys(others, "empty") | {"BITRIX24_APPLICATION_TOKEN": "set"}
    assert (ready.status_code, ready.json()["secrets"]) == (200, told)
    assert "hush" not in ready.text


def test_ready_tells_that_starts_fail(sender: Sender, prefect: Any, eventually: Callable[..., None]) -> None:
    """The server answers, but makes no run: as when nothing is deployed."""
    prefect.loses_answers = True
    sender.hook({"event_id": 300100})
    eventually(lambda: sender.http.get("/ready").json()["prefect"].startswith("starts fail"))


def test_secrets_are_not_printed() -> None:
    """The secrets do not stand in the text of the object that carries them."""
    assert "secret" not in repr(Secrets(timepad="secret", application_token="secret", path="secret"))


def test_nothing_of_a_webhook_is_logged(
    sender: Sender, ticket_change: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """At the most talkative level the gateway's own log has no secret and no person in it."""
    with caplog.at_level(logging.DEBUG, logger="backoffice"):
        sender.hook(ticket_change)
        sender.event()
        sender.event(path="wrong")
    text = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("backoffice"))
    assert not any(word in text for word in ("secret", "token", "anna@example.org", "Иванова", "55512345"))


def _filed(engine: Engine) -> list[tuple[str, Any]]:
    with reading(engine) as session:
        rows = session.exec(select(InboxRow).where(InboxRow.state == HANDLED))
        return [(row.subject, row.body["data"]) for row in rows]
