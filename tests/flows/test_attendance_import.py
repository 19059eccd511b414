"""The whole process in Prefect, between Timepad and a portal in a box."""

from datetime import timedelta

import pytest

from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from flows.attendance_import import attendance_import
from flows.portal_setup import portal_setup

pytestmark = pytest.mark.usefixtures("prefect", "connected")


@pytest.fixture
def event_id(world: World) -> int:
    """The seminar of the demonstration, over since an hour, on a portal that is set up."""
    seed = plant(world, "seminar")
    portal_setup()
    world.clock.advance(timedelta(hours=3).total_seconds())
    return int(seed["event_id"])


def test_a_finished_event_stands_in_the_portal(world: World, event_id: int) -> None:
    """The sweep imports the event, and a second run of it changes nothing."""
    attendance_import()
    after_one = world.portal.dump()
    attendance_import(event_id=event_id)
    assert world.portal.dump() == after_one
