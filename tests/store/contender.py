"""One of several processes that do the same to one store at the same moment; prints what it got as JSON."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine

from backoffice.store.effects import claim, retake
from backoffice.store.engine import open_engine, upgrade
from backoffice.store.portal_budget import SharedBudget

MOMENT = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
KEYS = [f"300100:{number}" for number in range(100)]


def claim_all(engine: Engine) -> list[str]:
    return sorted(claim(engine, "portal", "contact", dict.fromkeys(KEYS, "origin"), MOMENT).fresh)


def retake_all(engine: Engine) -> list[str]:
    return sorted(retake(engine, "portal", "contact", dict.fromkeys(KEYS, MOMENT), MOMENT))


def take_places(engine: Engine) -> list[float]:
    """The moments at which this process may send, booked as fast as it can."""
    asked: list[float] = []

    def clock() -> float:
        asked.append(time.time())
        return asked[-1]

    budget = SharedBudget(engine, "portal", size=10, drain_per_second=200, clock=clock)
    places = []
    for _ in range(50):
        wait = budget.take()
        places.append(asked[-1] + wait)
    return places


CONTESTS: dict[str, Callable[[Engine], object]] = {
    "claim": claim_all,
    "retake": retake_all,
    "take": take_places,
    "upgrade": upgrade,
}


def main() -> None:
    engine = open_engine(sys.argv[1])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    json.dump(CONTESTS[sys.argv[2]](engine), sys.stdout)


if __name__ == "__main__":
    main()
