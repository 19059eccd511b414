"""The table of contacts and the card of one."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from backoffice.sandbox.bitrix24.crm.schema import Field
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.bitrix24.universal_lists.fields import ListField
from backoffice.sandbox.bitrix24.universal_lists.store import Element
from backoffice.sandbox.pages.deals import deals_of
from backoffice.sandbox.pages.lists import columns, elements_table
from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.pages.people import full_name
from backoffice.sandbox.pages.render import NoSuchPage
from backoffice.sandbox.pages.tasks import tasks_of
from backoffice.sandbox.pages.timeline import timeline
from backoffice.sandbox.pages.wording import texts
from backoffice.sandbox.world import World

# What the card shows of the standard fields, in this order.
SHOWN = {"POST": "Должность", "COMMENTS": "Комментарий", "ORIGINATOR_ID": "Внешняя система", "ORIGIN_ID": "Внешний код"}


def contact_table(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """All contacts by id; whole-number user fields are columns."""
    counts = [field for field in user_fields(world) if field.type == "integer"]
    contacts = paged(list(world.portal.crm.tables["CONTACT"]), request)
    return "contacts.html", {
        "contacts": contacts,
        "columns": [field.title for field in counts],
        "rows": [
            {**_person(world, item), "counts": [item.values.get(field.name) for field in counts]}
            for item in contacts.rows
        ],
    }


def contact_card(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """Fields, deals, comments and activities, and a tab for every list that links to the contact."""
    contact_id = int(request.path_params["contact_id"])
    item = world.portal.crm.tables["CONTACT"].get(contact_id)
    if item is None:
        raise NoSuchPage(f"Контакта {contact_id} нет: его удалили или объединили с другим.")
    return "contact.html", {
        "contact": _person(world, item),
        "fields": list(_fields(item)),
        "own_fields": [(field.title, texts(item.values.get(field.name))) for field in user_fields(world)],
        "deals": deals_of(world, contact_id),
        "tasks": tasks_of(world, f"C_{contact_id}"),
        "timeline": timeline(world, "CONTACT", contact_id),
        "tabs": [tab for tab in _tabs(world, contact_id) if tab["rows"]],
    }


def user_fields(world: World) -> list[Field]:
    """The portal's own fields of contacts."""
    return [field for field in world.portal.crm.types["CONTACT"].fields.values() if field.dynamic]


def _person(world: World, item: Item) -> dict[str, Any]:
    company = world.portal.crm.tables["COMPANY"].get(item.values.get("COMPANY_ID") or 0)
    return {
        "id": item.id,
        "name": full_name(item),
        "mails": [field.value for field in item.multifields if field.type_id == "EMAIL"],
        "phones": [field.value for field in item.multifields if field.type_id == "PHONE"],
        "company": company.values["TITLE"] if company else "",
        "created": item.values["DATE_CREATE"],
    }


def _fields(item: Item) -> Iterator[tuple[str, str]]:
    return ((title, item.values[name]) for name, title in SHOWN.items() if item.values.get(name))


def _tabs(world: World, contact_id: int) -> Iterator[dict[str, Any]]:
    """The elements linked to the contact, list by list, without the column that says so."""
    for each in world.portal.lists.by_id.values():
        fields = columns(each)
        links = [field for field in fields if field.type == "S:ECrm" and field.user_type_settings.get("VISIBLE") == "Y"]
        linked = [element for element in each.elements() if _links_to(element, links, contact_id)]
        yield elements_table(world, each, linked, [field for field in fields if field not in links])


def _links_to(element: Element, links: list[ListField], contact_id: int) -> bool:
    """A link is a bare id where the field takes contacts only, else it has a prefix."""
    written = {str(contact_id), f"C_{contact_id}"}
    return any(value in written for field in links for _, value in element.values.get(field.id, []))
