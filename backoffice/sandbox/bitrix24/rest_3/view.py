"""A task as REST 3.0 shows it: numbers are numbers, words stand for codes.

Official sources: tasks/fields-rest-v3.md, tasks-task-{add,get}-rest-v3.md.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.rest_3.dto import MARKS, PRIORITIES, STATUSES
from backoffice.sandbox.bitrix24.rest_3.errors import unknown_property
from backoffice.sandbox.bitrix24.tasks.showing import actions, guid
from backoffice.sandbox.bitrix24.tasks.task import Task

Shown = Callable[[Call, Task], Any]

_NULLS = (
    "fileIds epicId storyPoints exchangeId exchangeModified deadlineCount declineReason forumTopicId "
    "maxDeadlineChangeDate maxDeadlineChanges forkedByTemplateId emailId"
)
_FALSE = (
    "containsChecklist containsSubTasks containsRelatedTasks containsGanttLinks containsResults replicate isMultitask "
    "requireResult matchesSubTasksTime autocompleteSubTasks allowsChangeDatePlan requireDeadlineChangeReason"
)
_LISTS = "checklist inFavorite inPin inGroupPin inMute dependsOn"
_ZEROS = "numberOfReminders plannedDuration actualDuration"
_RIGHTS = (
    "read watch mute createResult edit remove deadline datePlan changeResponsible changeAccomplices mark changeStatus "
    "reminder addAuditors elapsedTime favorite checklistAdd checklistEdit checklistSave checklistToggle automate "
    "completeResult admin createSubtask copy saveAsTemplate attachFile detachFile detachParent createGanttDependence"
)
_NO_RIGHTS = "approve disapprove take changeDirector timeTracking resultEdit removeResult resultRead sort"
_RIGHTS_BY_STATUS = ("complete", "start", "delegate", "defer", "renew", "pause")
_SELECTED = (
    "creatorId created responsibleId groupId stageId flowId accomplices auditors changedById statusChangedById "
    "closedById forkedByTemplateId emailId"
)
_ONLY_SELECTED = frozenset(_SELECTED.split())
_PEOPLE = {
    "creator": "CREATED_BY",
    "responsible": "RESPONSIBLE_ID",
    "changedBy": "CHANGED_BY",
    "statusChangedBy": "STATUS_CHANGED_BY",
    "closedBy": "CLOSED_BY",
}
_ABSENT = {"group": "GroupDto", "stage": "StageDto", "flow": "FlowDto", "parent": "TaskDto", "email": "EmailDto"}


def whole(call: Call, task: Task) -> dict[str, Any]:
    """The basic set, without related objects and their numbers."""
    return {name: show(call, task) for name, show in FIELDS.items() if name not in _ONLY_SELECTED}


def selected(call: Call, task: Task, names: list[str]) -> dict[str, Any]:
    """`id` and what is asked for; an unknown name is left out without a word, unless it is one of a related object."""
    found: dict[str, Any] = {"id": task.id}
    for name in names:
        owner, dot, inner = name.partition(".")
        if dot and (related := _related(call, task, owner, inner)) is not None:
            found[owner] = {**found.get(owner, {}), **related}
        elif name in FIELDS:
            found[name] = FIELDS[name](call, task)
    return found


def _related(call: Call, task: Task, owner: str, inner: str) -> dict[str, Any] | None:
    """The field of the related object; empty for an object that is not kept here, None for no object at all."""
    if owner in _ABSENT:
        return {}
    if owner in _PEOPLE:
        return {inner: _named(_person(call, task.value(_PEOPLE[owner])), inner, "UserDto")}
    if owner == "chat":
        chat = {"id": task.chat_id, "entityId": task.id, "entityType": "TASKS_TASK"}
        return {inner: _named(chat, inner, "ChatDto")}
    return None


def _named(values: dict[str, Any], name: str, entity: str) -> Any:
    if name not in values:
        raise unknown_property(name, entity)
    return values[name]


def _person(call: Call, user_id: int | None) -> dict[str, Any]:
    user = call.portal.users.get(user_id or 0)
    return {
        "id": user_id or None,
        "name": f"{user.name} {user.last_name}" if user else None,
        "email": user.email if user else None,
        **dict.fromkeys(("role", "image", "gender", "externalAuthId")),
        "rights": [],
    }


def _stored(name: str) -> Shown:
    """The value itself, a moment in the zone of the caller."""

    def show(call: Call, task: Task) -> Any:
        value = task.value(name)
        if isinstance(value, datetime):
            return value.astimezone(call.portal.users[call.user_id].clock_zone).isoformat()
        return list(value) if isinstance(value, tuple) else value

    return show


def _or(default: Any, name: str) -> Shown:
    return lambda _, task: task.value(name) or default


def _flag(name: str) -> Shown:
    return lambda _, task: task.value(name) == "Y"


def _always(value: Any) -> Shown:
    return lambda _call, _task: value


def _rights(_: Call, task: Task) -> dict[str, bool]:
    by_status = {name: allowed for name, allowed in actions(task).items() if name in _RIGHTS_BY_STATUS}
    return {**dict.fromkeys(_RIGHTS.split(), True), **dict.fromkeys(_NO_RIGHTS.split(), False), **by_status}


def _link(_: Call, task: Task) -> str:
    return f"/company/personal/user/{task.responsible_id}/tasks/task/view/{task.id}/"


FIELDS: dict[str, Shown] = {
    "id": lambda _, task: task.id,
    "title": _stored("TITLE"),
    "description": _stored("DESCRIPTION"),
    "creatorId": _stored("CREATED_BY"),
    "created": _stored("CREATED_DATE"),
    "responsibleId": _stored("RESPONSIBLE_ID"),
    "deadline": _stored("DEADLINE"),
    "needsControl": _flag("TASK_CONTROL"),
    "startPlan": _stored("START_DATE_PLAN"),
    "endPlan": _stored("END_DATE_PLAN"),
    "groupId": _or(None, "GROUP_ID"),
    "stageId": _or(None, "STAGE_ID"),
    "flowId": _or(None, "FLOW_ID"),
    "priority": lambda _, task: PRIORITIES[task.priority],
    "status": lambda _, task: STATUSES[task.status],
    "statusChanged": _stored("STATUS_CHANGED_DATE"),
    "accomplices": _or([], "ACCOMPLICES"),
    "auditors": _or([], "AUDITORS"),
    "parentId": _stored("PARENT_ID"),
    "containsPlacements": _always(False),
    "chatId": lambda _, task: task.chat_id,
    "durationType": _always("days"),
    "started": _stored("DATE_START"),
    "estimatedTime": _or(0, "TIME_ESTIMATE"),
    "changed": _stored("CHANGED_DATE"),
    "changedById": _stored("CHANGED_BY"),
    "statusChangedById": _stored("STATUS_CHANGED_BY"),
    "closedById": _or(None, "CLOSED_BY"),
    "closed": _stored("CLOSED_DATE"),
    "activity": _stored("ACTIVITY_DATE"),
    "guid": lambda _, task: guid(task),
    "xmlId": _or(None, "XML_ID"),
    "outlookVersion": _always(1),
    "mark": lambda _, task: MARKS[task.value("MARK") or ""],
    "allowsChangeDeadline": _flag("ALLOW_CHANGE_DEADLINE"),
    "allowsTimeTracking": _flag("ALLOW_TIME_TRACKING"),
    "matchesWorkTime": _flag("MATCH_WORK_TIME"),
    "addInReport": _flag("ADD_IN_REPORT"),
    "siteId": _always("s1"),
    "link": _link,
    "rights": _rights,
    "archiveLink": _always(""),
    "crmItemIds": _stored("UF_CRM_TASK"),
    "scenarios": _always(["default"]),
    **{name: _always(None) for name in _NULLS.split()},
    **{name: _always(False) for name in _FALSE.split()},
    **{name: _always([]) for name in _LISTS.split()},
    **{name: _always(0) for name in _ZEROS.split()},
}
