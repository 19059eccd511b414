"""`make bench`: three long bulks and webhook-driven runs on one sandbox for a minute, in real time.

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


def measure(seconds: float, database: str) -> bool:
    """Play, print the figures, and tell whether every promise was kept."""
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
    sent, refused = counters["portal_requests"], counters["rejected"]["503"]
    permitted = SIZE + DRAIN * seconds
    p95 = quantiles(first_calls, n=20, method="inclusive")[-1]
    sys.stdout.write(
        f"{seconds:.0f} s, {PROCESSES} bulk processes, {len(first_calls)} webhook-driven runs\n"
        f"first call of a run   median {median(first_calls):.2f} s, p95 {p95:.2f} s, longest {max(first_calls):.2f} s\n"
        f"rows of each bulk     {', '.join(map(str, sorted(rows)))}\n"
        f"requests              {sent} of {permitted:.0f} permitted ({sent / permitted:.0%}), {refused} refused\n"
    )
    fair = min(rows) >= LEAST_SHARE * mean(rows)
    return p95 <= FIRST_CALL_SECONDS and sent >= USED * permitted and fair and not refused


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
        kept = measure(given.seconds, given.database or f"sqlite:///{Path(folder) / 'store.db'}")
    sys.stdout.write("every promise kept\n" if kept else "a promise was BROKEN\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
