"""`/leyka`: what a fund's site tells of its donations."""

import json
import logging
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from backoffice.gateway.app import Secrets
from backoffice.sandbox.leyka.recording import deliveries
from backoffice.store.counters import counters
from backoffice.store.inbox import count_parked, mark_handled, parked, pending, waiting

DELIVERIES = deliveries()
LARGE = b"x" * (256 * 1024 + 1)

# `sender` is conftest's Sender; test folders are no packages, so its type cannot be imported.
Sender = Any


def test_every_real_delivery_waits_once(sender: Sender, engine: Engine) -> None:
    """Doubled and in any order: a row each, with all that the site told."""
    sent = DELIVERIES * 2
    random.Random(1).shuffle(sent)  # noqa: S311 an order, not a secret
    assert {sender.donation(body).status_code for body in sent} == {200}
    rows = pending(engine, "leyka")
    assert sorted((row.body for row in rows), key=lambda body: int(body["seq"])) == DELIVERIES
    assert {row.subject for row in rows} == {f"https://fund.example.org {number}" for number in range(47, 52)}


def test_a_repeat_of_a_handled_event_is_no_news(sender: Sender, engine: Engine) -> None:
    """The site did not hear our answer and tells it again: taken, and nothing waits for it."""
    sender.donation(DELIVERIES[0])
    mark_handled(engine, [row.id for row in pending(engine, "leyka")], pending(engine, "leyka")[0].received_at)
    assert sender.donation(DELIVERIES[0]).status_code == 200
    assert waiting(engine) == []


ODD: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"seq=1", "тело: не JSON"),
    "no UTF-8": (b"\xff\x00", "тело: не JSON"),
    "deep": (b"[" * 100_000, "тело: не JSON"),
    "NaN": (b'{"schema": NaN}', "тело: не JSON"),
    "endless": (b'{"seq": 1e999}', "тело: не JSON"),
    "a list": (b"[]", "тело: не объект"),
    "another schema": (b'{"schema": 2}', "schema: не 1: плагин новее, чем эта программа"),
    "no sum": (json.dumps(DELIVERIES[0] | {"donation": {"id": 47}}).encode(), "donation.amount: нет"),
    "half a letter": (b'{"schema": 1, "site": "\\ud800"}', "donation_id: нет"),
}


@pytest.mark.parametrize(("raw", "reason"), ODD.values(), ids=ODD)
def test_what_is_authentic_and_unreadable_is_parked(sender: Sender, engine: Engine, raw: bytes, reason: str) -> None:
    """Taken, because the site's queue would stop at it; told, because somebody must look."""
    assert [sender.donation(raw).status_code for _ in range(2)] == [200, 200]
    assert waiting(engine) == []
    assert [row.reason for row in parked(engine)] == [reason]
    assert sender.http.get("/ready").json()["parked"] == {"leyka": 1}


REFUSED: dict[str, tuple[int, Callable[[Sender], httpx.Response]]] = {
    "no signature": (401, lambda s: s.http.post("/leyka", json=DELIVERIES[0])),
    "forged": (401, lambda s: s.donation(DELIVERIES[0], key="guessed")),
    "old": (401, lambda s: s.donation(DELIVERIES[0], late=310)),
    "from the future": (401, lambda s: s.donation(DELIVERIES[0], late=-310)),
    "another body": (401, lambda s: s.donation(DELIVERIES[0], **{"X-Leyka-Bridge-Signature": "t=1,v1=" + "0" * 64})),
    "oversized": (413, lambda s: s.donation(LARGE)),
    "a form": (415, lambda s: s.donation(b"seq=1", **{"Content-Type": "application/x-www-form-urlencoded"})),
}


@pytest.mark.parametrize(("status", "send"), REFUSED.values(), ids=REFUSED)
def test_a_refused_event_leaves_only_a_count(
    sender: Sender, engine: Engine, status: int, send: Callable[[Sender], httpx.Response]
) -> None:
    """A stranger is not told whether the key, the time or the body was wrong."""
    answer = send(sender)
    assert answer.status_code == status
    if status == 401:
        assert answer.json() == {"error": "the signature is not valid"}
    assert (waiting(engine), count_parked(engine)) == ([], {})
    assert counters(engine) == {f"leyka refused {status}": 1}


@pytest.mark.parametrize("empty", [None, ""])
def test_without_its_secret_it_accepts_nothing(
    serve: Callable[[Secrets], AbstractContextManager[Sender]], engine: Engine, empty: str | None
) -> None:
    """Not even what is signed with the empty one; the site keeps its events meanwhile."""
    with serve(replace(Secrets(timepad="hook-secret"), leyka=empty)) as sender:
        answer = sender.donation(DELIVERIES[0], key="")
    assert (answer.status_code, answer.json()["error"]) == (503, "LEYKA_SECRET is not set, so nothing can be verified")
    assert waiting(engine) == []


def test_an_outage_of_the_store_leaves_the_event_with_the_site(sender: Sender, engine: Engine) -> None:
    """503, and the same event is taken when the store is back."""
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbox RENAME TO away")
    assert sender.donation(DELIVERIES[0]).status_code == 503
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox")
    assert sender.donation(DELIVERIES[0]).status_code == 200
    assert len(pending(engine, "leyka")) == 1


def test_nothing_of_a_donation_is_logged(sender: Sender, caplog: pytest.LogCaptureFixture) -> None:
    """At the most talkative level."""
    with caplog.at_level(logging.DEBUG, logger="backoffice"):
        sender.donation(DELIVERIES[0])
        sender.donation(b"olga@example.org")
    text = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("backoffice"))
    assert not any(word in text for word in ("olga@example.org", "Кузнецова", "leyka-secret"))
