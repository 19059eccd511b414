"""One of several processes that do the same to one store at the same moment; prints what it got as JSON."""

import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import Engine

from backoffice.bitrix24.oauth import Application, AuthorizationServer
from backoffice.rules.donation_events import read_event
from backoffice.rules.sending import Draft
from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET
from backoffice.store import donation_changes, message_turns, messages
from backoffice.store.effects import claim, retake
from backoffice.store.engine import open_engine, upgrade
from backoffice.store.oauth_tokens import StoredTokens, installed
from backoffice.store.portal_budget import SharedBudget
from backoffice.store.sealing import Seal

MOMENT = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
KEYS = [f"300100:{number}" for number in range(100)]


def claim_all(engine: Engine) -> list[str]:
    return sorted(claim(engine, "portal", "contact", dict.fromkeys(KEYS, "origin"), MOMENT).fresh)


def retake_all(engine: Engine) -> list[str]:
    return sorted(retake(engine, "portal", "contact", dict.fromkeys(KEYS, MOMENT), MOMENT))


def claim_messages(engine: Engine, now: str) -> list[int]:
    """The messages that this process may send, of those that it queued if nobody had before."""
    moment = datetime.fromisoformat(now)
    drafts = [Draft("email", "lesson_reminders", key, "Занятие") for key in KEYS]
    rows = messages.enqueue(engine, "portal", drafts, moment)
    wanted = {row.id: row.releases for row in rows.values()}
    return sorted(message_turns.claim(engine, "portal", "smtp", str(os.getpid()), wanted, moment))


def apply_donations(engine: Engine, deliveries: str) -> list[tuple[str, int]]:
    """The donations that this process saw change; each process has an order of its own."""
    events = [read_event(json.loads(line)) for line in Path(deliveries).read_text().splitlines()]
    Random(os.getpid()).shuffle(events)  # noqa: S311 an order, not a secret
    portions = (events[start : start + 3] for start in range(0, len(events), 3))
    return [key for portion in portions for key in donation_changes.apply(engine, "portal", portion, MOMENT)]


def take_places(engine: Engine) -> list[float]:
    """The moments at which this process may send, booked as fast as it can."""
    asked: list[float] = []

    def clock() -> float:
        asked.append(time.time())
        return asked[-1]

    budget = SharedBudget(engine, "portal", size=10, drain_per_second=200, clock=clock)
    places = []
    for place in range(50):
        wait = budget.take(lane="bulk" if place % 3 else "live")
        places.append(asked[-1] + wait)
    return places


def refresh_tokens(engine: Engine, key: str, origin: str, used: str) -> list[str]:
    """The access tokens that two threads of this process have after both met an expired one."""
    portal = installed(engine)
    assert portal is not None
    server = AuthorizationServer(Application(APPLICATION_ID, APPLICATION_SECRET), origin)
    tokens = StoredTokens(engine, Seal(key), portal.member_id, server.refresh)
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(tokens.refreshed, [used, used]))


CONTESTS: dict[str, Callable[..., object]] = {
    "apply_donations": apply_donations,
    "claim": claim_all,
    "claim_messages": claim_messages,
    "refresh": refresh_tokens,
    "retake": retake_all,
    "take": take_places,
    "upgrade": upgrade,
}


def main() -> None:
    engine = open_engine(sys.argv[1])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    json.dump(CONTESTS[sys.argv[2]](engine, *sys.argv[3:]), sys.stdout)


if __name__ == "__main__":
    main()
