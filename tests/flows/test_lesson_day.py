"""Two hours of the simulated day (`make day`) in a small school."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from tests.benchmarks.school_day import SchoolDay, Size
from tests.benchmarks.simulated_day import EVE, MIDNIGHT, play, slow_mail

SMALL = Size(deals=600, courses=60, today=20, crowd=60, edits=6, hours=range(17, 19))
AFTERNOON = range(12 * 14 + 10, 12 * 17 + 2)


def test_an_afternoon_of_edits_reminds_everybody_once_and_in_time(
    world: World, school: School, sweep: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While they join, leave and put lessons off; idle sweeps are cheap, and the portal refuses nothing."""
    world.clock.move_to(EVE - timedelta(hours=1))
    day = SchoolDay(world, school, MIDNIGHT, SMALL)
    world.clock.move_to(EVE)
    with slow_mail(world, monkeypatch):
        figures = play(day, sweep, AFTERNOON)
    assert figures.kept, "\n".join(figures.lines())
    assert figures.sent > len(figures.crowd) >= 60
