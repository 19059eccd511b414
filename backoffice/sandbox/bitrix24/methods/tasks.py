"""tasks.task.{add,update,get,list,delete,complete,getFields}.

Official sources: tasks/tasks-task-{add,update,get,list,delete,get-fields}.md, tasks/status/tasks-task-complete.md.
"""

from collections.abc import Iterable
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.registry import method
from backoffice.sandbox.bitrix24.tasks import fields, listing
from backoffice.sandbox.bitrix24.tasks.requests import changed_task, new_task
from backoffice.sandbox.bitrix24.tasks.showing import actions, listed, selected, shown, whole
from backoffice.sandbox.bitrix24.tasks.task import AWAITING_CONTROL, COMPLETED, Task

_NO_TASK_ID = "CTaskItem All parameters in the constructor must have real class type (internal error)"
_NO_ARRAY = "Invalid value {} to match with parameter {select}. Should be value of type array. (internal error)"
_ALL = "*"


@method("tasks.task.add", "add", "fields", scope="task")
def add(call: Call) -> dict[str, Any]:
    """A header `Idempotency-Key` means nothing here: what is sent twice is there twice."""
    task = call.portal.tasks.add(new_task(call), call.user_id)
    bound = {"ufCrmTask": shown(call, task, "UF_CRM_TASK")} if call.portal.config.task_add_shows_bindings else {}
    return {"task": {**whole(call, task), **bound}}


@method("tasks.task.update", "update", "taskId fields", scope="task")
def update(call: Call) -> dict[str, Any]:
    task = _task(call)
    if task is None:
        raise Refusal("0", "Action on the task is not allowed (internal error)")
    return {"task": whole(call, call.portal.tasks.update(task, changed_task(call, task), call.user_id))}


@method("tasks.task.get", "read", "taskId select", scope="task")
def get(call: Call) -> Any:
    """An empty list instead of an error for a task that is not there."""
    task, names = _task(call), _selection(call)
    if task is None:
        return []
    if not names or _ALL in names:
        bound = fields.BY_SELECTION if names else ()
        return {"task": {**selected(call, task, bound), **whole(call, task), "chatId": task.chat_id}}
    favorite = {"favorite": shown(call, task, "FAVORITE")}
    return {"task": {**selected(call, task, names), **favorite, "action": actions(task)}}


@method("tasks.task.list", "page", "order filter select params start", scope="task")
def list_(call: Call) -> Page:
    """Without a selection every stored field; `params` would add what is not kept here."""
    names = _selection(call) or list(fields.STORED)
    if _ALL in names:
        names = [*fields.STORED, *fields.BY_SELECTION]
    return paged(listing.rows(call), call.params.get("start"), lambda task: listed(call, task, names), "tasks")


@method("tasks.task.delete", "delete", "taskId", scope="task")
def delete(call: Call) -> dict[str, bool]:
    task = _task(call)
    if task is None:
        raise Refusal("1048582", "No access to delete the task")
    call.portal.tasks.delete(task)
    return {"task": True}


@method("tasks.task.complete", "update", "taskId", scope="task")
def complete(call: Call) -> dict[str, Any]:
    """A task under control waits for its creator (undocumented); one that is completed cannot be completed again."""
    task = _task(call)
    if task is None or not actions(task)["complete"]:
        raise Refusal("0", "Action on the task is not allowed")
    controlled = task.value("TASK_CONTROL") == "Y" and task.creator_id != call.user_id
    changed = {"STATUS": AWAITING_CONTROL if controlled else COMPLETED}
    return {"task": whole(call, call.portal.tasks.update(task, changed, call.user_id))}


@method("tasks.task.getFields", "read", scope="task")
def get_fields(_: Call) -> dict[str, Any]:
    return {"fields": fields.described()}


def _task(call: Call) -> Task | None:
    raw = call.params.get("taskId")
    if raw in (None, ""):
        raise Refusal("100", _NO_TASK_ID)
    if not str(raw).isdigit():
        raise Refusal("0", "wrong task id")
    return call.portal.tasks.get(int(raw))


def _selection(call: Call) -> list[str]:
    """The names asked for, none of them unknown."""
    select = call.params.get("select", [])
    if not isinstance(select, list | dict):
        raise Refusal("100", _NO_ARRAY)
    return list(_known(call, select.values() if isinstance(select, dict) else select))


def _known(call: Call, names: Iterable[Any]) -> Iterable[str]:
    for name in map(str, names):
        if name == _ALL or name in fields.KNOWN:
            yield name
        else:
            call.refuse_unknown(name)
