"""lists.field.add, lists.field.get, lists.field.delete. Official sources: lists/fields/lists-field-*.md."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.php import map_of, values_of
from backoffice.sandbox.bitrix24.registry import method
from backoffice.sandbox.bitrix24.universal_lists.fields import CUSTOM, SYSTEM, ListField
from backoffice.sandbox.bitrix24.universal_lists.requests import BLOCK, fields, number, required, the_list
from backoffice.sandbox.bitrix24.universal_lists.store import UniversalList

_SETTINGS = {
    "SHOW_ADD_FORM": "Y",
    "SHOW_EDIT_FORM": "Y",
    "ADD_READ_ONLY_FIELD": "N",
    "EDIT_READ_ONLY_FIELD": "N",
    "SHOW_FIELD_PREVIEW": "N",
}
_CRM_SETTINGS = {"VISIBLE": "N", "LEAD": "N", "CONTACT": "N", "COMPANY": "N", "DEAL": "N"}
_NAMES = """
NAME TYPE IS_REQUIRED MULTIPLE SORT DEFAULT_VALUE LIST LIST_TEXT_VALUES LIST_DEF CODE SETTINGS USER_TYPE_SETTINGS
ROW_COUNT COL_COUNT LINK_IBLOCK_ID
"""
KNOWN = frozenset(_NAMES.split())


@method("lists.field.add", "add", f"{BLOCK} FIELDS", scope="lists")
def add(call: Call) -> str:
    """The new field's id: PROPERTY_7, or the system field's own name."""
    owner, sent = the_list(call), fields(call)
    for name in sent.keys() - KNOWN:
        call.refuse_unknown(name)
    kind = str(sent.get("TYPE") or "")
    field = _system(sent, kind) if kind in SYSTEM else _custom(call, owner, sent, kind)
    if field.id in owner.fields:
        raise Refusal("ERROR_SAVE_FIELD", "Property already exists")
    owner.fields[field.id] = field
    return field.id


@method("lists.field.get", "read", f"{BLOCK} FIELD_ID", scope="lists")
def get(call: Call) -> dict[str, Any] | list[Any]:
    """One field under the key of its TYPE (documented); how all fields come is not documented, see the config."""
    owner, wanted = the_list(call), call.params.get("FIELD_ID")
    if not wanted:
        return _every(list(owner.fields.values()), call.portal.config.list_fields_as)
    field = owner.fields.get(str(wanted))
    return {field.type: field.row()} if field else {}


@method("lists.field.delete", "delete", f"{BLOCK} FIELD_ID", scope="lists")
def delete(call: Call) -> bool:
    """The values elements had in it are no longer shown."""
    owner, field_id = the_list(call), str(required(call, "FIELD_ID"))
    return owner.fields.pop(field_id, None) is not None


def _every(fields: list[ListField], form: str) -> dict[str, Any] | list[Any]:
    """By FIELD_ID, as a plain list, or by TYPE with a list of fields under each."""
    if form == "by_field_id":
        return {field.id: field.row() for field in fields}
    if form == "list":
        return [field.row() for field in fields]
    kinds = dict.fromkeys(field.type for field in fields)
    return {kind: [field.row() for field in fields if field.type == kind] for kind in kinds}


def _system(sent: dict[str, Any], kind: str) -> ListField:
    return ListField(kind, 0, str(sent["NAME"]), kind, required=sent.get("IS_REQUIRED") == "Y")


def _custom(call: Call, owner: UniversalList, sent: dict[str, Any], kind: str) -> ListField:
    code = str(sent.get("CODE") or "")
    if kind not in CUSTOM:
        raise Refusal("ERROR_SAVE_FIELD", "Error saving the field")
    if not code:
        raise Refusal("ERROR_SAVE_FIELD", "Please fill the code fields")
    if any(field.code == code for field in owner.fields.values()):
        raise Refusal("ERROR_SAVE_FIELD", "Property already exists")
    sequence = call.portal.lists.number("field")
    return ListField(
        f"PROPERTY_{sequence}",
        sequence,
        str(sent["NAME"]),
        kind,
        code,
        multiple=sent.get("MULTIPLE") == "Y",
        required=sent.get("IS_REQUIRED") == "Y",
        sort=number(sent.get("SORT")) or 500,
        default=str(sent.get("DEFAULT_VALUE") or ""),
        options={call.portal.lists.number("option"): text for text in option_texts(sent)},
        settings={**_SETTINGS, **map_of(sent.get("SETTINGS"))},
        user_type_settings=(_CRM_SETTINGS if kind == "S:ECrm" else {}) | map_of(sent.get("USER_TYPE_SETTINGS")),
    )


def option_texts(sent: dict[str, Any]) -> list[str]:
    """What LIST and LIST_TEXT_VALUES together offer to choose from."""
    listed = [str(map_of(option).get("VALUE", option)) for option in values_of(sent.get("LIST") or [])]
    return listed + [line.strip() for line in str(sent.get("LIST_TEXT_VALUES") or "").splitlines() if line.strip()]
