"""A run killed at any step is finished by the next one, to the same tasks, comments and rows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.chaos.calls.conftest import MESSAGE, REST_2, REST_3, TICK
from tests.chaos.calls.ends import Ends, assert_same
from tests.chaos.calls.kept import Kept
from tests.chaos.calls.stories import another_night, first_night
from tests.portals import Switch

if TYPE_CHECKING:
    from tests.chaos.calls.conftest import Office

LOOKED_AT = 6
Story = Callable[["Office", Switch], None]


@pytest.mark.parametrize(
    ("story", "switch", "made", "closed"),
    [(first_night, REST_2, 3, 0), (another_night, REST_2, 6, 2), (another_night, REST_3, 6, 2)],
)
def test_whatever_step_a_run_dies_at_the_next_one_finishes(
    office: "Office", story: Story, switch: Switch, made: int, closed: int
) -> None:
    """As if nobody had been killed; and the run after that, looked at every few steps, has nothing to write.

    Every second step, the end of a request or a transaction: to die before one is to die after the one before it.
    """
    story(office, switch)
    before = Kept(office.world)
    assert office.run()
    undisturbed = Ends(office.world)
    assert (len(undisturbed.standing), len(undisturbed.comments)) == (made, closed)
    step, lived = (office.steps.index(MESSAGE) if switch is REST_3 else 2), False
    while not lived:
        before.come_back()
        lived = office.run(dies_at=step)
        steps = len(office.steps)
        office.pass_by(TICK)
        assert office.run()
        assert_same(Ends(office.world), undisturbed)
        assert step % LOOKED_AT or office.writes_of_another() == 0
        step += 2
    assert step > steps > 30
