"""What people make of a call task in the portal is known afterwards; what they deleted is never made again."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from backoffice.rules.call_plan import TaskState
from backoffice.rules.repeat_sales import Why
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World
from backoffice.store import effects
from tasks.call_tasks import write_tasks
from tests.tasks.call_tasks.conftest import Desk, Kill

OLGA = 3
SETTLED = 71
IN_PROGRESS, AWAITING_CONTROL, COMPLETED, DEFERRED = 3, 4, 5, 6


@pytest.fixture
def edit(world: World) -> Callable[..., None]:
    """edit(STATUS=5): a person edits the first task."""
    return lambda **fields: ask(world.portal, "tasks.task.update", taskId=1, fields=fields)


def test_a_task_moved_and_handed_over_is_known_so(desk: Desk, client: str, edit: Callable[..., None]) -> None:
    """The day is the portal's, whatever the offset in which the task shows it."""
    desk.write(client)
    edit(RESPONSIBLE_ID=OLGA, DEADLINE="2026-03-11T23:30:00+00:00")
    desk.settle()
    [row] = desk.rows
    assert (row.responsible_id, row.day, row.state) == (OLGA, date(2026, 3, 12), TaskState.OPEN)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (IN_PROGRESS, TaskState.OPEN),
        (DEFERRED, TaskState.OPEN),
        (AWAITING_CONTROL, TaskState.DONE),
        (COMPLETED, TaskState.DONE),
    ],
)
def test_the_manager_has_called_when_only_the_creator_is_waited_for(
    desk: Desk, client: str, edit: Callable[..., None], status: int, state: TaskState
) -> None:
    """Put off or begun, it is still to be done."""
    desk.write(client)
    edit(STATUS=status)
    desk.settle()
    [row] = desk.rows
    assert row.state == state
    assert row.done_on == (date(2026, 3, 2) if state is TaskState.DONE else None)


def test_who_called_and_when_is_known(world: World, desk: Desk, client: str) -> None:
    """The day on which the task was closed, not the one on which we looked."""
    desk.write(client)
    ask(world.portal, "tasks.task.complete", taskId=1)
    world.clock.advance(3 * 86400)
    desk.settle()
    [row] = desk.rows
    assert (row.state, row.done_on, row.done_by) == (TaskState.DONE, date(2026, 3, 2), 1)
    assert desk.requests(desk.settle) == (0, 0)


def test_a_task_deleted_by_people_stays_deleted(world: World, desk: Desk, client: str) -> None:
    """Seen in the portal, noted once, and the purchase counts as asked about."""
    desk.write(client)
    ask(world.portal, "tasks.task.delete", taskId=1)
    world.clock.advance(SETTLED)
    desk.settle()
    assert [row.state for row in desk.rows] == [TaskState.GONE]
    assert [one.why for one in desk.judge(client)] == [Why.ASKED]
    assert desk.requests(desk.settle) == (0, 0)


def test_a_task_not_shown_yet_is_not_taken_for_deleted(world: World, desk: Desk, client: str) -> None:
    """The portal's lists lag behind its writes."""
    desk.write(client)
    hidden = desk.tasks[0]
    world.portal.tasks.delete(hidden)
    desk.settle()
    assert [row.state for row in desk.rows] == [TaskState.OPEN]


def test_the_same_calls_again_do_not_bring_a_deleted_task_back(world: World, desk: Desk, client: str) -> None:
    """Prefect may repeat a task long after people have seen what it did."""
    calls = desk.calls(client)
    write_tasks.fn(calls, desk.study.today)
    ask(world.portal, "tasks.task.delete", taskId=1)
    write_tasks.fn(calls, desk.study.today)
    world.clock.advance(SETTLED)
    desk.settle()
    assert desk.tasks == []
    assert [row.state for row in desk.rows] == [TaskState.GONE]


def test_a_plan_of_a_dead_run_is_dropped_when_it_came_to_nothing(
    world: World, desk: Desk, client: str, kill: Kill
) -> None:
    """After the time that the portal may still need; sent a moment ago, it is waited for."""
    calls = desk.calls(client)
    kill(effects, "retake", lambda: write_tasks.fn(calls, desk.study.today))
    began = world.clock.now()
    desk.settle()
    assert (world.clock.now() - began).total_seconds() >= 70
    assert desk.rows == []
    assert [one.why for one in desk.judge(client)] == [Why.DUE]


def test_many_tasks_are_followed_in_few_requests(desk: Desk, wholesale: Wholesale) -> None:
    """Fifty a command: 120 open tasks are one request, and a task that the list does not show one more."""
    clients = [wholesale.company(f"Лавка {number}") for number in range(24)]
    for number, client in enumerate(clients):
        wholesale.deal(client, assignedById=1 + number % 3)
    desk.write(*clients)
    assert (len(desk.tasks), desk.requests(desk.settle)) == (15, (1, 0))


def test_the_mark_is_read_whatever_becomes_of_the_lines(desk: Desk, client: str, edit: Callable[..., None]) -> None:
    """An editor that turns them into HTML, or a person who adds some."""
    desk.write(client)
    for written in (desk.tasks[0].description.replace("\n", "<br>"), f"Срочно!\n{desk.tasks[0].description}\nЖду."):
        edit(DESCRIPTION=written)
        desk.forget()
        assert [one.why for one in desk.judge(client)] == [Why.ASKED]


@pytest.mark.parametrize("words", [{"DEADLINE": ""}, {"DESCRIPTION": "стёрто"}, {"UF_CRM_TASK": []}])
def test_what_people_erase_of_a_task_does_no_harm(
    desk: Desk, client: str, edit: Callable[..., None], words: dict[str, Any]
) -> None:
    """Our own row knows the task without it."""
    desk.write(client)
    edit(**words)
    desk.settle()
    [row] = desk.rows
    assert (row.state, row.day) == (TaskState.OPEN, date(2026, 3, 3))
    assert [one.why for one in desk.judge(client)] == [Why.ASKED]
