"""`make million`: our copy of a million deals of 300,000 clients, on the sandbox's clock; fails if a bound breaks.

Each task runs in a process of its own, Prefect imported as in a run; its memory is that of the whole process. The
portal keeps its strict limits: what reading a million deals costs is about three times the operating time that it
grants within ten minutes. Requests that are under way at once pass one after another on the sandbox's clock, so that a
real portal is done sooner.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.million import million
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World
from tests.benchmarks.simulated_day import CountedOperatingTime

LISTING = "crm.deal.list"
DEALS, CLIENTS = 1_000_000, 300_000
CHANGED = 1_000
MEGABYTES, REQUESTS_FOR_CHANGES = 600, 5
HOUR = 3600.0
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """One task: what it found, and what it took. `requests`: those that ask for deals."""

    found: int
    requests: int
    minutes: float
    seconds: float
    cpu: float
    megabytes: float
    pauses: list[float]


def test_the_million(world: World, sandbox: str, connected: None) -> None:
    """Read whole under 600 MB, within the portal's limits; a thousand changes in five requests."""
    Wholesale(world)
    million(world, deals=DEALS, clients=CLIENTS)
    world.portal.operating = operating = CountedOperatingTime(world.clock, world.portal.config)
    whole = run(world, sandbox, "rebuild")
    say(f"rebuild    {whole.found} deals, {whole.requests} requests, {whole.minutes:.0f} min of the portal's time")
    say(f"           {len(whole.pauses)} pauses for operating time, {operating.refused} commands refused for it")
    say(f"           {DEALS / whole.seconds:.0f} rows/s, {whole.cpu:.0f} s of CPU, peak {whole.megabytes:.0f} MB")
    edit(world)
    changes = run(world, sandbox, "refresh")
    say(f"refresh    {CHANGED} changed deals, {changes.requests} requests, peak {changes.megabytes:.0f} MB")
    due = run(world, sandbox, "ripe")
    say(f"ripe       {due.found} clients of {CLIENTS} in {due.seconds:.1f} s, peak {due.megabytes:.0f} MB")
    again = run(world, sandbox, "rebuild")
    say(f"again      {again.found} deals, {again.requests} requests, {again.cpu:.0f} s of CPU\n")
    assert whole.found == again.found == DEALS
    assert max(ran.megabytes for ran in (whole, changes, due, again)) < MEGABYTES
    assert changes.requests <= REQUESTS_FOR_CHANGES


def run(world: World, base_url: str, what: str) -> Ran:
    """The task, in a process of its own."""
    world.log.clear()
    began = world.clock.now()
    command = [sys.executable, "-m", "tests.benchmarks.million_client", base_url, what]
    told: dict[str, Any] = json.loads(subprocess.check_output(command, cwd=CHECKOUT))  # noqa: S603 our own program
    minutes = (world.clock.now() - began).total_seconds() / 60
    requests = sum(LISTING in row["commands"] for row in world.log.rows())
    return Ran(requests=requests, minutes=minutes, **told)


def edit(world: World) -> None:
    """People edit deals everywhere among all."""
    ids = [item.id for item in world.portal.crm.tables["DEAL"].within()]
    world.clock.advance(HOUR)
    for number in ids[:: len(ids) // CHANGED][:CHANGED]:
        ask(world.portal, "crm.deal.update", id=number, fields={"COMMENTS": "позвонить"})
    world.clock.advance(HOUR)


def say(line: str) -> None:
    sys.stdout.write(f"\n{line}")
    sys.stdout.flush()
