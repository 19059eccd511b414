"""Two runs at the same time, because two workers run or the limit of runs failed, write and send everything once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest

from backoffice.sandbox.faults.fault import Fault, RequestKind
from backoffice.sandbox.seeds.fund import Fund
from backoffice.sandbox.world import World
from tests.chaos.donations.conftest import PATIENT, TROUBLE, leave_twins
from tests.chaos.donations.ends import Ends, assert_same_letters, assert_same_portal
from tests.chaos.donations.site import Site, deliver
from tests.flows.donations import MINUTE, pass_time

ROUNDS = 3
TICK = 10 * MINUTE
DOUBTFUL: tuple[RequestKind, ...] = ("cut_after", "late_write", "broken_after")
WRITES = "*.add *.update *.delete *.merge*"
Reconcile = Callable[..., None]


@pytest.fixture
def site(world: World, fund: Fund, connected: None) -> Site:
    """Everything has happened, and half of it is in the inbox."""
    leave_twins(fund, world)
    site = Site(world, "everything")
    site.live(site.ahead)
    deliver(site.told[::2])
    return site


@pytest.fixture(scope="module")
def undisturbed() -> list[Ends]:
    """What one run leaves; the first test writes it down."""
    return []


def test_one_run_needs_nobody_beside_it(
    world: World, site: Site, reconcile: Reconcile, undisturbed: list[Ends]
) -> None:
    """What two runs are compared with."""
    reconcile("due", policy=PATIENT)
    undisturbed.append(Ends(world))
    assert len(undisturbed[0].letters) == 5


@pytest.mark.parametrize("second", ["due", "hinted", "nightly"])
def test_two_runs_are_no_more_than_one(
    world: World, site: Site, reconcile: Reconcile, undisturbed: list[Ends], second: str
) -> None:
    """Whatever the second one was started for: one deal, one contact, one comment, one letter each.

    One may stop where the other is writing; the next run finishes.
    """
    at_once(reconcile, "due", second)
    pass_time(world, TICK)
    reconcile("due", policy=PATIENT)
    assert_same_portal(Ends(world), undisturbed[0])
    assert_same_letters(Ends(world), undisturbed[0], doubted=False, refused=False)


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_a_write_in_doubt_of_one_is_not_repeated_by_the_other(
    world: World, site: Site, reconcile: Reconcile, undisturbed: list[Ends], kind: RequestKind
) -> None:
    """Both look for it when the portal can no longer be at it, and find it."""
    world.faults.order(
        Fault(kind=kind, methods="*.add *.update *.delete *.merge*", probability=0.4, times=6, seed="ash")
    )
    for _ in range(ROUNDS):
        at_once(reconcile, "due", "hinted")
        pass_time(world, TICK)
    assert world.faults.fired[kind] > 0
    world.faults.clear()
    reconcile("due", policy=PATIENT)
    assert_same_portal(Ends(world), undisturbed[0])
    assert_same_letters(Ends(world), undisturbed[0], doubted=False, refused=False)


def at_once(reconcile: Reconcile, *forms: str) -> None:
    """They start together; each succeeds, or stops as it does in trouble."""
    together = Barrier(len(forms))

    def run(which: str) -> None:
        together.wait()
        with suppress(*TROUBLE):
            reconcile(which, policy=PATIENT)

    with ThreadPoolExecutor(len(forms)) as threads:
        for work in [threads.submit(run, which) for which in forms]:
            work.result()
