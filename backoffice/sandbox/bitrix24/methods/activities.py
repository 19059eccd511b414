"""crm.activity.{add,get,list,update,delete,fields}. Official sources: crm/timeline/activities/activity-base/*."""

from collections.abc import Iterable
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.crm.activities import FIELDS, Bound, Communication
from backoffice.sandbox.bitrix24.crm.activity_mail import leaves, send
from backoffice.sandbox.bitrix24.crm.activity_requests import changed_activity, new_activity, object_of
from backoffice.sandbox.bitrix24.crm.descriptions import described
from backoffice.sandbox.bitrix24.crm.schema import Field
from backoffice.sandbox.bitrix24.crm.search import Search
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.bitrix24.crm.values import shown_by_old_methods
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.php import map_of, values_of
from backoffice.sandbox.bitrix24.registry import method

_ONLY_IF_SELECTED = ("COMMUNICATIONS", "BINDINGS", "FILES", "WEBDAV_ELEMENTS")
_PLAIN = [name for name in FIELDS if name not in _ONLY_IF_SELECTED]
_IMMUTABLE = ("OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID")


@method("crm.activity.add", "add", "fields", scope="crm", case="any")
def add(call: Call) -> int:
    """An error of sending comes after the activity is there, and leaves it there."""
    activity = call.portal.crm.activities.add(new_activity(call), call.user_id)
    if leaves(activity):
        send(call, activity)
    return activity.id


@method("crm.activity.update", "update", "id fields", scope="crm", case="any")
def update(call: Call) -> bool:
    """Never sends: to complete an e-mail that was not sent only marks it."""
    activity = _activity(call)
    call.portal.crm.activities.update(activity, changed_activity(call, activity), call.user_id)
    return True


@method("crm.activity.get", "read", "id", scope="crm", case="any")
def get(call: Call) -> dict[str, Any]:
    return _shown(call, _activity(call), _PLAIN)


@method("crm.activity.delete", "delete", "id", scope="crm", case="any")
def delete(call: Call) -> bool:
    """The letter that was sent is not recalled."""
    call.portal.crm.activities.delete(_activity(call).id)
    return True


@method("crm.activity.list", "page", "select filter order start", scope="crm", case="any")
def list_(call: Call) -> Page:
    """By START_TIME unless told otherwise; COMMUNICATIONS and FILES only if selected."""
    wanted = call.map("FILTER")
    pairs = [map_of(pair) for pair in values_of(wanted.pop("BINDINGS", None) or [])]
    table, strict_case = call.portal.crm.activities.table, call.portal.config.filter_case_sensitive
    search = Search(table, lambda name: _searchable(call, name), _bad_filter, strict_case, _ignored(call))
    rows = search.rows(wanted, call.map("ORDER") or {"START_TIME": "ASC"})
    names = _selected(call)
    return paged(_bound_to(rows, pairs), call.params.get("START"), lambda item: _shown(call, item, names))


@method("crm.activity.fields", "read", scope="crm", case="any")
def fields(_: Call) -> dict[str, Any]:
    return {
        name: {**described(field), "isImmutable": name in _IMMUTABLE}
        for name, field in FIELDS.items()
        if name != "ORIGIN_VERSION"
    }


def _activity(call: Call) -> Item:
    raw = str(call.params.get("ID") or "")
    found = call.portal.crm.activities.table.get(int(raw)) if raw.isdigit() else None
    if found is None:
        raise Refusal("", "Activity is not found")
    return found


def _bound_to(rows: Iterable[Item], pairs: list[dict[str, Any]]) -> Iterable[Item]:
    """An activity that fits several pairs comes several times, as documented."""
    if not pairs:
        return rows
    return [item for item in rows for pair in pairs if any(_fits(pair, bound) for bound in item.values["BINDINGS"])]


def _fits(pair: dict[str, Any], bound: Bound) -> bool:
    told = (pair.get("OWNER_TYPE_ID"), pair.get("OWNER_ID"))
    return all(wanted is None or str(wanted) == str(has) for wanted, has in zip(told, bound, strict=True))


def _searchable(call: Call, name: str) -> Field | None:
    field = FIELDS.get(name)
    if field is None or field.multiple or field.type == "object":
        call.refuse_unknown(name)
        return None
    return field


def _ignored(call: Call) -> frozenset[str]:
    """Whether the list can be filtered by these is not documented."""
    config = call.portal.config
    origins = set() if config.activity_list_finds_origins else {"ORIGINATOR_ID", "ORIGIN_ID"}
    return frozenset(origins | (set() if config.activity_list_finds_subjects else {"SUBJECT"}))


def _selected(call: Call) -> list[str]:
    """What is asked for; whether ORIGIN_ID comes in a list is not documented."""
    names: dict[str, None] = {"ID": None}
    for name in map(str, values_of(call.params.get("SELECT") or ["*"])):
        if name == "*":
            names.update(dict.fromkeys(_PLAIN))
        elif name in FIELDS:
            names[name] = None
        else:
            call.refuse_unknown(name)
    if not call.portal.config.activity_list_shows_origins:
        names.pop("ORIGIN_ID", None)
    return list(names)


def _shown(call: Call, item: Item, names: Iterable[str]) -> dict[str, Any]:
    return {name: _value(call, item, FIELDS[name]) for name in names}


def _value(call: Call, item: Item, field: Field) -> Any:
    if field.name == "ID":
        return str(item.id)
    value = item.values.get(field.name)
    if field.name == "COMMUNICATIONS":
        return [_communication(call, one) for one in value or []]
    if field.name == "BINDINGS":
        return [{"OWNER_TYPE_ID": str(kind), "OWNER_ID": str(number)} for kind, number in value or []]
    empty: list[Any] | None = [] if field.multiple or field.type == "object" else None
    return empty if value is None else shown_by_old_methods(field, value)


def _communication(call: Call, row: Communication) -> dict[str, Any]:
    kind, number = row.entity
    shown = {"ID": str(row.id), "TYPE": row.type, "VALUE": row.value}
    entity = {"ENTITY_ID": str(number), "ENTITY_TYPE_ID": str(kind)}
    return {**shown, **entity, "ENTITY_SETTINGS": _whose(call, row.entity)}


def _whose(call: Call, bound: Bound) -> dict[str, Any]:
    found = object_of(call, bound)
    if found is None or found[0].name != "CONTACT" or found[1] is None:
        return {}
    values = found[1].values
    company = call.portal.crm.tables["COMPANY"].get(values.get("COMPANY_ID") or 0)
    names = {name: values.get(name) or "" for name in ("HONORIFIC", "NAME", "SECOND_NAME", "LAST_NAME")}
    told = {"COMPANY_TITLE": company.values["TITLE"], "COMPANY_ID": str(company.id)} if company else {}
    return {**names, "COMPANY_TITLE": "", "COMPANY_ID": "0", **told}


def _bad_filter(name: str) -> Refusal:
    return Refusal("", f"Invalid filter value of field {name}")
