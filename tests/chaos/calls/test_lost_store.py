"""Our database is lost between two runs: the portal's tasks are known by what they are bound to, and by their mark."""

from typing import TYPE_CHECKING

import pytest

from tests.chaos.calls.conftest import POLICY, REST_2, REST_3, TICK
from tests.chaos.calls.ends import Ends, assert_nothing_twice, calls_a_day
from tests.chaos.calls.kept import Kept
from tests.chaos.calls.stories import DAY, first_night
from tests.portals import Switch

if TYPE_CHECKING:
    from tests.chaos.calls.conftest import Office

NIGHTS = 3
STRIDE = 12


@pytest.mark.parametrize("switch", [REST_2, REST_3])
def test_no_second_task_after_the_store_was_lost(office: "Office", switch: Switch) -> None:
    """Of whatever run, dead or alive: in the end every client due has one task, and our table knows it."""
    first_night(office, switch)
    before = Kept(office.world)
    everybody = nights(office)
    step, lived = STRIDE, False
    while not lived:
        before.come_back()
        lived = office.run(dies_at=step)
        office.pass_by(TICK)
        office.lose_store()
        ends = nights(office)
        assert_nothing_twice(ends)
        assert ends.bound == everybody.bound
        assert ends.known == ends.standing
        step += STRIDE


def test_nobody_gets_more_calls_a_day_after_the_store_was_lost(office: "Office") -> None:
    """The tasks that stand in the portal count, although we have forgotten them."""
    first_night(office, REST_2)
    assert office.run()
    office.lose_store()
    assert office.run()
    assert max(calls_a_day(office.world).values()) == POLICY.per_day


def nights(office: "Office") -> Ends:
    """A run each."""
    for _ in range(NIGHTS):
        assert office.run()
        office.pass_by(DAY)
    return Ends(office.world)
