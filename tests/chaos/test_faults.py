"""Whatever trouble an import meets, the sweeps after it arrive at the portal that an undisturbed import leaves."""

from typing import TYPE_CHECKING, Any, get_args

import pytest

from backoffice.bitrix24.errors import BatchFailed, ListingBroken
from backoffice.retries import is_passing
from backoffice.sandbox.faults.fault import Fault, RequestKind
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.chaos.conftest import Sweeps

SEEDS = ("ash", "birch", "elm", "hazel", "oak")
KINDS: tuple[RequestKind, ...] = get_args(RequestKind)
REFUSALS: tuple[RequestKind, ...] = ("expired_token", "invalid_credentials")
PASSING = tuple(kind for kind in KINDS if kind not in (*REFUSALS, "stale_read"))
DOUBTFUL: tuple[RequestKind, ...] = ("broken_after", "cut_after", "late_write", "cut_midway", "short_answer")
State = dict[str, Any]


@pytest.fixture(scope="module")
def undisturbed() -> State:
    """What the portal and our store hold after an import that nothing disturbed; the first test writes it down."""
    return {}


def test_an_undisturbed_import_needs_one_sweep(sweeps: "Sweeps", undisturbed: State) -> None:
    """The state that every disturbed import is compared with."""
    assert sweeps.until_done() == []
    undisturbed.update(sweeps.state())
    assert len(undisturbed["portal"]["contacts"]) == 20
    assert len(undisturbed["portal"]["lists"][0]["elements"]) == len(undisturbed["participations"]) == 16


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", PASSING)
def test_a_passing_trouble_leaves_no_trace(
    world: World, sweeps: "Sweeps", undisturbed: State, kind: RequestKind, seed: str
) -> None:
    """No twin, no forgotten id, nothing left out; and an import after it has nothing to write."""
    world.faults.order(*_trouble(kind, seed))
    failures = sweeps.until_done()
    assert world.faults.fired[kind] > 0
    assert all(map(is_passing, failures)), failures
    sweeps.calm_down()
    assert sweeps.state() == undisturbed
    assert sweeps.writes_of_another() == 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [*DOUBTFUL, "operating_time"])
def test_most_writes_meet_trouble(
    world: World, sweeps: "Sweeps", undisturbed: State, kind: RequestKind, seed: str
) -> None:
    """The same where only the methods that write meet it, and most of them do."""
    world.faults.order(Fault(kind=kind, methods="*.add *.update", probability=0.6, times=6, seed=seed))
    assert all(map(is_passing, sweeps.until_done()))
    sweeps.calm_down()
    assert sweeps.state() == undisturbed


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refused_webhook_waits_for_a_human(
    world: World, sweeps: "Sweeps", undisturbed: State, kind: RequestKind, seed: str
) -> None:
    """Nothing says that it will pass by itself; once it has, the sweeps end as if nothing had been."""
    world.faults.order(*_trouble(kind, seed))
    failures = sweeps.until_done()
    assert world.faults.fired[kind] > 0
    assert not any(map(is_passing, failures)), failures
    sweeps.calm_down()
    assert sweeps.state() == undisturbed


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lagging_portal_is_not_believed_at_once(
    world: World, sweeps: "Sweeps", undisturbed: State, seed: str
) -> None:
    """What was written and not answered is looked for again after the lag, which the seed makes up to a minute."""
    lag = Fault(kind="stale_read", seed=seed)
    world.faults.order(lag, Fault(kind="cut_after", methods="*.add", probability=0.6, times=6, seed=seed))
    sweeps.until_done()
    assert min(world.faults.fired["stale_read"], world.faults.fired["cut_after"]) > 0
    sweeps.calm_down()
    assert sweeps.state() == undisturbed


def test_a_contact_not_shown_yet_is_not_taken_for_deleted(world: World, sweeps: "Sweeps", undisturbed: State) -> None:
    """A run dies after making contacts, and at once another reads from before that: it waits, and notes no deletion."""
    lag, cut = Fault(kind="stale_read", seconds=20), Fault(kind="cut_before", methods="crm.item.add", times=2)
    world.faults.order(lag, cut)
    with pytest.raises(BatchFailed):
        sweeps.once()
    with pytest.raises(ListingBroken):
        sweeps.once()
    sweeps.calm_down()
    assert sweeps.until_done() == []
    assert sweeps.state() == undisturbed


@pytest.mark.parametrize("seed", SEEDS)
def test_all_troubles_at_once(world: World, sweeps: "Sweeps", undisturbed: State, seed: str) -> None:
    """Each kind strikes every tenth request, twice."""
    world.faults.order(*(Fault(kind=kind, probability=0.1, times=2, seed=seed) for kind in KINDS))
    sweeps.until_done()
    assert len(world.faults.fired) > 3
    sweeps.calm_down()
    assert sweeps.state() == undisturbed
    assert sweeps.writes_of_another() == 0


@pytest.fixture(scope="module")
def recorded() -> list[list[str]]:
    """The histories of the takes so far."""
    return []


@pytest.mark.parametrize("take", ["recorded", "replayed"])
def test_a_recorded_run_is_replayed_by_its_seed(
    world: World, sweeps: "Sweeps", recorded: list[list[str]], take: str
) -> None:
    """The same faults strike the same requests, through all sweeps."""
    world.faults.order(*(Fault(kind=kind, probability=0.1, times=2, seed="oak") for kind in KINDS))
    sweeps.until_done()
    recorded.append(world.faults.history)
    assert len(recorded[0]) > 10
    assert recorded[-1] == recorded[0]


def _trouble(kind: RequestKind, seed: str) -> tuple[Fault, Fault]:
    """One strike that is sure to come, at another request for each seed, and some more by chance."""
    sure = Fault(kind=kind, times=1, start=1 + SEEDS.index(seed), seed=seed)
    return sure, Fault(kind=kind, probability=0.3, times=4, seed=seed)
