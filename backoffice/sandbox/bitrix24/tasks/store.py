"""All tasks with their comments, found by id and by the CRM objects they are bound to."""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.hooks import Hooks
from backoffice.sandbox.bitrix24.tasks.task import COMPLETED, IN_PROGRESS, Comment, Task, attributes
from backoffice.sandbox.clock import Clock

_UNDEFINED = "undefined"


class Tasks:
    """Ids only grow; iteration is in their order. Tasks are never changed in place, so a copy costs little."""

    def __init__(self, clock: Clock, hooks: Hooks) -> None:
        self._clock, self._hooks = clock, hooks
        self._tasks: dict[int, Task] = {}
        self._ids: list[int] = []
        self._bound: dict[str, list[int]] = {}
        self._comments: dict[int, tuple[Comment, ...]] = {}
        self._last_id = self._last_comment = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> Tasks:
        other = copy.copy(self)
        other._tasks, other._ids, other._comments = self._tasks.copy(), self._ids.copy(), self._comments.copy()
        other._bound = {code: ids.copy() for code, ids in self._bound.items()}
        return other

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[Task]:
        return (self._tasks[number] for number in self._ids)

    def get(self, task_id: int) -> Task | None:
        return self._tasks.get(task_id)

    def ids(self, least: int | None = None, most: int | None = None) -> list[int]:
        """In order, those within the bounds, both of them included."""
        start = 0 if least is None else bisect_left(self._ids, least)
        return self._ids[start : None if most is None else bisect_right(self._ids, most)]

    def bound_to(self, codes: Iterable[str]) -> list[int]:
        """Ids of the tasks bound to at least one of the objects, in order."""
        return sorted({number for code in codes for number in self._bound.get(code, ())})

    def add(self, values: Mapping[str, Any], user_id: int) -> Task:
        """A new task of these fields, by the second generation's names and in stored form, and its event."""
        now = self._now()
        self._last_id += 1
        author = {"creator_id": user_id, "changed_by": user_id, "created": now, "changed": now, "status_changed": now}
        task = Task(**{"id": self._last_id, **author, **attributes(values)})
        if task.status == COMPLETED:
            task = replace(task, closed=now, closed_by=user_id)
        self._ids.append(task.id)
        self._keep(task)
        self._hooks.tell("ONTASKADD", _told(_UNDEFINED, task.id, "N", _UNDEFINED))
        return task

    def update(self, task: Task, values: Mapping[str, Any], user_id: int) -> Task:
        """The task with these fields changed, and its event."""
        now = self._now()
        known = attributes(values, task.rest) | {"changed": now, "changed_by": user_id}
        changed = replace(task, **known)
        if changed.status != task.status:
            changed = _moved(changed, now, user_id)
        self._release(task)
        self._keep(changed)
        self._hooks.tell("ONTASKUPDATE", _told(task.id, task.id, _UNDEFINED, _UNDEFINED))
        return changed

    def delete(self, task: Task) -> None:
        self._release(task)
        del self._tasks[task.id]
        del self._ids[bisect_left(self._ids, task.id)]
        self._comments.pop(task.id, None)
        self._hooks.tell("ONTASKDELETE", _told(task.id, _UNDEFINED, _UNDEFINED, "N"))

    def comment(self, task_id: int, text: str, author_id: int, at: datetime | None = None) -> Comment:
        """Written now unless told when."""
        self._last_comment += 1
        found = Comment(self._last_comment, task_id, author_id, text, at or self._now())
        self._comments[task_id] = (*self.comments(task_id), found)
        return found

    def comments(self, task_id: int) -> tuple[Comment, ...]:
        """By id."""
        return self._comments.get(task_id, ())

    def _keep(self, task: Task) -> None:
        self._tasks[task.id] = task
        for code in task.bindings:
            self._bound.setdefault(code, []).append(task.id)

    def _release(self, task: Task) -> None:
        for code in task.bindings:
            self._bound[code].remove(task.id)
            if not self._bound[code]:
                del self._bound[code]

    def _now(self) -> datetime:
        return self._clock.now().replace(microsecond=0)


def _moved(task: Task, now: datetime, user_id: int) -> Task:
    done = task.status == COMPLETED
    return replace(
        task,
        status_changed=now,
        status_changed_by=user_id,
        started=now if task.status == IN_PROGRESS else task.started,
        closed=now if done else None,
        closed_by=user_id if done else 0,
    )


def _told(before: int | str, after: int | str, accessible_before: str, accessible_after: str) -> dict[str, str]:
    """The event's data, as tasks/events-tasks/on-task-*.md show it: ids, or the word instead of what is not there."""
    sides = {"FIELDS_BEFORE": before, "FIELDS_AFTER": after}
    ids = {f"[{side}]" + ("[ID]" if value != _UNDEFINED else ""): str(value) for side, value in sides.items()}
    return ids | {"[IS_ACCESSIBLE_BEFORE]": accessible_before, "[IS_ACCESSIBLE_AFTER]": accessible_after}
