"""Portals that are otherwise where the documents are silent: the switches of the sandbox's, and the facts about it.

portal-probe must find each of them out, and the processes that lean on it must do the same on each.
"""

from typing import Any

from backoffice.sandbox.world import World

Switch = dict[str, Any]
Portals = list[tuple[Switch, Switch]]

IMPORT: Portals = [
    ({"findbycomm_case_sensitive": True}, {"findbycomm_ignores_case": False}),
    (
        {"findbycomm_case_sensitive": True, "filters_by_email": False},
        {"findbycomm_ignores_case": False, "filters_by_email": False},
    ),
    (
        {"findbycomm_case_sensitive": True, "filter_case_sensitive": True},
        {"findbycomm_ignores_case": False, "email_filter_ignores_case": False},
    ),
    ({"filter_case_sensitive": True}, {"email_filter_ignores_case": False}),
    ({"filters_by_email": False}, {"filters_by_email": False}),
    ({"filters_by_email_list": False}, {"filters_by_email_list": False}),
    ({"findbycomm_most": 7}, {"findbycomm_most": 7}),
    ({"findbycomm_most": 1000}, {"findbycomm_most": 25}),
    ({"contact_list_finds_origins": False}, {"contact_list_finds_origins": False}),
    ({"item_list_finds_origins": False}, {"item_list_finds_origins": False}),
    (
        {"contact_list_finds_origins": False, "item_list_finds_origins": False},
        {"contact_list_finds_origins": False, "item_list_finds_origins": False},
    ),
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

LESSONS: Portals = [
    ({"catalog_datetime": "site"}, {"catalog_datetime": "%d.%m.%Y %H:%M:%S"}),
    (
        {"catalog_datetime": "site", "site_datetime": "%d/%m/%Y %H:%M:%S"},
        {"catalog_datetime": "%d/%m/%Y %H:%M:%S", "list_datetime": "%d/%m/%Y %H:%M:%S"},
    ),
    (
        {"catalog_datetime": "site", "site_datetime": "%m/%d/%Y %I:%M:%S %p"},
        {"catalog_datetime": "%m/%d/%Y %I:%M:%S %p", "list_datetime": "%m/%d/%Y %I:%M:%S %p"},
    ),
    ({"catalog_datetime": "iso_naive"}, {}),
    ({"catalog_datetime": "iso_naive", "catalog_naive_in": "utc"}, {"catalog_shift_minutes": -180}),
    (
        {"catalog_datetime": "site", "catalog_naive_in": "utc"},
        {"catalog_datetime": "%d.%m.%Y %H:%M:%S", "catalog_shift_minutes": -180},
    ),
    ({"product_edits_move_timestamp": False}, {"product_edits_move_timestamp": False}),
    ({"comment_list_shows_text": False}, {"comments_keep_marks": False}),
    ({"activity_list_shows_origins": False}, {"activities_keep_origins": False}),
    ({"product_methods_see_every_type": False}, {"product_list_sees_every_type": False}),
    ({"missing_product_in_list": "refused"}, {"missing_products_left_out": False}),
    ({"missing_product": "access_denied"}, {}),
    ({"catalog_keeps_bad_dates": False}, {}),
    ({"rows_of_many_owners": True}, {}),
    ({"product_rows_touch_owner": True}, {}),
    ({"activity_list_finds_origins": False}, {}),
    ({"notification_tags": "per_portal"}, {}),
]

DONATIONS: Portals = [
    ({"findbycomm_case_sensitive": True}, {"findbycomm_ignores_case": False}),
    ({"filters_by_email": False}, {"filters_by_email": False}),
    ({"findbycomm_most": 1}, {"findbycomm_most": 1}),
    ({"contact_list_finds_origins": False}, {"contact_list_finds_origins": False}),
    ({"item_list_finds_origins": False}, {"item_list_finds_origins": False}),
    (
        {"contact_list_finds_origins": False, "item_list_finds_origins": False},
        {"contact_list_finds_origins": False, "item_list_finds_origins": False},
    ),
    ({"item_add_takes_fm": False}, {"item_add_takes_fm": False}),
    ({"keeps_order_of_values": False}, {"keeps_order_of_values": False}),
    ({"idle_update_saves": True}, {"idle_update_saves": True}),
    ({"site_datetime": "%m/%d/%Y %I:%M:%S %p"}, {"list_datetime": "%m/%d/%Y %I:%M:%S %p"}),
    ({"comment_list_shows_text": False}, {"comments_keep_marks": False}),
]

CALLS: Portals = [
    ({"rest_3": True}, {"rest_3": True}),
    ({"rest_3": True, "scopes": ("crm", "lists", "task", "user", "im", "catalog")}, {}),
    ({"new_task_card": True}, {"task_comments_keep_marks": False}),
    ({"task_list_takes_many_bindings": False}, {}),
    ({"task_add_shows_bindings": False}, {}),
    ({"tasks_go_to_dismissed": False}, {}),
    ({"task_naive_in": "portal"}, {}),
    ({"task_naive_in": "utc"}, {}),
]

NOT_PROBED: Portals = [
    ({"html_content_type": 2}, {"activity_html_type": 2}),
    ({"notification_tags": "ignored"}, {"notes_replace_by_tag": False}),
]
"""What a person has to write into the file."""

FRONT: Portals = [
    ({"wrong_secret_status": 403}, {"wrong_secret_status": 403}),
    (
        {"insufficient_scope_status": 403, "scopes": ("crm", "lists", "catalog", "task")},
        {"missing_scope_status": 403},
    ),
    ({"operating_window": 300}, {"operating_window": 300}),
]
"""What no process leans on."""


def behave(world: World, switch: Switch) -> None:
    """The sandbox's portal is so from now on."""
    for name, value in switch.items():
        assert hasattr(world.portal.config, name)
        setattr(world.portal.config, name, value)


def told(value: Any) -> str:
    """A switch, or the facts about it, in the name of a test."""
    return ", ".join(f"{name}={one}" for name, one in value.items()) if value else "-"
