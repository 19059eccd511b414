"""A task as the second generation shows it: text under camelCase names, moments in the caller's zone.

Official sources: tasks/tasks-task-{add,get,list}.md, tasks/tasks-new.md; captured: `group: []`, `ufCrmTask: false`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.tasks.fields import BY_SELECTION, STORED, UNSET
from backoffice.sandbox.bitrix24.tasks.task import COMPLETED, DEFERRED, IN_PROGRESS, PENDING, Task, sub_status

_NEVER = "accept decline approve disapprove deleteFavorite edit.originator dayplan.timer.toggle favorite.delete"
_ALWAYS = (
    "remove edit create changeDeadline checklistAddItems addFavorite rate checklist.reorder elapsedtime.add edit.plan "
    "checklist.add favorite.add"
)


def whole(call: Call, task: Task) -> dict[str, Any]:
    """After a write, and read without a selection: all but the user fields."""
    return {
        **{camel(name): shown(call, task, name) for name in STORED},
        "group": [],
        **_people(call, task, ("CREATED_BY", "RESPONSIBLE_ID", "ACCOMPLICES", "AUDITORS")),
        "newCommentsCount": 0,
        "action": actions(task),
        "checkListTree": _EMPTY_TREE,
        "checkListCanAdd": True,
    }


def selected(call: Call, task: Task, names: Iterable[str]) -> dict[str, Any]:
    """As both read methods do: `id` and `group` are always there, people come as objects beside their ids."""
    wanted = list(dict.fromkeys(["ID", *names]))
    if any(name in wanted for name in BY_SELECTION):
        wanted = list(dict.fromkeys([*wanted, *BY_SELECTION]))
    found = {camel(name): shown(call, task, name) for name in wanted}
    if "DESCRIPTION" in wanted:
        found["descriptionInBbcode"] = "Y"
    return {**found, "group": [], **_people(call, task, wanted)}


def listed(call: Call, task: Task, names: Iterable[str]) -> dict[str, Any]:
    """A row of a list; with the status comes the one that counts the deadline in."""
    found = selected(call, task, names)
    if "status" in found:
        found["subStatus"] = str(sub_status(task, call.portal.clock.now()))
    return found


def actions(task: Task) -> dict[str, bool]:
    """What may be done with it, by its status alone: everybody may do everything here."""
    waits, runs, put_off = (task.status == status for status in (PENDING, IN_PROGRESS, DEFERRED))
    by_status = {
        "complete": task.status != COMPLETED,
        "start": waits or put_off,
        "pause": runs,
        "delegate": task.status != COMPLETED,
        "defer": waits or runs,
        "renew": task.status in (COMPLETED, DEFERRED),
    }
    return {**dict.fromkeys(_NEVER.split(), False), **by_status, **dict.fromkeys(_ALWAYS.split(), True)}


def guid(task: Task) -> str:
    return f"{{{uuid5(NAMESPACE_URL, f'task {task.id}')}}}"


def camel(name: str) -> str:
    """`UF_CRM_TASK` -> `ufCrmTask`."""
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


def shown(call: Call, task: Task, name: str) -> Any:
    """The value of one field in an answer."""
    if name in _COMPUTED:
        return _COMPUTED[name](call, task)
    value = task.value(name)
    if name in BY_SELECTION:
        return list(value) if value else None if name == "UF_MAIL_MESSAGE" else False
    return _text(call, UNSET.get(name) if value is None else value)


def _text(call: Call, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(call.portal.users[call.user_id].clock_zone).isoformat()
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return None if value is None else str(value)


def _count(call: Call, task: Task) -> str | None:
    found = len(call.portal.tasks.comments(task.id))
    return str(found) if found else None


def _people(call: Call, task: Task, names: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, key in (("CREATED_BY", "creator"), ("RESPONSIBLE_ID", "responsible")):
        if name in names:
            found[key] = _person(call, task.value(name))
    for name, key in (("ACCOMPLICES", "accomplicesData"), ("AUDITORS", "auditorsData")):
        if name in names:
            found[key] = {str(number): _person(call, number) for number in task.value(name) or ()}
    return found


def _person(call: Call, user_id: int) -> dict[str, Any]:
    user = call.portal.users.get(user_id)
    return {
        "id": str(user_id),
        "name": f"{user.name} {user.last_name}" if user else "",
        "link": f"/company/personal/user/{user_id}/",
        "icon": "/bitrix/images/tasks/default_avatar.png",
        "workPosition": user.position if user else "",
    }


_COMPUTED: dict[str, Any] = {
    "GUID": lambda _, task: guid(task),
    "COMMENTS_COUNT": _count,
    "CHAT_ID": lambda _, task: task.chat_id,
    "TAGS": lambda _, task: {str(n): {"id": n, "title": one} for n, one in enumerate(task.value("TAGS") or (), 1)},
}
_NO_NODE = "id copiedId entityId createdBy parentId sortIndex nodeId"
_EMPTY_TREE = {
    "nodeId": 0,
    "fields": {
        **dict.fromkeys(_NO_NODE.split()),
        **{"title": "", "displaySortIndex": "", "isComplete": False, "isImportant": False, "completedCount": 0},
        **{"members": [], "attachments": []},
    },
    "action": [],
    "descendants": [],
}
