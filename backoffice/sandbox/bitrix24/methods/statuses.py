"""crm.status.{list,entity.items,add}. Official sources: crm/status/*."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.conditions import split_key
from backoffice.sandbox.bitrix24.crm.directories import Status
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.paging import ordered, unpaged
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.registry import method

_REQUIRED = ("ENTITY_ID", "STATUS_ID", "NAME")


@method("crm.status.list", "page", "order filter", scope="crm", case="any")
def list_(call: Call) -> Page:
    """Exact filters only; not paged."""
    rows = [_shown(status) for status in call.portal.crm.directories.statuses]
    for key, wanted in call.map("FILTER").items():
        _, name = split_key(key)
        if rows and name not in rows[0]:
            call.refuse_unknown(name)
            continue
        rows = [row for row in rows if str(row[name]) in {str(value) for value in values_of(wanted)}]
    order = call.map("ORDER") or {"SORT": "ASC"}
    return unpaged(list(ordered(rows, order, _order_value)))


@method("crm.status.entity.items", "read", "entityId", scope="crm", case="any")
def entity_items(call: Call) -> list[dict[str, Any]]:
    entity_id = str(call.params.get("ENTITYID") or "")
    if not entity_id:
        raise Refusal("", "Parameter entityId is not defined or invalid.")
    rows = call.portal.crm.directories.of(entity_id)
    return [{"NAME": row.name, "SORT": row.sort, "STATUS_ID": row.status_id} for row in rows]


@method("crm.status.add", "add", "fields", scope="crm", case="any")
def add(call: Call) -> int:
    sent = call.map("FIELDS")
    for name in _REQUIRED:
        if not sent.get(name):
            raise Refusal("", f"The field '{name}' is required.")
    entity_id, code, title = (str(sent[name]) for name in _REQUIRED)
    semantics = str(sent.get("SEMANTICS") or "")
    return call.portal.crm.directories.add_status(entity_id, code, title, int(sent.get("SORT") or 10), semantics).id


def _order_value(row: dict[str, Any], name: str) -> Any:
    return int(row[name]) if name in {"ID", "SORT"} else row.get(name)


def _shown(row: Status) -> dict[str, Any]:
    stage = {"SEMANTICS": row.meaning, "COLOR": row.color} if _is_stage(row) else None
    return {
        "ID": str(row.id),
        "ENTITY_ID": row.entity_id,
        "STATUS_ID": row.status_id,
        "NAME": row.name,
        "NAME_INIT": row.name if row.system else "",
        "SORT": str(row.sort),
        "SYSTEM": "Y" if row.system else "N",
        "CATEGORY_ID": _category(row),
        "COLOR": row.color or None,
        "SEMANTICS": row.semantics or None,
        **({"EXTRA": stage} if stage else {}),
    }


def _is_stage(row: Status) -> bool:
    return row.entity_id == "STATUS" or row.entity_id.startswith("DEAL_STAGE")


def _category(row: Status) -> str | None:
    return row.entity_id.partition("DEAL_STAGE_")[2] or None
