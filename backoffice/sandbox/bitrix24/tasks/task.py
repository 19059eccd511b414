"""A task as the portal keeps it. Official source: tasks/fields.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

PENDING, IN_PROGRESS, AWAITING_CONTROL, COMPLETED, DEFERRED = 2, 3, 4, 5, 6
STATUSES = (PENDING, IN_PROGRESS, AWAITING_CONTROL, COMPLETED, DEFERRED)
ALMOST_OVERDUE, OVERDUE = -3, -1
_ALMOST = timedelta(days=1)  # the documents do not say how near «almost» is

NOTHING: Mapping[str, Any] = MappingProxyType({})

# The fields every task has, by the names that the methods give them; the rest of them stands in `rest`.
_ATTRIBUTES = {
    "ID": "id",
    "TITLE": "title",
    "DESCRIPTION": "description",
    "CREATED_BY": "creator_id",
    "CREATED_DATE": "created",
    "RESPONSIBLE_ID": "responsible_id",
    "CHANGED_BY": "changed_by",
    "CHANGED_DATE": "changed",
    "ACTIVITY_DATE": "changed",
    "STATUS": "status",
    "REAL_STATUS": "status",
    "STATUS_CHANGED_BY": "status_changed_by",
    "STATUS_CHANGED_DATE": "status_changed",
    "CLOSED_BY": "closed_by",
    "CLOSED_DATE": "closed",
    "DATE_START": "started",
    "DEADLINE": "deadline",
    "PRIORITY": "priority",
    "UF_CRM_TASK": "bindings",
}


@dataclass(frozen=True, slots=True)
class Task:
    """`bindings` are codes of CRM objects (`D_10`, `CO_5`); moments are aware."""

    id: int
    title: str
    creator_id: int
    responsible_id: int
    created: datetime
    changed: datetime
    changed_by: int
    status_changed: datetime
    status_changed_by: int | None = None
    description: str = ""
    deadline: datetime | None = None
    status: int = PENDING
    priority: int = 1
    bindings: tuple[str, ...] = ()
    started: datetime | None = None
    closed: datetime | None = None
    closed_by: int | None = None
    rest: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    def value(self, name: str) -> Any:
        """The field by the name of the second generation; None of one that was never set."""
        attribute = _ATTRIBUTES.get(name)
        return getattr(self, attribute) if attribute else self.rest.get(name)

    @property
    def chat_id(self) -> int:
        """Of the chat that belongs to the task in the new card."""
        return 2000 + self.id


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    task_id: int
    author_id: int
    text: str
    created: datetime


def attributes(values: Mapping[str, Any], rest: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """Fields by the methods' names -> attributes of a task whose other fields were `rest`."""
    known = {_ATTRIBUTES[name]: value for name, value in values.items() if name in _ATTRIBUTES}
    others = {name: value for name, value in values.items() if name not in _ATTRIBUTES}
    return known | ({"rest": {**rest, **others}} if others else {})


def sub_status(task: Task, now: datetime) -> int:
    """STATUS as lists filter it: overdue and almost overdue before the status itself; whether it was seen is not kept.

    A task that is completed or awaits control is not overdue (tutorials/chat-bots/index.md).
    """
    if task.deadline is None or task.status in (AWAITING_CONTROL, COMPLETED):
        return task.status
    if task.deadline < now:
        return OVERDUE
    return ALMOST_OVERDUE if task.deadline < now + _ALMOST else task.status
