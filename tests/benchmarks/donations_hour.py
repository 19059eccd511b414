"""`make hour`: ten thousand donations in an hour, and a thousand twins, by the sandbox's clock.

The donations are told by webhooks, and one run after another drains them: the first begins ten seconds after the first
delivery, each other one with what has come since the one before it began. The portal keeps its strict limits. What
Prefect itself costs is not in it. Some minutes.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

from backoffice.sandbox.world import World
from tests.flows.donation_hour import AN_HOUR, Hour, Ran, cost
from tests.flows.donations import Reconcile
from tests.flows.twin_portal import TwinPortal

RUN_STARTS_AFTER = timedelta(seconds=10)
WITHOUT_TRACES, WITH_TRACES = 0.12, 0.16
PAIRS = 1000


def test_the_hour(world: World, reconcile: Reconcile) -> None:
    """Each donation has its deal, each donor one contact, each letter went once; few requests, none refused."""
    began = time.monotonic()
    hour = Hour(world, AN_HOUR)
    tell("before", [cost(world, lambda: reconcile("due"))])
    hour.begin()
    since, runs = world.clock.now(), []
    while hour.bring(RUN_STARTS_AFTER):
        runs.append(cost(world, lambda: reconcile("hinted")))
    minutes = (world.clock.now() - since).total_seconds() / 60
    donations, letters = len(hour.made), len(world.mailbox.letters)
    say(f"donations  {donations}, {letters} letters; all stand {minutes:.0f} min after the first came")
    tell("hour", runs)
    requests, traces = sum(run.requests for run in runs), sum(run.traces for run in runs)
    share, bare = requests / donations, (requests - traces) / donations
    say(f"each       {bare:.3f} requests a donation, {share:.3f} with traces of letters")
    tell("idle", [cost(world, lambda: reconcile("hinted"))])
    reconcile("due")
    tell("sweep", [cost(world, lambda: reconcile("due"))])
    say(f"wall time  {time.monotonic() - began:.0f} s\n")
    assert hour.wrong() == []
    assert not any(run.refused or run.merges for run in runs)
    assert (bare <= WITHOUT_TRACES, share <= WITH_TRACES) == (True, True)


def test_the_twins(world: World, reconcile: Reconcile) -> None:
    """All twins go, everything else stays."""
    began = time.monotonic()
    portal = TwinPortal(world, PAIRS)
    say(f"twins      {PAIRS} pairs among {len(world.leyka.donations)} donations")
    tell("plan", [cost(world, lambda: reconcile("due", dry_run=True))])
    done = cost(world, lambda: reconcile("due"))
    tell("clean-up", [done])
    say(f"each       {(done.requests - done.merges) / PAIRS:.2f} requests a pair, and a request for each merge")
    again = cost(world, lambda: reconcile("due"))
    tell("again", [again])
    say(f"wall time  {time.monotonic() - began:.0f} s\n")
    assert portal.faults() == []
    assert (again.writes, done.refused) == (0, 0)


def tell(what: str, runs: Sequence[Ran]) -> None:
    for line in _lines(what, runs):
        say(line)


def say(line: str) -> None:
    sys.stdout.write(f"\n{line}")
    sys.stdout.flush()


def _lines(what: str, runs: Sequence[Ran]) -> Iterator[str]:
    requests, merges = sum(run.requests for run in runs), sum(run.merges for run in runs)
    traces, writes = sum(run.traces for run in runs), sum(run.writes for run in runs)
    yield f"{what:<11}{len(runs)} runs, {requests} requests ({traces} for comments, {merges} merges), {writes} writes"
    yield f"{'':<11}{sum(run.refused for run in runs)} refused, {sum(run.put_off for run in runs)} commands put off"
    seconds = [run.seconds for run in runs]
    yield f"{'':<11}{sum(seconds):.0f} s of the portal's time, longest {max(seconds):.0f} s"
