"""What to know of universal lists: names of filters, shapes of fields and properties, texts of dates."""

from datetime import datetime
from typing import Any

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.creation import create
from backoffice.bitrix24.errors import RequestRefused
from backoffice.bitrix24.list_fields import read_list_fields
from backoffice.bitrix24.probe.things import BY_CODE
from backoffice.bitrix24.values import value_of
from backoffice.rules.portal_probe import LIST, MARK, NEW_LIST, date_facts, fields_form, missing_form

Found = dict[str, Any]

WRITTEN = datetime(2026, 2, 3, 13, 45, 56)  # noqa: DTZ001 — how a portal takes a moment without a zone is the question
HERE, THERE = "backoffice-probe-1", "backoffice-probe-2"


def try_lists(portal: Portal, found: Found) -> None:
    """Fill in the facts about lists on a list of its own; RequestRefused or BatchFailed where the portal forbids it."""
    create(portal, NEW_LIST)
    answer = portal.call("lists.field.get", **BY_CODE)
    found["list_fields_as"] = fields_form(answer)
    ids = {field.code: field.id for field in read_list_fields(answer)}
    here, there = (_add_section(portal, code) for code in (HERE, THERE))
    _try_sections(portal, there, found)
    _try_elements(portal, ids[LIST.fields["when"].code], here, there, found)


def _add_section(portal: Portal, code: str) -> int:
    return int(portal.call("lists.section.add", **BY_CODE, SECTION_CODE=code, FIELDS={"NAME": MARK}))


def _try_sections(portal: Portal, there: int, found: Found) -> None:
    try:
        _add_section(portal, HERE)
    except RequestRefused:
        found["section_codes_unique"] = True
    else:
        found["section_codes_unique"] = False
    rows = portal.rows("lists.section.get", **BY_CODE, FILTER={"CODE": THERE})
    found["finds_sections_by_code"] = [int(row["ID"]) for row in rows] == [there]


def _try_elements(portal: Portal, when: str, here: int, there: int, found: Found) -> None:
    full = _add(portal, HERE, here, {when: f"{WRITTEN:%Y-%m-%d %H:%M:%S}"})
    bare = _add(portal, THERE, there, {})
    rows = {int(row["ID"]): row for row in portal.rows("lists.element.get", **BY_CODE)}
    found["missing_property"] = missing_form(rows[bare], when)
    found |= date_facts(value_of(rows[full].get(when)), WRITTEN)
    found["section_filter"] = _section_filter(portal, there, bare)


def _add(portal: Portal, code: str, section: int, values: dict[str, str]) -> int:
    fields = {"NAME": MARK, **values}
    return int(portal.call("lists.element.add", **BY_CODE, ELEMENT_CODE=code, IBLOCK_SECTION_ID=section, FIELDS=fields))


def _section_filter(portal: Portal, section: int, element: int) -> str:
    """The first name that gives the section's one element and no other."""
    for name in ("IBLOCK_SECTION_ID", "SECTION_ID"):
        try:
            rows = list(portal.rows("lists.element.get", **BY_CODE, FILTER={name: section}))
        except RequestRefused:
            continue
        if [int(row["ID"]) for row in rows] == [element]:
            return name
    return ""
