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

Switch = dict[str, Any]

CROWD = 60
NOBODY_S_CASE: Switch = {"findbycomm_case_sensitive": True, "filter_case_sensitive": True}
NOBODY_S_ORIGINS: Switch = {"contact_list_finds_origins": False, "item_list_finds_origins": False}
PORTALS: list[tuple[Switch, Switch]] = [
    ({"findbycomm_case_sensitive": True}, {"findbycomm_ignores_case": False}),
    (
        {"findbycomm_case_sensitive": True, "filters_by_email": False},
        {"findbycomm_ignores_case": False, "filters_by_email": False},
    ),
    (NOBODY_S_CASE, {"findbycomm_ignores_case": False, "email_filter_ignores_case": False}),
    ({"filter_case_sensitive": True}, {"email_filter_ignores_case": False}),
    ({"filters_by_email": False}, {"filters_by_email": False}),
    ({"filters_by_email_list": False}, {"filters_by_email_list": False}),
    ({"findbycomm_most": 7}, {"findbycomm_most": 7}),
    ({"findbycomm_most": 1000}, {"findbycomm_most": 25}),
    ({"contact_list_finds_origins": False}, {"contact_list_finds_origins": False}),
    ({"item_list_finds_origins": False}, {"item_list_finds_origins": False}),
    (NOBODY_S_ORIGINS, NOBODY_S_ORIGINS),
    ({"item_add_takes_fm": False}, {"item_add_takes_fm": False}),
    ({"keeps_order_of_values": False}, {"keeps_order_of_values": False}),
    ({"idle_update_saves": True}, {"idle_update_saves": True}),
    ({"element_section_filter": "SECTION_ID"}, {"section_filter": "SECTION_ID"}),
    ({"element_section_filter": ""}, {"section_filter": ""}),
    ({"finds_sections_by_code": False}, {"finds_sections_by_code": False}),
    ({"section_codes_unique": True}, {"section_codes_unique": True}),
    ({"list_fields_as": "by_type"}, {"list_fields_as": "by_type"}),
    ({"list_fields_as": "list"}, {"list_fields_as": "list"}),
    ({"missing_property": "null"}, {"missing_property": "null"}),
    ({"missing_property": "false"}, {"missing_property": "false"}),
    ({"missing_property": "text"}, {"missing_property": "text"}),
    ({"missing_property": "map"}, {"missing_property": "map"}),
    ({"site_datetime": "%d/%m/%Y %H:%M:%S"}, {"list_datetime": "%d/%m/%Y %H:%M:%S"}),
    ({"site_datetime": "%m/%d/%Y %I:%M:%S %p"}, {"list_datetime": "%m/%d/%Y %I:%M:%S %p"}),
    ({"naive_moments_in": "utc"}, {"naive_shift_minutes": 180}),
    ({"show_operating": False}, {"tells_operating": False}),
]


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


@pytest.mark.parametrize(
    ("switch", "facts"), PORTALS, ids=lambda value: ", ".join(f"{k}={v}" for k, v in value.items())
)
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
    for name, value in switch.items():
        assert hasattr(world.portal.config, name)
        setattr(world.portal.config, name, value)
    assert imported(PortalFacts(**facts)) == usual
