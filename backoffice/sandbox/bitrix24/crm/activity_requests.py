"""What a caller sends about an activity, in stored form, or why it is refused.

Official sources: crm/timeline/activities/activity-base/crm-activity-{add,update}.md, whose errors have no code, and
tutorials/crm/how-to-add-crm-objects/how-to-{add-activity-to-contact,send-email}.md. In which order the fields are
looked at is undocumented.
"""

from collections.abc import Iterator
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.crm.activities import CALL, EMAIL, FIELDS, MEETING, NOBODY, PROVIDED, Bound
from backoffice.sandbox.bitrix24.crm.activities import Communication as Comm
from backoffice.sandbox.bitrix24.crm.schema import EntityType, Field
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.bitrix24.crm.values import stored
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.php import map_of, values_of

_CHANNELS = {EMAIL: "EMAIL", CALL: "PHONE"}  # what the portal fills in itself
_IMMUTABLE = {"OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID"}
_NOT_KEPT = {"FILES", "WEBDAV_ELEMENTS", "DEADLINE", "STATUS"}  # files are dropped, the others follow from other fields
_COMM_NAMES = {"ID", "TYPE", "VALUE", "ENTITY_ID", "ENTITY_TYPE_ID"}
_FOREIGN_PROVIDERS = {
    "CONFIGURABLE_REST_APP": "Use crm.activity.configurable.add for this activity provider",
    "REST_APP": "Application context required",
}


def new_activity(call: Call) -> dict[str, Any]:
    """Parameter FIELDS as the values of a new activity."""
    values = {name: value for name, value in _sent(call).items() if value is not None}
    _check_type(values)
    if not values.get("SUBJECT"):
        raise Refusal("", "The field SUBJECT is not defined or empty")
    values["COMMUNICATIONS"] = _communications(call, values["TYPE_ID"])
    owner = _owner(call, values)
    person = values.get("RESPONSIBLE_ID") or owner.values.get("ASSIGNED_BY_ID")
    if not person:
        raise Refusal("", "The field RESPONSIBLE_ID is not defined or invalid")
    return {**values, "RESPONSIBLE_ID": person, **_deadline(values)}


def changed_activity(call: Call, known: Item) -> dict[str, Any]:
    """Parameter FIELDS as a change; owner and type cannot be changed, what was not sent stays."""
    values = {name: value for name, value in _sent(call).items() if name not in _IMMUTABLE}
    if "SUBJECT" in values and not values["SUBJECT"]:
        raise Refusal("", "The field SUBJECT is not defined or empty")
    if "COMMUNICATIONS" in call.map("FIELDS"):
        values["COMMUNICATIONS"] = _communications(call, known.values["TYPE_ID"])
    return {**values, **_deadline(values)}


def object_of(call: Call, bound: Bound) -> tuple[EntityType, Item | None] | None:
    """The kind of the object and the object itself, if it is there; None for an unknown kind."""
    kind = next((kind for kind in call.portal.crm.types.values() if kind.id == bound[0]), None)
    return None if kind is None else (kind, call.portal.crm.tables[kind.name].get(bound[1]))


def _sent(call: Call) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, raw in call.map("FIELDS").items():
        field = FIELDS.get(name)
        if field is None:
            call.refuse_unknown(name)
        elif not field.read_only and name not in _NOT_KEPT and name != "COMMUNICATIONS":
            values[name] = _value(field, raw)
    return values


def _deadline(values: dict[str, Any]) -> dict[str, Any]:
    """Never set directly; of an e-mail it is undocumented."""
    return {"DEADLINE": values["START_TIME"]} if values.get("START_TIME") else {}


def _value(field: Field, raw: Any) -> Any:
    """A number that is none counts as not sent."""
    try:
        return stored(field, raw)
    except (ValueError, TypeError):
        if field.type == "datetime":
            raise Refusal("", f"Invalid value of field {field.name}") from None
        return None


def _check_type(values: dict[str, Any]) -> None:
    kind, provider = values.get("TYPE_ID") or 0, values.get("PROVIDER_ID")
    if not 1 <= kind <= PROVIDED:
        raise Refusal("", "The field TYPE_ID is not defined or invalid")
    if kind not in {MEETING, CALL, EMAIL, PROVIDED}:
        raise Refusal("", f'The activity type "{kind}" is not supported in current context')
    if kind == PROVIDED and not provider:
        raise Refusal("", "The custom activity without provider is not supported in current context")
    if kind == PROVIDED and provider in _FOREIGN_PROVIDERS:
        raise Refusal("", _FOREIGN_PROVIDERS[provider])


def _communications(call: Call, kind: int) -> list[Comm]:
    """Those with a value and of the type's own channel; the others are discarded without a word."""
    found = list(_kept(call, kind))
    if not found:
        raise Refusal("", "The field COMMUNICATIONS is not defined or invalid")
    if kind == MEETING and len(found) > 1:
        raise Refusal("", "The only one communication is allowed for activity of specified type")
    return found


def _kept(call: Call, kind: int) -> Iterator[Comm]:
    channel = _CHANNELS.get(kind, "")
    for entry in map(map_of, values_of(call.map("FIELDS").get("COMMUNICATIONS") or [])):
        for name in entry.keys() - _COMM_NAMES:
            call.refuse_unknown(f"COMMUNICATIONS.{name}")
        value, told = str(entry.get("VALUE") or ""), str(entry.get("TYPE") or channel)
        if value and (not channel or told == channel):
            entity = (_number(entry.get("ENTITY_TYPE_ID")), _number(entry.get("ENTITY_ID")))
            number = call.portal.crm.number("communication")
            yield Comm(number, told, value, entity if all(entity) else NOBODY)


def _owner(call: Call, values: dict[str, Any]) -> Item:
    """The object of OWNER_ID, or that of the first communication, whose number then stands in `values`."""
    told = (values.get("OWNER_TYPE_ID") or 0, values.get("OWNER_ID") or 0)
    others = [one.entity for one in values["COMMUNICATIONS"] if one.entity != NOBODY]
    bound = told if all(told) else next(iter(others), NOBODY)
    found = object_of(call, bound)
    if found is None:
        text = "Could not build binding. Please ensure that owner info and communications are defined correctly"
        raise Refusal("", text)
    kind, item = found
    if item is None:
        raise Refusal("", f"Could not find '{kind.name}' with ID: {bound[1]}")
    values["OWNER_TYPE_ID"], values["OWNER_ID"] = bound
    return item


def _number(raw: Any) -> int:
    return int(raw) if str(raw or "").isdigit() else 0
