"""`make bench BENCH=lanes`: three long bulks and webhook-driven runs on one sandbox for a minute, in real time.

Every bulk is a process of its own, cut into tasks as a flow cuts it; 5,000 rows would take it longer than the minute.
The exit code is not 0 if a promise was broken.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median, quantiles

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.lanes import Lanes
from backoffice.bitrix24.transport import read_webhook
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.server import running
from backoffice.sandbox.world import World, new_world
from backoffice.store.engine import open_engine, upgrade
from backoffice.store.portal_budget import SharedBudget

PROCESSES = 3
TASK_ROWS = 100
RUNS_EVERY_SECONDS = 3.0
CALLS_OF_A_RUN = 3
SIZE, DRAIN = 50.0, 2.0
START_SECONDS = 8.0
FIRST_CALL_SECONDS, USED = 3.0, 0.9
LEAST_SHARE = 0.8
"""Of an equal one: the burst at the start goes to whoever the machine lets run first."""


@contextmanager
def client(webhook: str, database: str, lanes: Lanes) -> Iterator[Portal]:
    """A client as `connections` makes it."""
    engine = open_engine(database)
    access = read_webhook(webhook)
    portal = Portal(access, SharedBudget(engine, access.host, SIZE, DRAIN), lanes=lanes)
    try:
        yield portal
    finally:
        portal.close()
        engine.dispose()


def bulk(webhook: str, database: str, start: float, until: float) -> int:
    """The rows that one process got through: task after task, from a start common to all until the time is over."""
    lanes, rows = Lanes(), 0
    time.sleep(max(0.0, start - time.time()))
    while True:
        with client(webhook, database, lanes) as portal:
            for _ in range(TASK_ROWS // 50):
                if time.time() >= until:
                    return rows
                page = [Command("crm.contact.get", {"id": row}, row) for row in range(1, 51)]
                rows += len(portal.batch(page).values())


def webhook_runs(webhook: str, database: str, until: float) -> list[float]:
    """The seconds after which each run, starting at a random moment, had the answer to its first call."""
    chance, seconds = random.Random(3), []  # noqa: S311 moments of arrival, the same every time
    while time.time() + RUNS_EVERY_SECONDS < until:
        time.sleep(chance.uniform(0.5, 1.5) * RUNS_EVERY_SECONDS - 1.0)
        with client(webhook, database, Lanes()) as portal:
            start = time.monotonic()
            portal.call("server.time")
            seconds.append(time.monotonic() - start)
            for _ in range(CALLS_OF_A_RUN - 1):
                portal.call("crm.contact.get", id=1)
    return seconds


def filled(world: World, base_url: str) -> str:
    """The webhook of a portal with fifty contacts, nothing of whose making is left in its bucket."""
    webhook = f"{base_url}/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/"
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/store.db"
        upgrade(open_engine(database))
        with client(webhook, database, Lanes()) as portal:
            portal.batch([Command("crm.contact.add", {"fields": {"NAME": "Анна"}}, row) for row in range(50)]).values()
    world.clock.advance(600)
    world.log.reset_counters()
    return webhook


@dataclass
class Minute:
    """What was seen: seconds until first calls were answered, the rows of each bulk, requests."""

    seconds: float
    first_calls: list[float]
    rows: list[int]
    sent: int
    refused: int

    @property
    def permitted(self) -> float:
        return SIZE + DRAIN * self.seconds

    @property
    def p95(self) -> float:
        return quantiles(self.first_calls, n=20, method="inclusive")[-1]

    def lines(self) -> Iterator[tuple[str, str]]:
        calls = self.first_calls
        yield "first call of a run", f"median {median(calls):.2f} s, p95 {self.p95:.2f} s, longest {max(calls):.2f} s"
        yield "rows of each bulk", ", ".join(map(str, sorted(self.rows)))
        share = f"{self.sent / self.permitted:.0%}"
        yield "requests", f"{self.sent} of {self.permitted:.0f} permitted ({share}), {self.refused} refused"

    def promises(self) -> Iterator[tuple[str, str, bool]]:
        """Each with what came of it and whether it was kept."""
        share, used = min(self.rows) / mean(self.rows), self.sent / self.permitted
        waited = f"p95 of the first call of a short run: at most {FIRST_CALL_SECONDS:.0f} s"
        yield waited, f"{self.p95:.2f} s", self.p95 <= FIRST_CALL_SECONDS
        yield f"at least {USED:.0%} of the permitted requests used", f"{used:.0%}", used >= USED
        yield f"no bulk below {LEAST_SHARE:.0%} of an equal share", f"{share:.0%}", share >= LEAST_SHARE
        yield "none refused", str(self.refused), not self.refused


def measure(seconds: float, database: str) -> Minute:
    """Play."""
    upgrade(open_engine(database))
    world = new_world()
    with running(world) as base_url:
        webhook = filled(world, base_url)
        start = time.time() + START_SECONDS
        until = start + seconds
        work = ["--bulk", str(start), str(until), "--webhook", webhook]
        command = [sys.executable, __file__, *work, "--database", database]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]  # noqa: S603 our own program
        time.sleep(max(0.0, start - time.time()))
        first_calls = webhook_runs(webhook, database, until)
        rows = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
        counters = world.log.counters()
    return Minute(seconds, first_calls, rows, counters["portal_requests"], counters["rejected"]["503"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", help="for example postgresql://postgres@127.0.0.1/postgres; else SQLite")
    parser.add_argument("--bulk", type=float, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--webhook", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.bulk:
        json.dump(bulk(given.webhook, given.database, *given.bulk), sys.stdout)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        minute = measure(given.seconds, given.database or f"sqlite:///{Path(folder) / 'store.db'}")
    for what, value in minute.lines():
        sys.stdout.write(f"{what:<22}{value}\n")
    kept = all(met for _, _, met in minute.promises())
    sys.stdout.write("every promise kept\n" if kept else "a promise was BROKEN\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
