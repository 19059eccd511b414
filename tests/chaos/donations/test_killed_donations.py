"""A run killed at any step is finished by the next one, to the same portal and the same letters."""

from typing import TYPE_CHECKING

import pytest

from tests.chaos.donations.ends import Ends, assert_same_letters, assert_same_portal
from tests.chaos.donations.site import BRIEFLY, deliver
from tests.flows.donations import MINUTE

if TYPE_CHECKING:
    from tests.chaos.donations.conftest import Office

PARTS = 4
TICK = 10 * MINUTE


@pytest.fixture(scope="module")
def undisturbed() -> list[Ends]:
    """What one run leaves that nobody killed; made when first asked for."""
    return []


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_step_a_run_dies_at_the_next_one_finishes(
    office: "Office", undisturbed: list[Ends], part: int
) -> None:
    """Only a letter that was on its way at that moment may be in doubt; it is not sent again."""
    if not undisturbed:
        open_anew(office)
        assert office.run()
        undisturbed.append(Ends(office.world))
    step, lived = part + 1, False
    while not lived:
        open_anew(office)
        lived = office.run(dies_at=step)
        steps = len(office.steps)
        office.pass_by(TICK)
        assert office.run()
        ends = Ends(office.world)
        assert_same_portal(ends, undisturbed[0])
        assert_same_letters(ends, undisturbed[0], doubted=not lived, refused=False)
        assert office.writes_of_another() == 0
        step += PARTS
    assert step > steps


def open_anew(office: "Office") -> None:
    """Everything has happened, and half of it is in the inbox."""
    site = office.open_anew(BRIEFLY)
    site.live(site.ahead)
    deliver(site.told[::2])
