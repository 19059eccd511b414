"""Universal lists: all of them, the sections of one, the elements of a section."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request

from backoffice.sandbox.bitrix24.universal_lists.fields import ListField
from backoffice.sandbox.bitrix24.universal_lists.store import Element, UniversalList
from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.pages.people import card_address, full_name
from backoffice.sandbox.pages.render import NoSuchPage
from backoffice.sandbox.pages.wording import value_text
from backoffice.sandbox.world import World


def all_lists(world: World, _: Request) -> tuple[str, dict[str, Any]]:
    rows = [(each, len(each.sections), sum(1 for _ in each.elements())) for each in world.portal.lists.by_id.values()]
    return "lists.html", {"rows": rows}


def list_view(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """The sections and elements inside section `section_id`; 0 is the top of the list."""
    each = world.portal.lists.by_id.get(int(request.path_params["list_id"]))
    if each is None:
        raise NoSuchPage("Такого списка нет.")
    section = each.sections.get(int(request.path_params["section_id"]))
    if section is None and request.path_params["section_id"]:
        raise NoSuchPage("Такого раздела нет.")
    inside = section.id if section else None
    sizes = Counter(element.section for element in each.elements())
    elements = paged([element for element in each.elements() if element.section == inside], request)
    return "list.html", {
        "list": each,
        "section": section,
        "sections": [(one, sizes[one.id]) for one in each.sections.values() if one.parent == inside],
        "elements": elements,
        "table": elements_table(world, each, elements.rows, columns(each)),
    }


def columns(each: UniversalList) -> list[ListField]:
    """The list's own fields in their order."""
    return sorted((field for field in each.fields.values() if field.custom), key=lambda field: field.sort)


def elements_table(
    world: World, each: UniversalList, elements: Iterable[Element], fields: list[ListField]
) -> dict[str, Any]:
    """Columns named by `fields`; a cell holds pairs of a text and an address or None, one for each value."""
    return {
        "list": each,
        "columns": [field.name for field in fields],
        "rows": [
            {
                "element": element,
                "section": each.sections.get(element.section or 0),
                "cells": [_cell(world, field, element) for field in fields],
            }
            for element in elements
        ],
    }


def _cell(world: World, field: ListField, element: Element) -> list[tuple[str, str | None]]:
    return [_printed(world, field, value) for _, value in element.values.get(field.id, [])]


def _printed(world: World, field: ListField, value: Any) -> tuple[str, str | None]:
    if field.type == "S:ECrm":
        return _linked(world, str(value))
    if field.type == "L":
        return field.options.get(value, str(value)), None
    return value_text(value), None


def _linked(world: World, value: str) -> tuple[str, str | None]:
    """A linked contact by name; other kinds of objects have no page and stay as they are."""
    number = value.removeprefix("C_")
    contact = world.portal.crm.tables["CONTACT"].get(int(number)) if number.isdecimal() else None
    return (value, None) if contact is None else (full_name(contact), card_address(contact))
