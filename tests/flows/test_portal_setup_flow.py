"""The whole process in Prefect, on a portal in a box."""

import pytest

from backoffice.rules.portal_setup import PortalLacks
from backoffice.sandbox.world import World
from flows.portal_setup import portal_setup


@pytest.mark.usefixtures("prefect", "connected")
def test_a_portal_is_set_up_and_what_stands_in_the_way_is_an_error(world: World) -> None:
    """A dry run changes nothing, a run creates everything, and a portal that cannot serve makes the run fail."""
    empty = world.portal.dump()
    portal_setup(dry_run=True)
    assert world.portal.dump() == empty
    portal_setup()
    ready = world.portal.dump()
    assert [own.code for own in world.portal.lists.by_id.values()] == ["timepad_events"]
    world.portal.config.scopes = ("crm",)
    with pytest.raises(PortalLacks, match="нет права «lists»"):
        portal_setup()
    assert world.portal.dump() == ready
