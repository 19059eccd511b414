"""The whole portal as plain JSON, for the control address and for tests that compare end states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backoffice.sandbox.bitrix24.catalog.dump import dump_catalog, dump_row
from backoffice.sandbox.bitrix24.crm.activities import FIELDS
from backoffice.sandbox.bitrix24.crm.schema import EntityType
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.bitrix24.crm.values import shown_by_universal_methods
from backoffice.sandbox.bitrix24.moments import in_portal_zone
from backoffice.sandbox.bitrix24.tasks.task import Task
from backoffice.sandbox.bitrix24.universal_lists.store import Element, UniversalList

if TYPE_CHECKING:
    from backoffice.sandbox.bitrix24.portal import Portal

_TIMES = {"DATE_CREATE", "DATE_MODIFY", "LAST_ACTIVITY_TIME", "MOVED_TIME", "DATE_CLOSED"}
_ACTIVITY_TIMES = ("CREATED", "START_TIME", "END_TIME", "DEADLINE")
_ACTIVITY_FIELDS = (
    *("OWNER_TYPE_ID", "OWNER_ID", "TYPE_ID", "PROVIDER_ID", "SUBJECT", "DESCRIPTION", "DESCRIPTION_TYPE"),
    *("DIRECTION", "COMPLETED", "RESPONSIBLE_ID", "ORIGINATOR_ID", "ORIGIN_ID", "SETTINGS"),
)


def dump_portal(portal: Portal, *, with_times: bool) -> dict[str, Any]:
    """Everything in the CRM, the catalogue, the lists, the tasks and the notifications; empty fields are left out."""
    crm = portal.crm
    return {
        **{
            _plural(kind): [_item(kind, item, with_times=with_times) for item in crm.tables[kind.name]]
            for kind in crm.types.values()
        },
        "userfields": [
            {"id": row.id, "entity": row.entity_id, "name": row.name, "type": row.type, "multiple": row.multiple}
            for row in crm.userfields.values()
        ],
        "categories": [{"id": row.id, "name": row.name} for row in crm.directories.categories],
        "stage_history": [
            {"id": row.id, "entity": row.entity, "owner": row.owner_id, "type": row.type_id, "stage": row.stage_id}
            for row in crm.history
        ],
        "comments": [
            {"id": row.id, "entity": row.entity, "entity_id": row.entity_id, "text": row.text}
            for row in crm.comments.values()
        ],
        "activities": [_activity(item, with_times=with_times) for item in crm.activities.table],
        "product_rows": [dump_row(row) for row in crm.product_rows.every()],
        **dump_catalog(portal.catalog, portal.config, with_times=with_times),
        "tasks": [_task(portal, task, with_times=with_times) for task in portal.tasks],
        "lists": [_list(portal, entry) for entry in portal.lists.by_id.values()],
        "notifications": [
            {"id": row.id, "user": row.user_id, "message": row.message, "tag": row.tag}
            for row in portal.notifications.values()
        ],
    }


def _plural(kind: EntityType) -> str:
    return "companies" if kind.name == "COMPANY" else f"{kind.name.lower()}s"


def _item(kind: EntityType, item: Item, *, with_times: bool) -> dict[str, Any]:
    shown = {
        name: shown_by_universal_methods(field, item.values[name])
        for name, field in kind.fields.items()
        if item.values.get(name) not in (None, "", []) and (with_times or name not in _TIMES)
    }
    comms = [{"id": entry.id, "type": entry.type_id, "value": entry.value} for entry in item.multifields]
    return {"ID": item.id, **shown, **({"multifields": comms} if comms else {})}


def _activity(item: Item, *, with_times: bool) -> dict[str, Any]:
    """Whom it reaches stands in `to`, all it belongs to in `bindings`; computed fields are left out."""
    values = item.values
    shown = {
        name.lower(): shown_by_universal_methods(FIELDS[name], values[name])
        for name in _ACTIVITY_FIELDS + (_ACTIVITY_TIMES if with_times else ())
        if values.get(name) not in (None, "", {})
    }
    bindings = [list(bound) for bound in values["BINDINGS"]]
    return {"id": item.id, **shown, "bindings": bindings, "to": [one.value for one in values["COMMUNICATIONS"]]}


def _task(portal: Portal, task: Task, *, with_times: bool) -> dict[str, Any]:
    """The deadline is always there, the other moments are told with times."""
    texts = {"title": task.title, "description": task.description}
    people = {"creator": task.creator_id, "responsible": task.responsible_id}
    state = {"status": task.status, "deadline": in_portal_zone(task.deadline) if task.deadline else ""}
    times = {"created": task.created, "closed": task.closed} if with_times else {}
    shown = {name: in_portal_zone(moment) for name, moment in times.items() if moment}
    comments = [row.text for row in portal.tasks.comments(task.id)]
    row = {"id": task.id, **texts, **people, **state, **shown, "bindings": list(task.bindings), "comments": comments}
    return {name: value for name, value in row.items() if value not in ("", [])}


def _list(portal: Portal, entry: UniversalList) -> dict[str, Any]:
    return {
        "id": entry.id,
        "code": entry.code,
        "name": entry.name,
        "fields": [
            {"id": row.id, "code": row.code, "type": row.type, "name": row.name} for row in entry.fields.values()
        ],
        "sections": [{"id": row.id, "code": row.code, "name": row.name} for row in entry.sections.values()],
        "elements": [_element(portal, entry, row) for row in entry.elements()],
    }


def _element(portal: Portal, entry: UniversalList, element: Element) -> dict[str, Any]:
    values = {
        entry.fields[name].code or name: [entry.fields[name].shown(value, portal.config) for _, value in values]
        for name, values in element.values.items()
    }
    return {"id": element.id, "code": element.code, "name": element.name, "section": element.section, "values": values}
