"""crm.stagehistory.list: who entered which stage and when. Official source: crm/crm-stage-history-list.md."""

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.conditions import having, split_key
from backoffice.sandbox.bitrix24.crm.stages import HistoryRow
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import in_portal_zone, moment
from backoffice.sandbox.bitrix24.paging import ordered, paged
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.registry import method

_KINDS = {1: "LEAD", 2: "DEAL"}
_COLUMNS: dict[str, Callable[[HistoryRow], Any]] = {
    "ID": lambda row: row.id,
    "TYPE_ID": lambda row: row.type_id,
    "OWNER_ID": lambda row: row.owner_id,
    "CREATED_TIME": lambda row: row.created,
    "CATEGORY_ID": lambda row: row.category_id,
    "STAGE_SEMANTIC_ID": lambda row: row.semantics,
    "STAGE_ID": lambda row: row.stage_id,
}
_LEAD_NAMES = {"STAGE_ID": "STATUS_ID", "STAGE_SEMANTIC_ID": "STATUS_SEMANTIC_ID"}


@method("crm.stagehistory.list", "page", "entityTypeId filter order select start", scope="crm")
def list_(call: Call) -> Page:
    """All values as text, as captured (the documents show numbers)."""
    entity = _KINDS.get(call.integer("entityTypeId"))
    if entity is None:
        raise Refusal("ENTITY_TYPE_NOT_SUPPORTED", "The entity type is not supported")
    columns = _columns(entity)
    tests = [test for key, wanted in call.map("filter").items() if (test := _test(call, columns, key, wanted))]
    rows = (row for row in _candidates(call) if row.entity == entity and all(test(row) for test in tests))
    arranged = ordered(rows, call.map("order"), lambda row, name: columns[name](row) if name in columns else row.id)
    select = [str(name) for name in values_of(call.params.get("select") or [])]
    for name in set(select) - columns.keys():
        call.refuse_unknown(name)
    shown = [name for name in columns if not select or name in select]
    return paged(
        arranged, call.params.get("start"), lambda row: {name: _text(columns[name](row)) for name in shown}, "items"
    )


def _candidates(call: Call) -> list[HistoryRow]:
    """Rows come by id and none is ever deleted: a cursor need not look at the old ones."""
    history, bound = call.portal.crm.history, str(call.map("filter").get(">ID", ""))
    return history[bisect_right(history, int(bound), key=lambda row: row.id) :] if bound.isdigit() else history


def _columns(entity: str) -> dict[str, Callable[[HistoryRow], Any]]:
    if entity == "DEAL":
        return _COLUMNS
    return {_LEAD_NAMES.get(name, name): read for name, read in _COLUMNS.items() if name != "CATEGORY_ID"}


def _test(
    call: Call, columns: dict[str, Callable[[HistoryRow], Any]], key: str, wanted: Any
) -> Callable[[HistoryRow], bool] | None:
    operator, name = split_key(key)
    if name not in columns:
        call.refuse_unknown(name)
        return None
    read = columns[name]
    targets = [_typed(name, value) for value in values_of(wanted)]
    matches = having(operator, targets, case_sensitive=call.portal.config.filter_case_sensitive)
    return lambda row: matches([read(row)])


def _typed(name: str, raw: Any) -> Any:
    if name == "CREATED_TIME":
        return moment(str(raw))
    if name in {"ID", "TYPE_ID", "OWNER_ID", "CATEGORY_ID"}:
        return int(raw) if str(raw).isdigit() else None
    return str(raw)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, int | str) else in_portal_zone(value)
