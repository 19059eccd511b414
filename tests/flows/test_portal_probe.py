"""Probing a portal in a box that is otherwise in one way or another; below the engine."""

import json
from typing import Any

import pytest

from backoffice import connections
from backoffice.rules.portal_facts import PortalFacts, differences
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from backoffice.settings import settings
from flows.portal_probe import portal_probe

Switch = dict[str, Any]

# What is set on the sandbox's portal, and what the probe must report of it.
SWITCHED: list[tuple[Switch, Switch]] = [
    ({}, {}),
    ({"findbycomm_case_sensitive": True}, {"findbycomm_ignores_case": False}),
    ({"findbycomm_most": 7}, {"findbycomm_most": 7}),
    ({"findbycomm_most": 1000}, {"findbycomm_most": 25}),
    ({"filters_by_email": False}, {"filters_by_email": False}),
    ({"filter_case_sensitive": True}, {"email_filter_ignores_case": False}),
    ({"filters_by_email_list": False}, {"filters_by_email_list": False}),
    ({"contact_list_finds_origins": False}, {"contact_list_finds_origins": False}),
    ({"item_list_finds_origins": False}, {"item_list_finds_origins": False}),
    ({"item_add_takes_fm": False}, {"item_add_takes_fm": False}),
    ({"idle_update_saves": True}, {"idle_update_saves": True}),
    ({"keeps_order_of_values": False}, {"keeps_order_of_values": False}),
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
    ({"wrong_secret_status": 403}, {"wrong_secret_status": 403}),
    (
        {"insufficient_scope_status": 403, "scopes": ("crm", "lists")},
        {"missing_scope_status": 403},
    ),
    ({"rest_3": True}, {"rest_3": True}),
    ({"show_operating": False}, {"tells_operating": False}),
    ({"operating_window": 300}, {"operating_window": 300}),
]


def switched(world: World, switch: Switch) -> None:
    """The sandbox's portal behaves so from now on."""
    for name, value in switch.items():
        assert hasattr(world.portal.config, name)
        setattr(world.portal.config, name, value)


@pytest.mark.parametrize(("switch", "expected"), SWITCHED, ids=lambda value: json.dumps(value) if value else "-")
@pytest.mark.usefixtures("below_the_engine")
def test_the_probe_reports_exactly_what_is_otherwise(world: World, switch: Switch, expected: Switch) -> None:
    """One sentence for each fact that differs, none for the others, nothing untried, and the portal as it was."""
    plant(world, "seminar")
    before = world.portal.dump()
    switched(world, switch)
    portal_probe.fn()
    content = json.loads(settings().portal_facts.read_text(encoding="utf-8"))
    assert content["portal"]["untried"] == {}
    assert connections.facts() == PortalFacts(**expected)
    assert len(differences(connections.facts())) == len(expected)
    assert world.portal.dump() == before
