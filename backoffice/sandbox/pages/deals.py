"""The table of deals and the card of one."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from backoffice.sandbox.bitrix24.catalog.fields import plain
from backoffice.sandbox.bitrix24.catalog.rows import ProductRow
from backoffice.sandbox.bitrix24.crm.directories import stage_directory
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.pages.people import card_address, company_address, full_name
from backoffice.sandbox.pages.products import product_address
from backoffice.sandbox.pages.render import NoSuchPage
from backoffice.sandbox.pages.tasks import tasks_of
from backoffice.sandbox.pages.timeline import person, timeline
from backoffice.sandbox.pages.wording import roubles, texts
from backoffice.sandbox.world import World

# What the card shows of the standard fields besides the main ones, in this order.
SHOWN = {
    "BEGINDATE": "Начало",
    "CLOSEDATE": "Завершение",
    "COMMENTS": "Комментарий",
    "ORIGINATOR_ID": "Внешняя система",
    "ORIGIN_ID": "Внешний код",
}


def deal_table(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """All deals by id."""
    deals = paged(list(world.portal.crm.tables["DEAL"]), request)
    return "deals.html", {"deals": deals, "rows": [deal_row(world, item) for item in deals.rows]}


def deal_card(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """Stage, contacts, fields, product rows, tasks, comments and activities."""
    deal_id = int(request.path_params["deal_id"])
    item = world.portal.crm.tables["DEAL"].get(deal_id)
    if item is None:
        raise NoSuchPage(f"Сделки {deal_id} нет: её удалили или объединили с другой.")
    crm = world.portal.crm
    linked = [crm.tables["CONTACT"].get(number) for number in crm.links["DEAL", "CONTACT"].of(deal_id)]
    return "deal.html", {
        "deal": deal_row(world, item),
        "funnel": _funnel(world, item),
        "contacts": [(card_address(contact), full_name(contact)) for contact in linked if contact],
        "responsible": person(world, item.values.get("ASSIGNED_BY_ID")),
        "fields": list(_fields(world, item)),
        "rows": [_row(world, row) for row in crm.product_rows.of(("DEAL", deal_id))],
        "tasks": tasks_of(world, f"D_{deal_id}"),
        "timeline": timeline(world, "DEAL", deal_id),
    }


def deals_of(world: World, contact_id: int) -> list[dict[str, Any]]:
    """The deals a contact takes part in, as rows of the table."""
    crm = world.portal.crm
    found = [crm.tables["DEAL"].get(number) for number in sorted(crm.links["DEAL", "CONTACT"].owners_of(contact_id))]
    return [deal_row(world, item) for item in found if item]


def _funnel(world: World, item: Item) -> str:
    number = item.values.get("CATEGORY_ID") or 0
    return next((row.name for row in world.portal.crm.directories.categories if row.id == number), "Общая")


def _row(world: World, row: ProductRow) -> dict[str, Any]:
    product = world.portal.catalog.products.get(row.product_id)
    return {
        "address": product_address(product) if product else "",
        "name": row.name,
        "price": roubles(row.price),
        "quantity": f"{plain(row.quantity)} {row.measure_name}",
        "amount": roubles(row.amount),
    }


def _fields(world: World, item: Item) -> Iterator[tuple[str, list[str]]]:
    yield from ((title, texts(item.values[name])) for name, title in SHOWN.items() if item.values.get(name))
    own = (field for field in world.portal.crm.types["DEAL"].fields.values() if field.dynamic)
    yield from ((field.title, texts(item.values.get(field.name))) for field in own)


def deal_row(world: World, item: Item) -> dict[str, Any]:
    """One line of the table: what the deal is called, its stage by name and meaning, its first contact."""
    tables, directories, values = world.portal.crm.tables, world.portal.crm.directories, item.values
    stage = directories.find(stage_directory(values.get("CATEGORY_ID") or 0), values["STAGE_ID"])
    contact = tables["CONTACT"].get(values.get("CONTACT_ID") or 0)
    company = tables["COMPANY"].get(values.get("COMPANY_ID") or 0)
    return {
        "id": item.id,
        "address": f"/crm/deal/details/{item.id}/",
        "title": values["TITLE"],
        "stage": stage.name if stage else values["STAGE_ID"],
        "meaning": stage.meaning if stage else "process",
        "amount": roubles(values["OPPORTUNITY"]),
        "contact": (card_address(contact), full_name(contact)) if contact else None,
        "company": (company_address(company), company.values["TITLE"]) if company else None,
        "created": values["DATE_CREATE"],
    }
