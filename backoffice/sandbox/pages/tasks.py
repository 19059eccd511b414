"""The table of tasks, the card of one, and the tasks of a CRM object."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starlette.requests import Request

from backoffice.sandbox.bitrix24.tasks.task import (
    ALMOST_OVERDUE,
    AWAITING_CONTROL,
    COMPLETED,
    DEFERRED,
    IN_PROGRESS,
    OVERDUE,
    PENDING,
    Task,
    sub_status,
)
from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.pages.people import card_address, company_address, full_name
from backoffice.sandbox.pages.render import NoSuchPage
from backoffice.sandbox.pages.timeline import person
from backoffice.sandbox.world import World

_WORDS = {
    PENDING: "ждёт выполнения",
    IN_PROGRESS: "выполняется",
    AWAITING_CONTROL: "ждёт контроля",
    COMPLETED: "завершена",
    DEFERRED: "отложена",
}
_KINDS = {"D": "Сделка", "C": "Контакт", "CO": "Компания", "L": "Лид"}
_BBCODE = re.compile(r"\[/?[a-z]+(=[^\]]*)?\]", re.IGNORECASE)


def task_table(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """All tasks by id."""
    found = world.portal.tasks
    tasks = paged(found.ids(), request)
    return "tasks.html", {"tasks": tasks, "rows": [_row(world, task) for n in tasks.rows if (task := found.get(n))]}


def task_card(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """What is to be done, by whom and about what, and the comments."""
    number = int(request.path_params["task_id"])
    task = world.portal.tasks.get(number)
    if task is None:
        raise NoSuchPage(f"Задачи {number} нет: её удалили.")
    comments = [(row.created, person(world, row.author_id), row.text) for row in world.portal.tasks.comments(number)]
    return "task.html", {
        "task": _row(world, task),
        "description": _BBCODE.sub("", task.description),
        "creator": person(world, task.creator_id),
        "created": task.created,
        "closed": task.closed,
        "comments": comments,
    }


def tasks_of(world: World, code: str) -> list[dict[str, Any]]:
    """The tasks bound to the object (`D_10`), as rows of the table."""
    tasks = world.portal.tasks
    return [_row(world, task) for number in tasks.bound_to([code]) if (task := tasks.get(number))]


def _row(world: World, task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "address": f"/company/personal/user/{task.responsible_id}/tasks/task/view/{task.id}/",
        "title": task.title,
        "status": _WORDS[task.status],
        "meaning": _meaning(task, world.clock.now()),
        "responsible": person(world, task.responsible_id),
        "deadline": task.deadline,
        "objects": list(_objects(world, task)),
    }


def _meaning(task: Task, now: datetime) -> str:
    """The colour of the status: overdue tasks stand out."""
    by_deadline = {OVERDUE: "lost", ALMOST_OVERDUE: "unknown", COMPLETED: "good"}
    return by_deadline.get(sub_status(task, now), "")


def _objects(world: World, task: Task) -> Iterator[tuple[str, str]]:
    """Addresses, empty where there is no page, and names; an object that is gone is called by its number."""
    tables = world.portal.crm.tables
    for code in task.bindings:
        kind, _, number = code.partition("_")
        deal = tables["DEAL"].get(int(number)) if kind == "D" else None
        contact = tables["CONTACT"].get(int(number)) if kind == "C" else None
        company = tables["COMPANY"].get(int(number)) if kind == "CO" else None
        if deal:
            yield f"/crm/deal/details/{deal.id}/", str(deal.values["TITLE"])
        elif contact:
            yield card_address(contact), full_name(contact)
        elif company:
            yield company_address(company), str(company.values["TITLE"])
        else:
            yield "", f"{_KINDS.get(kind, kind)} {number}"
