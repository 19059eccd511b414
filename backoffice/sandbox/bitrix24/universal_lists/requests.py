"""What the `lists.*` methods share: finding the list, required parameters, names of fields."""

import re
from collections.abc import Mapping
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.universal_lists.fields import ListField
from backoffice.sandbox.bitrix24.universal_lists.store import Element, UniversalList, Values

_NAIVE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
BLOCK = "IBLOCK_TYPE_ID IBLOCK_ID IBLOCK_CODE SOCNET_GROUP_ID"


def required(call: Call, name: str) -> Any:
    """The parameter, or the refusal the `lists.*` methods give."""
    value = call.params.get(name)
    if value in (None, "", [], {}):
        raise Refusal("ERROR_REQUIRED_PARAMETERS_MISSING", f"Required parameter `{name}` is missing")
    return value


def fields(call: Call) -> dict[str, Any]:
    """Parameter FIELDS, which must have a name."""
    required(call, "FIELDS")
    sent = call.map("FIELDS")
    if not sent.get("NAME"):
        raise Refusal("ERROR_REQUIRED_PARAMETERS_MISSING", "Required parameter `NAME` is missing")
    return sent


def number(value: Any) -> int | None:
    """An id sent as a number or as text; None for nothing, for 0 and for what is not a number."""
    return int(value) or None if str(value or "").isdigit() else None


def the_list(call: Call) -> UniversalList:
    """By IBLOCK_TYPE_ID and IBLOCK_ID or IBLOCK_CODE."""
    kind = str(required(call, "IBLOCK_TYPE_ID"))
    list_id, code = number(call.params.get("IBLOCK_ID")), call.params.get("IBLOCK_CODE")
    if list_id is None and not code:
        raise Refusal("ERROR_REQUIRED_PARAMETERS_MISSING", "Required parameter `IBLOCK_ID` is missing")
    found = call.portal.lists.find(kind, list_id, str(code or ""))
    if found is None:
        raise Refusal("ERROR_IBLOCK_NOT_FOUND", "Iblock not found")
    return found


def the_element(call: Call, owner: UniversalList) -> Element:
    """By ELEMENT_ID or ELEMENT_CODE."""
    element_id, code = number(call.params.get("ELEMENT_ID")), call.params.get("ELEMENT_CODE")
    if element_id is None and not code:
        raise Refusal("ERROR_REQUIRED_PARAMETERS_MISSING", "Required parameter `ELEMENT_ID` is missing")
    found = owner.element(element_id) if element_id else owner.element_by_code(str(code))
    if found is None:
        raise Refusal("ERROR_ELEMENT_NOT_FOUND", "Element not found")
    return found


def field_values(call: Call, owner: UniversalList, sent: dict[str, Any]) -> dict[str, Values]:
    """The values of the fields sent, by field id; a required field left empty is refused."""
    result: dict[str, Values] = {}
    for name, raw in sent.items():
        field = owner.fields.get(name)
        if field is None:
            call.refuse_unknown(name)
        elif name != "NAME" and (kept := call.portal.lists.values(field, _values(call, field, raw))):
            result[name] = kept
    for field in owner.fields.values():
        if field.required and field.id != "NAME" and field.id not in result:
            raise Refusal("ERROR_ADD_ELEMENT", f"The field «{field.name}» is required")
    return result


def _values(call: Call, field: ListField, raw: Any) -> list[Any]:
    listed = _listed(raw, multiple=field.multiple)
    if field.type != "S:DateTime" or call.portal.config.naive_moments_in == "portal":
        return listed
    return [f"{text}+00:00" if _NAIVE.fullmatch(text) else text for text in map(str, listed)]


def _listed(raw: Any, *, multiple: bool) -> list[Any]:
    """Several values may come as a list or as a map by any keys (`n0`, or the valueId they had)."""
    items = values_of(raw)
    values = [item["VALUE"] if isinstance(item, Mapping) and "VALUE" in item else item for item in items]
    return values if multiple else values[:1]
