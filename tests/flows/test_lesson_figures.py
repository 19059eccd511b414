"""What lesson reminders cost the portal, counted by the portal."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.crowd import add_courses, enrol
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from tests.flows.costs import cost

Sweep = Callable[..., None]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IDLE = 4
"""Two for the look at the portal, one for its clock, one for what changed."""


def plant(world: World, school: School, courses: int, deals: int) -> list[int]:
    """Deals spread over courses with a lesson three hours from now and two later ones; made longer ago than a sweep."""
    soon = world.clock.now() + 4 * HOUR
    found = add_courses(world, school, [[soon, soon + 7 * DAY, soon + 14 * DAY]] * courses)
    made = enrol(world, school, [found[place % courses] for place in range(deals)])
    world.clock.advance(HOUR.total_seconds())
    return made


def test_an_idle_sweep_over_twenty_thousand_deals_costs_four_requests(
    world: World, school: School, sweep: Sweep
) -> None:
    """With 500 courses; the reading of everything before it takes two requests for 50 deals, and a few besides."""
    plant(world, school, courses=500, deals=20_000)
    assert cost(world, lambda: sweep(which="rebuild")) <= 2 * 20_000 / 50 + 30
    world.clock.advance(300)
    assert cost(world, sweep) == IDLE


def test_three_hundred_due_at_once_cost_nineteen_requests(world: World, school: School, sweep: Sweep) -> None:
    """A look again at 40 a request; traces 25 in the first one and 50 in the others. The next sweep is idle."""
    plant(world, school, courses=8, deals=300)
    sweep()
    world.clock.advance(HOUR.total_seconds())
    assert cost(world, sweep) == IDLE + 8 + 7
    assert len(world.mailbox.letters) == 300
    assert cost(world, sweep) == IDLE


@pytest.mark.parametrize(("changed", "requests"), [(1, 1), (49, 1), (120, 3 + 2)])
def test_changed_deals_cost_a_request_for_fifty(
    world: World, school: School, sweep: Sweep, changed: int, requests: int
) -> None:
    """Their rows 50 a request, and from the fiftieth on another page for 50; seen once more by the sweep after it."""
    deals = plant(world, school, courses=2, deals=150)
    sweep()
    world.clock.advance(600)
    for deal in deals[:changed]:
        ask(world.portal, "crm.item.update", entityTypeId=2, id=deal, fields={"title": "Договор"})
    assert cost(world, sweep) == IDLE + requests
    world.clock.advance(600)
    assert cost(world, sweep) == IDLE + requests
    world.clock.advance(600)
    assert cost(world, sweep) == IDLE
