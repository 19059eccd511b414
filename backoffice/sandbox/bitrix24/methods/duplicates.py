"""crm.duplicate.findbycomm, crm.entity.mergeBatch. Official sources: crm/duplicates/*."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.crm.merging import conflicts, merge
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.php import map_of, values_of
from backoffice.sandbox.bitrix24.registry import method

MOST_VALUES = 20
_SEARCHED = ("LEAD", "CONTACT", "COMPANY")


@method("crm.duplicate.findbycomm", "read", "type values entity_type", scope="crm", case="any")
def find_by_comm(call: Call) -> dict[str, list[int]]:
    """Ids by kind of object, at most 20 of a kind; a kind with 20 hides the kinds after it. Nothing found: `[]`.

    Whether letter case counts in an e-mail is not documented, hence the switch `findbycomm_case_sensitive`.
    """
    kind = str(call.params.get("TYPE") or "").upper()
    if kind not in {"EMAIL", "PHONE"}:
        raise Refusal("", "Communication type is not defined")
    values = [str(value) for value in values_of(call.params.get("VALUES") or []) if value][:MOST_VALUES]
    if not isinstance(call.params.get("VALUES"), list | dict) or not values:
        raise Refusal("", "Communication values is not defined")
    wanted = str(call.params.get("ENTITY_TYPE") or "").upper()
    most, found = call.portal.config.findbycomm_most, dict[str, list[int]]()
    for entity in [wanted] if wanted else _SEARCHED:
        if ids := _ids(call, entity, kind, values):
            found[entity] = ids[:most]
        if len(ids) >= most:
            break
    return found


@method("crm.entity.mergeBatch", "update", "params", scope="crm")
def merge_batch(call: Call) -> dict[str, Any]:
    """The first object survives; differing filled fields are a conflict, answered with 200 and nothing changed."""
    params = map_of(call.required("params"))
    entity = _entity(call, params.get("entityTypeId"))
    ids = [int(value) for value in values_of(params.get("entityIds") or [])]
    if len(ids) < 2:
        raise Refusal(0, "The parameter entityIds must contains at least two elements.")
    items = [call.portal.crm.tables[entity].get(item_id) for item_id in ids]
    present = [item for item in items if item is not None]
    if len(present) < len(ids):
        raise Refusal("", "Not found")
    if conflicts(call.portal, entity, present):
        return {"STATUS": "CONFLICT", "ENTITY_IDS": []}
    merge(call.portal, entity, ids)
    return {"STATUS": "SUCCESS", "ENTITY_IDS": ids[1:]}


def _ids(call: Call, entity: str, kind: str, values: list[str]) -> list[int]:
    if entity not in _SEARCHED:
        raise Refusal("", f"Entity type {entity} is not supported")
    table = call.portal.crm.tables[entity]
    exact = call.portal.config.findbycomm_case_sensitive and kind == "EMAIL"
    found = {
        item.id for value in values for item in table.with_comm(kind, value) if not exact or _has_exactly(item, value)
    }
    return sorted(found)


def _has_exactly(item: Item, value: str) -> bool:
    return any(entry.value == value for entry in item.multifields)


def _entity(call: Call, number: Any) -> str:
    for kind in call.portal.crm.types.values():
        if str(kind.id) == str(number):
            return kind.name
    raise Refusal(0, "The parameter entityTypeId is required.")
