"""lists.add, lists.get, lists.update, lists.delete. Official sources: lists/lists/lists-*.md."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import in_site_format
from backoffice.sandbox.bitrix24.paging import ordered, paged
from backoffice.sandbox.bitrix24.registry import method
from backoffice.sandbox.bitrix24.universal_lists.requests import BLOCK, fields, number, required, the_list
from backoffice.sandbox.bitrix24.universal_lists.store import UniversalList


@method("lists.add", "add", f"{BLOCK} FIELDS MESSAGES RIGHTS", scope="lists")
def add(call: Call) -> int:
    kind, code, sent = str(required(call, "IBLOCK_TYPE_ID")), str(required(call, "IBLOCK_CODE")), fields(call)
    lists = call.portal.lists
    if lists.find(kind, None, code):
        raise Refusal("ERROR_IBLOCK_ALREADY_EXISTS", "Iblock already exists")
    added = lists.add(kind, code, str(sent["NAME"]), str(sent.get("DESCRIPTION", "")), number(sent.get("SORT")) or 500)
    return added.id


@method("lists.get", "page", f"{BLOCK} IBLOCK_ORDER start", scope="lists")
def get(call: Call) -> Page:
    """One list by id or code, or all of the type, the newest first; an unknown one is not an error."""
    kind = str(required(call, "IBLOCK_TYPE_ID"))
    list_id, code = number(call.params.get("IBLOCK_ID")), call.params.get("IBLOCK_CODE")
    rows = [entry for entry in call.portal.lists.by_id.values() if entry.type == kind]
    if list_id is not None:
        rows = [entry for entry in rows if entry.id == list_id]
    if code:
        rows = [entry for entry in rows if entry.code == code]
    order = call.map("IBLOCK_ORDER") or {"ID": "DESC"}
    return paged(ordered(rows, order, _order_value), call.params.get("start"), lambda row: _shown(call, row))


@method("lists.update", "update", f"{BLOCK} FIELDS MESSAGES RIGHTS", scope="lists")
def update(call: Call) -> bool:
    found, sent = the_list(call), fields(call)
    found.name, found.changed = str(sent["NAME"]), call.portal.lists.now()
    found.description = str(sent.get("DESCRIPTION", found.description))
    return True


@method("lists.delete", "delete", BLOCK, scope="lists")
def delete(call: Call) -> bool:
    del call.portal.lists.by_id[the_list(call).id]
    return True


def _order_value(row: UniversalList, name: str) -> Any:
    return {"ID": row.id, "NAME": row.name, "CODE": row.code, "SORT": row.sort}.get(name.upper(), row.id)


def _shown(call: Call, row: UniversalList) -> dict[str, Any]:
    return {
        "ID": str(row.id),
        "TIMESTAMP_X": in_site_format(row.changed, call.portal.config.site_datetime),
        "IBLOCK_TYPE_ID": row.type,
        "LID": "s1",
        "CODE": row.code,
        "NAME": row.name,
        "ACTIVE": "Y",
        "SORT": str(row.sort),
        "PICTURE": None,
        "DESCRIPTION": row.description,
        "DESCRIPTION_TYPE": "text",
        "BIZPROC": "Y",
        "RIGHTS_MODE": "E",
        "VERSION": "1",
        "SOCNET_GROUP_ID": None,
    }
