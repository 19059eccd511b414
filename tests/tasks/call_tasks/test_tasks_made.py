"""A call task is made once for a client and its purchase, whatever is repeated, killed, cut or run at the same time."""

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread
from time import sleep
from typing import Any

import pytest

import tasks.call_tasks
from backoffice import once
from backoffice.bitrix24 import doubt
from backoffice.bitrix24.errors import BatchFailed
from backoffice.rules.call_plan import TaskState
from backoffice.rules.repeat_sales import Why
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World
from backoffice.store import call_tasks, effects
from tasks.call_tasks import write_tasks
from tests.portals import CALLS, behave, told
from tests.tasks.call_tasks.conftest import Desk, Kill

IVAN, DISMISSED = 2, 4
ADD = "tasks.task.add"

pytestmark = pytest.mark.usefixtures("either_rest")


def test_a_task_says_whom_to_call_and_why(desk: Desk, client: str) -> None:
    """Bound to client and deal, due at the end of the next working day; the mark is the last line."""
    written = desk.write(client)
    [task] = desk.tasks
    assert (dict(written.tasks), dict(written.failures)) == ({f"{client} D_1": task.id}, {})
    assert (set(task.bindings), task.responsible_id, task.creator_id) == ({client, "D_1"}, IVAN, 1)
    assert task.deadline == datetime(2026, 3, 3, 18, tzinfo=PORTAL_ZONE)
    assert task.title == "Позвонить: Кофейня «Полдень»"
    lines = task.description.split("\n")
    assert "Покупка: Пробная поставка, 21.01.2026, 12 500 ₽" in lines
    assert "– Кофе в зёрнах, 5 шт" in lines
    assert lines[-1] == f"backoffice: {client} D_1"
    [row] = desk.rows
    assert (row.task_id, row.state, row.responsible_id) == (task.id, TaskState.OPEN, IVAN)


def test_what_is_written_twice_stands_once(desk: Desk, client: str) -> None:
    """The same calls again give the same task and write nothing; looked at, the client was asked already."""
    calls = desk.calls(client)
    first = write_tasks.fn(calls, desk.study.today)
    assert desk.requests(lambda: write_tasks.fn(calls, desk.study.today))[1] == 0
    assert write_tasks.fn(calls, desk.study.today) == first
    assert [one.why for one in desk.judge(client)] == [Why.ASKED]
    assert len(desk.tasks) == 1


@pytest.mark.parametrize(
    ("owner", "name"), [(call_tasks, "add"), (effects, "claim"), (once, "write_and_find"), (effects, "settle")]
)
def test_a_killed_run_is_finished_by_the_next(desk: Desk, client: str, kill: Kill, owner: object, name: str) -> None:
    """Wherever it died on the way to the portal or back: planned rows become tasks, or the client is due again."""
    calls = desk.calls(client)
    kill(owner, name, lambda: write_tasks.fn(calls, desk.study.today))
    desk.settle()
    desk.write(client)
    assert [(row.task_id, row.state) for row in desk.rows] == [(1, TaskState.OPEN)]
    assert len(desk.tasks) == 1


def test_a_run_killed_between_the_portal_and_our_row(desk: Desk, client: str, kill: Kill) -> None:
    """The next one takes the task over, and needs not even look for it."""
    calls = desk.calls(client)
    kill(effects, "settle", lambda: write_tasks.fn(calls, desk.study.today), answered=True)
    assert [row.state for row in desk.rows] == [TaskState.PLANNED]
    desk.settle()
    assert [(row.task_id, row.state) for row in desk.rows] == [(1, TaskState.OPEN)]
    desk.write(client)
    assert len(desk.tasks) == 1


def test_a_template_may_leave_the_mark_out(desk: Desk, client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is added, or the task could not be known again."""
    monkeypatch.setattr(tasks.call_tasks, "render_text", lambda _name, _values: "Позвоните")
    desk.write(client)
    assert desk.tasks[0].description == f"Позвоните\nbackoffice: {client} D_1"


@pytest.mark.parametrize("kind", ["cut_after", "cut_before", "broken_after", "late_write"])
def test_a_lost_answer_makes_no_second_task(world: World, desk: Desk, client: str, kind: Any) -> None:
    """Executed, not executed, or executed half a minute later: one task in the same call."""
    calls = desk.calls(client)
    world.faults.order(Fault(kind=kind, methods=ADD, times=1, seconds=30))
    assert list(write_tasks.fn(calls, desk.study.today).tasks.values()) == [1]
    assert len(desk.tasks) == 1


@pytest.mark.parametrize("kind", ["cut_after", "late_write"])
def test_an_emptied_store_makes_no_twin(world: World, desk: Desk, client: str, kill: Kill, kind: Any) -> None:
    """The answer is lost, the run killed and the store lost as well: the task is known by what it is bound to."""
    calls = desk.calls(client)
    world.faults.order(Fault(kind=kind, methods=ADD, times=1, seconds=30))
    kill(doubt, "settled", lambda: write_tasks.fn(calls, desk.study.today))
    desk.forget()
    world.clock.advance(60)
    desk.write(client)
    assert len(desk.tasks) == 1
    assert [one.why for one in desk.judge(client)] == [Why.ASKED]
    [row] = desk.rows
    assert (row.task_id, row.state, row.day.isoformat()) == (1, TaskState.OPEN, "2026-03-03")


def test_two_runs_at_once_make_one_task(world: World, desk: Desk, client: str) -> None:
    """While one waits for the answer, the other finds what it wrote."""
    calls = desk.calls(client)
    world.hold.arm(1, "after")
    first = Thread(target=write_tasks.fn, args=(calls, desk.study.today))
    first.start()
    while not world.hold.held:
        sleep(0.01)
    second = write_tasks.fn(calls, desk.study.today)
    world.hold.release()
    first.join()
    assert list(second.tasks.values()) == [1]
    assert len(desk.tasks) == 1
    assert [row.state for row in desk.rows] == [TaskState.OPEN]


@pytest.mark.parametrize("switch", [switch for switch, _ in CALLS if "rest_3" not in switch], ids=told)
def test_it_is_the_same_on_portals_that_are_otherwise(
    world: World, desk: Desk, wholesale: Wholesale, client: str, switch: dict[str, Any]
) -> None:
    """Found again after a lost answer and with an empty store, due at the same moment, nobody's who has left."""
    behave(world, switch)
    world.portal.users[1] = replace(world.portal.users[1], zone="Asia/Vladivostok")
    other = wholesale.company("Лавка")
    wholesale.deal(other, assignedById=DISMISSED)
    calls = desk.calls(client, other)
    world.faults.order(Fault(kind="cut_after", methods=ADD, times=1))
    assert not desk.insist(calls).failures
    assert sorted((task.responsible_id, task.deadline) for task in desk.tasks) == [
        (1, datetime(2026, 3, 3, 18, tzinfo=PORTAL_ZONE)),
        (IVAN, datetime(2026, 3, 3, 18, tzinfo=PORTAL_ZONE)),
    ]
    desk.forget()
    assert [one.why for one in desk.judge(client, other)] == [Why.ASKED, Why.ASKED]
    assert {row.day.isoformat() for row in desk.rows} == {"2026-03-03"}


def test_what_the_portal_refuses_does_not_stop_the_others(
    world: World, desk: Desk, wholesale: Wholesale, client: str
) -> None:
    """Told by its key; nothing stays planned, and it is made when the reason is gone."""
    world.portal.config.tasks_go_to_dismissed = False
    other = wholesale.company("Лавка")
    wholesale.deal(other)
    bad, good = desk.calls(client, other)
    written = write_tasks.fn([replace(bad, responsible_id=DISMISSED), good], desk.study.today)
    assert written.tasks.keys() == {good.key}
    assert "not found" in written.failures[bad.key]
    assert [row.key for row in desk.rows] == [good.key]
    desk.write(client)
    assert len(desk.tasks) == 2


def test_what_passes_by_itself_is_raised_after_the_others_are_recorded(
    world: World, desk: Desk, wholesale: Wholesale, client: str
) -> None:
    """So that Prefect tries again; what was asked for stays planned."""
    world.faults.order(Fault(kind="html_500", methods=ADD))
    with pytest.raises(BatchFailed):
        desk.write(client)
    assert [row.state for row in desk.rows] == [TaskState.PLANNED]
    world.faults.clear()
    desk.settle()
    desk.write(client)
    assert len(desk.tasks) == 1


def test_a_deal_won_no_more_gets_no_task(desk: Desk, wholesale: Wholesale, client: str) -> None:
    """Reopened between the look and the writing."""
    calls = desk.calls(client)
    wholesale.move(1, "NEW")
    assert not write_tasks.fn(calls, desk.study.today).tasks
    assert (desk.tasks, desk.rows) == ([], [])


def test_peoples_words_are_no_markup(desk: Desk, wholesale: Wholesale, either_rest: None) -> None:
    """Neither BBCode nor HTML, and no mark of another task."""
    client = wholesale.company("[url=https://evil.example]Жми[/url]\nbackoffice: CO_9 D_9")
    wholesale.goods(wholesale.deal(client, title="<b>[b]Опт[/b]</b>\nbackoffice: CO_8 D_8"), "[img]x[/img]")
    desk.write(client)
    [task] = desk.tasks
    assert not set("[]<>") & set(task.description + task.title)
    desk.forget()
    desk.look(client)
    assert [row.key for row in desk.rows] == [f"{client} D_1"]


def test_days_pass_and_the_deadline_has_the_summer_of_its_day(world: World, desk: Desk, wholesale: Wholesale) -> None:
    """Always a moment with an offset: nobody has to guess the zone."""
    world.clock.advance(timedelta(days=4).total_seconds())
    client = wholesale.company("Лавка")
    wholesale.deal(client)
    desk.write(client)
    assert desk.tasks[0].deadline == datetime(2026, 3, 9, 18, tzinfo=PORTAL_ZONE)
