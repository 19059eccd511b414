"""tasks.task.{add,update,get,list,delete} and tasks.task.chat.message.send of REST 3.0.

Official sources: tasks/tasks-task-{add,update,get,list,delete}-rest-v3.md, tasks/tasks-task-chat-message-send.md.
"""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.rest_3.dto import changed_task, new_task, task_id
from backoffice.sandbox.bitrix24.rest_3.errors import ThirdRefusal, invalid, not_specified, wrong_type
from backoffice.sandbox.bitrix24.rest_3.listing import page
from backoffice.sandbox.bitrix24.rest_3.registry import METHODS, third
from backoffice.sandbox.bitrix24.rest_3.view import selected, whole
from backoffice.sandbox.bitrix24.tasks.task import Task

__all__ = ["METHODS"]

DONE = {"result": True}


@third("tasks.task.add", "add", "fields")
def add(call: Call) -> dict[str, Any]:
    return {"item": whole(call, call.portal.tasks.add(new_task(call), call.user_id))}


@third("tasks.task.update", "update", "id fields")
def update(call: Call) -> dict[str, bool]:
    number, changed = task_id(call), changed_task(call)
    call.portal.tasks.update(_accessible(call, number), changed, call.user_id)
    return DONE


@third("tasks.task.get", "read", "id select")
def get(call: Call) -> dict[str, Any]:
    number = task_id(call)
    task = call.portal.tasks.get(number)
    if task is None:
        raise ThirdRefusal("ENTITYNOTFOUNDEXCEPTION", f"Record with ID = `{number}` not found")
    names = _selection(call)
    return {"item": selected(call, task, names) if names else whole(call, task)}


@third("tasks.task.list", "page", "select filter order pagination")
def list_(call: Call) -> dict[str, Any]:
    """Only ids without a selection; nothing tells how many tasks there are in all."""
    names = _selection(call)
    return {"items": [selected(call, task, names) for task in page(call)]}


@third("tasks.task.delete", "delete", "id")
def delete(call: Call) -> dict[str, bool]:
    call.portal.tasks.delete(_accessible(call, task_id(call)))
    return DONE


@third("tasks.task.chat.message.send", "add", "fields")
def send(call: Call) -> dict[str, bool]:
    """A message of the task's chat is a comment of the task here."""
    sent = call.map("fields")
    missing = [not_specified(name) for name in ("taskId", "text") if sent.get(name) in (None, "")]
    if missing:
        raise invalid(*missing)
    if type(sent["taskId"]) is not int:
        raise invalid(wrong_type("taskId", "int"))
    call.portal.tasks.comment(_accessible(call, sent["taskId"]).id, str(sent["text"]), call.user_id)
    return DONE


def _accessible(call: Call, number: int) -> Task:
    """A task that is not there is one without access."""
    task = call.portal.tasks.get(number)
    if task is None:
        raise ThirdRefusal("ACCESSDENIEDEXCEPTION", "Access denied", call.portal.config.rest_3_access_denied_status)
    return task


def _selection(call: Call) -> list[str]:
    return [str(name) for name in values_of(call.params.get("select") or [])]
