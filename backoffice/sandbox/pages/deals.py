"""The table of deals."""

from typing import Any

from starlette.requests import Request

from backoffice.sandbox.bitrix24.crm.directories import stage_directory
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.pages.people import card_address, full_name
from backoffice.sandbox.world import World


def deal_table(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """All deals by id."""
    deals = paged(list(world.portal.crm.tables["DEAL"]), request)
    return "deals.html", {"deals": deals, "rows": [_deal(world, item) for item in deals.rows]}


def _deal(world: World, item: Item) -> dict[str, Any]:
    tables, directories, values = world.portal.crm.tables, world.portal.crm.directories, item.values
    stage = directories.find(stage_directory(values.get("CATEGORY_ID") or 0), values["STAGE_ID"])
    contact = tables["CONTACT"].get(values.get("CONTACT_ID") or 0)
    company = tables["COMPANY"].get(values.get("COMPANY_ID") or 0)
    return {
        "id": item.id,
        "title": values["TITLE"],
        "stage": stage.name if stage else values["STAGE_ID"],
        "meaning": stage.meaning if stage else "process",
        "amount": f"{values['OPPORTUNITY']:,.0f} ₽".replace(",", " "),
        "contact": (card_address(contact), full_name(contact)) if contact else None,
        "company": company.values["TITLE"] if company else "",
        "created": values["DATE_CREATE"],
    }
