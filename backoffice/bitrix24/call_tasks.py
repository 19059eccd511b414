"""Call tasks in the portal (tasks/tasks-task-{add,get,list}.md, -rest-v3.md): written, found again, read as they are.

The documented filter of tasks knows no outside key. So a task is looked for by what it is bound to, and known by the
mark that its description ends in: client and deal, as people may read them too. The last one counts, whatever the
portal makes of the lines.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.listing import read_rest, rows_of
from backoffice.bitrix24.values import read_day_in
from backoffice.bitrix24.wire import as_map
from backoffice.rules.call_plan import TaskState
from backoffice.rules.call_schedule import call_key
from backoffice.rules.chunks import chunked

ADD, LIST, GET, COMPLETE = "tasks.task.add", "tasks.task.list", "tasks.task.get", "tasks.task.complete"
SELECT = ["ID", "DESCRIPTION", "STATUS", "RESPONSIBLE_ID", "DEADLINE", "CREATED_DATE", "CLOSED_DATE", "CLOSED_BY"]
MARK = re.compile(r"backoffice: ((?:CO|C)_\d+) D_(\d+)")
IDS_A_COMMAND = 50
CALLED = frozenset({"4", "5"})
"""Completed, or waiting for its creator to agree that it is (tasks/fields.md): the manager has called either way."""


@dataclass(frozen=True)
class CallForm:
    """A task to write. `about` is the deal; the deadline is aware, because whose zone a naive one means is nowhere said
    (tasks-task-add.md).
    """

    title: str
    description: str
    client: str
    about: int
    responsible_id: int
    deadline: datetime

    @property
    def _bound(self) -> list[str]:
        return [self.client, f"D_{self.about}"]

    def fields(self) -> dict[str, Any]:
        """For tasks.task.add."""
        return {
            "TITLE": self.title,
            "DESCRIPTION": self.description,
            "RESPONSIBLE_ID": self.responsible_id,
            "DEADLINE": self.deadline,
            "UF_CRM_TASK": self._bound,
        }

    def third_fields(self, creator_id: int) -> dict[str, Any]:
        """For the same of REST 3.0, which demands a creator."""
        return {
            "title": self.title,
            "description": self.description,
            "creatorId": creator_id,
            "responsibleId": self.responsible_id,
            "deadline": self.deadline,
            "crmItemIds": self._bound,
        }


@dataclass(frozen=True)
class LiveCall:
    """A call task as the portal has it: OPEN or DONE; `client` and `deal_id` by its mark, empty if people took it out.

    Days are the portal's; `day` is the deadline, None if people took that out.
    """

    id: int
    client: str
    deal_id: int
    state: TaskState
    responsible_id: int
    day: date | None
    made_on: date | None
    done_on: date | None = None
    done_by: int | None = None

    @property
    def key(self) -> str:
        """The natural key."""
        return call_key(self.client, self.deal_id)


def mark(key: str) -> str:
    """The last line of a task's description, and of what we write into its comments."""
    return f"backoffice: {key}"


def find_calls(portal: Portal, deal_ids: Collection[int], zone: tzinfo) -> list[LiveCall]:
    """The tasks bound to these deals that carry our mark for their deal, the oldest first; 50 deals a request.

    Asked for deal by deal: whether the filter minds several bindings is not documented.
    """
    wanted = sorted(set(deal_ids))
    pages = [Command(LIST, {"filter": {"UF_CRM_TASK": f"D_{one}"}, "select": SELECT}, one) for one in wanted]
    found: dict[int, LiveCall] = {}
    for command, result in zip(pages, portal.batch(pages).values(), strict=True):
        calls = (_call(row, zone) for row in read_rest(portal, LIST, command.params, result))
        found |= {call.id: call for call in calls if call.deal_id == command.item}
    return [found[task_id] for task_id in sorted(found)]


def read_calls(portal: Portal, task_ids: Collection[int], zone: tzinfo) -> dict[int, LiveCall]:
    """The tasks that there are; 2,500 a request, and 50 of those that the list does not show.

    A task that is left out was deleted, or its webhook's owner may not see it: the portal tells no difference.
    """
    pages = [Command(LIST, _by_id(some), tuple(some)) for some in chunked(sorted(set(task_ids)), IDS_A_COMMAND)]
    rows = [row for page in portal.batch(pages).values() for row in rows_of(LIST, page)]
    found = {call.id: call for call in (_call(row, zone) for row in rows)}
    return found | {call.id: call for call in _one_by_one(portal, set(task_ids) - found.keys(), zone)}


def read_task_id(result: Any) -> int:
    """The id in the answer of tasks.task.add, of either REST."""
    answer = as_map(result)
    return int(as_map(answer.get("task") or answer.get("item"))["id"])


def _by_id(task_ids: list[int]) -> dict[str, Any]:
    return {"filter": {"ID": task_ids}, "select": SELECT, "order": {"ID": "ASC"}}


def _one_by_one(portal: Portal, task_ids: Collection[int], zone: tzinfo) -> Iterator[LiveCall]:
    """An empty answer is a task that is not there (tasks-task-get.md)."""
    answers = portal.batch(Command(GET, {"taskId": one, "select": SELECT}, one) for one in sorted(task_ids)).values()
    return (_call(row, zone) for answer in answers if (row := as_map(as_map(answer).get("task"))))


def _call(row: Row, zone: tzinfo) -> LiveCall:
    client, deal_id = [("", 0), *MARK.findall(str(row.get("description") or ""))][-1]
    done = str(row.get("status")) in CALLED
    return LiveCall(
        id=int(row["id"]),
        client=client,
        deal_id=int(deal_id),
        state=TaskState.DONE if done else TaskState.OPEN,
        responsible_id=int(row.get("responsibleId") or 0),
        day=read_day_in(zone, row.get("deadline")),
        made_on=read_day_in(zone, row.get("createdDate")),
        done_on=read_day_in(zone, row.get("closedDate")) if done else None,
        done_by=int(row.get("closedBy") or 0) or None if done else None,
    )
