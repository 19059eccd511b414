"""Whatever trouble a run meets, the runs after it arrive at the tasks that an undisturbed run leaves."""

from typing import TYPE_CHECKING

import pytest

from backoffice.retries import is_passing
from backoffice.rules.call_plan import CallFailed
from backoffice.sandbox.faults.fault import Fault, RequestKind
from tests.chaos.calls.conftest import REST_2, REST_3
from tests.chaos.calls.ends import Ends, assert_same
from tests.chaos.calls.kept import Kept
from tests.chaos.calls.stories import another_night
from tests.portals import Switch

if TYPE_CHECKING:
    from tests.chaos.calls.conftest import Office

BROKEN: tuple[RequestKind, ...] = ("html_500", "bad_page", "short_answer", "cut_midway")
LISTINGS = ("crm.deal.list", "crm.company.list", "crm.contact.list", "tasks.task.list", "user.get")
MISHAPS: tuple[RequestKind, ...] = (
    *("busy", "operating_time", "html_500", "broken_after", "slow", "cut_after", "cut_before", "late_write"),
    *("cut_midway", "short_answer", "moved"),
)
OF_BATCHES: tuple[RequestKind, ...] = ("cut_midway", "short_answer")
WRITES = [
    (REST_2, "tasks.task.add"),
    (REST_2, "task.commentitem.add"),
    (REST_2, "tasks.task.complete"),
    (REST_3, "tasks.task.add"),
    (REST_3, "tasks.task.chat.message.send"),
]
SEEDS = ("ash", "birch")
LAG_SECONDS = 60
LAST_STEPS = 8
"""Of a run: those from the making of the tasks on."""


class Case:
    """A night that may be begun again and again, and what it leaves when nothing disturbs it."""

    def __init__(self, office: "Office", switch: Switch) -> None:
        another_night(office, switch)
        self._office, self._before = office, Kept(office.world)
        assert office.run()
        self.undisturbed = Ends(office.world)

    def strikes(self, *faults: Fault) -> bool:
        """Whether any of the faults met a run; a run that raises nothing has done everything."""
        self._before.come_back()
        self._office.world.faults.order(*faults)
        troubles = self._office.run_until_done()
        assert all(is_passing(one) or isinstance(one, CallFailed) for one in troubles), troubles
        assert Ends(self._office.world).tasks == self.undisturbed.tasks
        fired = self._office.world.faults.fired.total()
        self._office.calm_down()
        assert self._office.run()
        assert_same(Ends(self._office.world), self.undisturbed)
        return fired > 0


@pytest.mark.parametrize("kind", BROKEN)
def test_a_listing_that_fails_is_no_empty_listing(office: "Office", kind: RequestKind) -> None:
    """Whichever page it is: the run fails, or does everything."""
    case = Case(office, REST_2)
    for method in LISTINGS:
        start = 1
        while case.strikes(Fault(kind=kind, methods=method, times=1, start=start)):
            start += 1
        assert start > 1 or (method == "user.get" and kind in OF_BATCHES), method


@pytest.mark.parametrize(("switch", "method"), WRITES)
def test_a_write_in_trouble_is_done_once(office: "Office", switch: Switch, method: str) -> None:
    """Executed or not, told or not, now or a while later."""
    case = Case(office, switch)
    for kind in MISHAPS:
        assert case.strikes(Fault(kind=kind, methods=method, times=2)) or (switch is REST_3 and kind in OF_BATCHES)


@pytest.mark.parametrize("switch", [REST_2, REST_3])
def test_all_troubles_at_once(office: "Office", switch: Switch) -> None:
    """Each kind strikes every tenth request, twice."""
    case = Case(office, switch)
    kinds = {*BROKEN, *MISHAPS}
    for seed in SEEDS:
        assert case.strikes(*(Fault(kind=kind, probability=0.1, times=2, seed=seed) for kind in sorted(kinds)))


@pytest.mark.parametrize("switch", [REST_2, REST_3])
def test_a_task_not_shown_yet_is_not_taken_for_deleted(office: "Office", switch: Switch) -> None:
    """A run right after another one, or after one that died, reads the portal as it was before the tasks were made."""
    another_night(office, switch)
    before = Kept(office.world)
    assert office.run()
    undisturbed, steps = Ends(office.world), len(office.steps)
    for dies_at in range(steps - LAST_STEPS, steps + 2, 2):
        before.come_back()
        office.world.faults.order(Fault(kind="stale_read", seconds=LAG_SECONDS))
        assert office.run(dies_at=dies_at) == (dies_at > steps)
        assert office.run()
        assert office.world.faults.fired["stale_read"] > 0
        office.calm_down()
        assert office.run()
        assert_same(Ends(office.world), undisturbed)
