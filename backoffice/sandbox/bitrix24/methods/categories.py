"""crm.category.{list,get,add,update,delete}: funnels of deals. Official sources: crm/universal/category/*."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.crm.directories import DEAL, Category
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.paging import unpaged
from backoffice.sandbox.bitrix24.registry import method


@method("crm.category.list", "page", "entityTypeId", scope="crm")
def list_(call: Call) -> Page:
    """Never paged: a capture has 52 rows and no `next`."""
    _refuse_other_types(call)
    rows = sorted(call.portal.crm.directories.categories, key=lambda row: (row.sort, row.id))
    return unpaged([_shown(row) for row in rows], "categories")


@method("crm.category.get", "read", "entityTypeId id", scope="crm")
def get(call: Call) -> dict[str, Any]:
    return {"category": _shown(_category(call))}


@method("crm.category.add", "add", "entityTypeId fields", scope="crm")
def add(call: Call) -> dict[str, Any]:
    """A funnel comes with the usual stages."""
    _refuse_other_types(call)
    sent = call.map("fields")
    if not sent.get("name"):
        raise Refusal(0, "The field name is required")
    return {"category": _shown(call.portal.crm.directories.add_category(sent["name"], int(sent.get("sort") or 500)))}


@method("crm.category.update", "update", "entityTypeId id fields", scope="crm")
def update(call: Call) -> dict[str, Any]:
    category, sent = _category(call), call.map("fields")
    call.portal.crm.directories.rename_category(category.id, str(sent.get("name") or category.name))
    return {"category": _shown(_category(call))}


@method("crm.category.delete", "delete", "entityTypeId id", scope="crm")
def delete(call: Call) -> None:
    """Neither the default one nor one with deals in it."""
    category, crm = _category(call), call.portal.crm
    if category.is_default or any(deal.values["CATEGORY_ID"] == category.id for deal in crm.tables["DEAL"]):
        raise Refusal(0, "The category cannot be deleted")
    crm.directories.categories.remove(category)


def _category(call: Call) -> Category:
    _refuse_other_types(call)
    found = call.portal.crm.directories.category(int(call.params.get("id") or 0))
    if found is None:
        raise Refusal("NOT_FOUND", "Element not found")
    return found


def _refuse_other_types(call: Call) -> None:
    if call.integer("entityTypeId") != DEAL:
        raise Refusal("ENTITY_TYPE_NOT_SUPPORTED", "The entity type is not supported")


def _shown(row: Category) -> dict[str, Any]:
    """The default funnel has no origin keys (captured)."""
    shown = {"id": row.id, "name": row.name, "sort": row.sort, "entityTypeId": row.entity_type_id}
    origin = {} if row.is_default else {"originId": "", "originatorId": ""}
    return {**shown, "isDefault": "Y" if row.is_default else "N", **origin}
