"""The import on portals that are otherwise where the documents are silent, each known to us as it is."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import SQLModel

from backoffice import connections
from backoffice.facts_file import Findings, PortalPart
from backoffice.rules.portal_facts import PortalFacts
from backoffice.sandbox.bitrix24.config import PortalConfig
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from backoffice.store.engine import writing
from flows.portal_setup import portal_setup
from tests.portals import IMPORT, Switch, behave, told

CROWD = 60


@pytest.fixture
def imported(world: World, run_import: Callable[[int], None]) -> Callable[[PortalFacts], dict[str, Any]]:
    """Furnish the portal anew, import both events of the seminar's seed, and give what stands there then."""
    began = world.clock.now()

    def run(facts: PortalFacts) -> dict[str, Any]:
        world.reset()
        world.clock.move_to(began)
        forget_everything()
        connections.keep_findings(Findings(datetime.now(UTC), PortalPart(connections.portal_host(), facts)))
        seed = plant(world, "seminar")
        add_crowd(world)
        portal_setup.fn()
        connections.refresh_names("attendance_import")
        world.clock.move_to(began)
        world.clock.advance(3 * 3600)
        events = [int(seed["event_id"]), int(seed["past_event_id"])]
        # The answer to the creation of contacts is lost: they have to be found again by their origins.
        world.faults.order(Fault(kind="cut_after", methods="crm.item.add crm.contact.add", times=1))
        for event_id in events:
            run_import(event_id)
        assert world.faults.fired["cut_after"] == 1
        stands = contents(world)
        world.log.reset_counters()
        for event_id in events:
            run_import(event_id)
        assert world.log.counters()["writes"] == 0
        forget_everything()
        for event_id in events:
            run_import(event_id)
        assert contents(world) == stands
        return stands

    return run


@pytest.fixture(scope="module")
def usual() -> dict[str, Any]:
    """What stands in the end on a portal as we assume them; the first test to need it fills it in."""
    return {}


def contents(world: World) -> dict[str, Any]:
    """What stands in the portal, its dates in the usual form."""
    config = world.portal.config
    shown, config.site_datetime = config.site_datetime, PortalConfig().site_datetime
    dump = world.portal.dump()
    config.site_datetime = shown
    return dump


def add_crowd(world: World) -> None:
    """One address used by a whole office, and by a visitor, whose card comes last and has capitals in the address."""
    people = [("Общий", str(number), "pavel.gusev@example.org") for number in range(CROWD)]
    for last, first, email in [*people, ("Гусев", "Павел", "Pavel.Gusev@Example.org")]:
        emails = [{"VALUE": email, "VALUE_TYPE": "WORK"}]
        ask(world.portal, "crm.contact.add", fields={"LAST_NAME": last, "NAME": first, "EMAIL": emails})


def forget_everything() -> None:
    """Empty our store."""
    with writing(connections.store()) as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            session.execute(table.delete())


@pytest.mark.parametrize(("switch", "facts"), IMPORT, ids=told)
def test_the_same_stands_in_the_end_whatever_the_portal_is_like(
    world: World,
    imported: Callable[[PortalFacts], dict[str, Any]],
    usual: dict[str, Any],
    switch: Switch,
    facts: Switch,
) -> None:
    """Everybody is recognised who is recognised elsewhere and every date is right; a second run writes nothing, and
    one without any memory of ours brings the same.
    """
    if not usual:
        usual |= imported(PortalFacts())
    assert sum(contact.get("LAST_NAME") == "Гусев" for contact in usual["contacts"]) == 1
    behave(world, switch)
    assert imported(PortalFacts(**facts)) == usual
