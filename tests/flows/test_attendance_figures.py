"""What an import costs the portal, counted by the portal."""

from collections.abc import Callable

import pytest

from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from flows.portal_setup import portal_setup

TICKETS = 5000


@pytest.fixture
def event_id(world: World, below_the_engine: None) -> int:
    """An event of 5,000 people whom the portal has never seen."""
    plant(world, "big", tickets=TICKETS)
    portal_setup.fn()
    world.clock.advance(12 * 3600)
    return min(world.timepad.events)


def test_five_thousand_newcomers_cost_few_requests_and_the_second_run_hardly_any(
    world: World, event_id: int, run_import: Callable[[int], None]
) -> None:
    """At most 450 requests for 5,000 new people, at most 15 for the same event again; no limit of the portal broken."""
    world.log.reset_counters()
    run_import(event_id)
    first = world.log.counters()
    assert len(world.portal.dump()["contacts"]) == TICKETS
    assert first["portal_requests"] <= 450
    assert first["rejected"] == {"503": 0, "429": 0}
    world.log.reset_counters()
    run_import(event_id)
    second = world.log.counters()
    assert second["portal_requests"] <= 15
    assert second["writes"] == 0
