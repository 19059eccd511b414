"""When the client buys again by itself, the open task is completed with one comment, whatever is lost or killed."""

from collections.abc import Iterable
from typing import Any

import pytest

from backoffice.bitrix24 import doubt
from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.rules.call_plan import TaskState
from backoffice.sandbox.bitrix24.tasks.task import COMPLETED, PENDING
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.wholesale import OPEN, Wholesale
from backoffice.sandbox.world import World
from backoffice.store import call_tasks
from tasks.call_tasks import close_tasks
from tests.tasks.call_tasks.conftest import Desk, Kill, Killed, Obey

COMMENT, MESSAGE, COMPLETE = "task.commentitem.add", "tasks.task.chat.message.send", "tasks.task.complete"


@pytest.fixture
def second(world: World, desk: Desk, wholesale: Wholesale, client: str) -> int:
    """The client has a task, and has bought again since."""
    desk.write(client)
    world.clock.advance(86400)
    return wholesale.deal(client, days_ago=0)


@pytest.mark.usefixtures("either_rest")
@pytest.mark.parametrize("new_card", [False, True])
def test_the_task_is_completed_with_one_comment(
    world: World, desk: Desk, client: str, second: int, new_card: bool
) -> None:
    """Which says by which deal; a second run finds nothing to do."""
    world.portal.config.new_task_card = new_card
    written = desk.close()
    assert (dict(written.tasks), dict(written.failures)) == ({f"{client} D_1": 1}, {})
    assert desk.tasks[0].status == COMPLETED
    [comment] = desk.comments(1)
    assert f"/crm/deal/details/{second}/" in comment
    assert [(row.state, str(row.done_on), row.done_by) for row in desk.rows] == [(TaskState.BOUGHT, "2026-03-03", None)]
    assert desk.requests(desk.settle) == (0, 0)
    assert desk.bought() == []


@pytest.mark.usefixtures("either_rest")
@pytest.mark.parametrize("kind", ["cut_after", "cut_before", "broken_after", "late_write"])
def test_a_lost_answer_makes_no_second_comment(world: World, desk: Desk, second: int, kind: Any) -> None:
    """Nor does it lose the only one."""
    world.faults.order(Fault(kind=kind, methods=f"{COMMENT} {MESSAGE}", times=1, seconds=30))
    desk.close()
    assert (len(desk.comments(1)), desk.tasks[0].status) == (1, COMPLETED)


@pytest.mark.parametrize(("kind", "comments"), [("cut_after", 1), ("cut_before", 0)])
def test_what_cannot_be_read_back_is_not_written_again(
    world: World, desk: Desk, second: int, obey: Obey, kind: Any, comments: int
) -> None:
    """In the new card of tasks: rather no comment than two; the task is completed."""
    world.portal.config.new_task_card = True
    obey(task_comments_keep_marks=False)
    world.faults.order(Fault(kind=kind, methods=COMMENT, times=1))
    desk.close()
    assert (len(desk.comments(1)), desk.tasks[0].status) == (comments, COMPLETED)


@pytest.mark.parametrize("hours", [0, 25])
def test_a_message_under_a_key_is_written_once(
    world: World, desk: Desk, second: int, obey: Obey, kill: Kill, hours: int
) -> None:
    """In the new card by REST 3.0: the run dies with the answer lost, and the next one cannot read. Within the day it
    sends again under the key; later, when the portal has forgotten the key, it does not.
    """
    world.portal.config.new_task_card = world.portal.config.rest_3 = True
    obey(task_comments_keep_marks=False, rest_3=True)
    bought = desk.bought()
    world.faults.order(Fault(kind="cut_after", methods=MESSAGE, times=1))
    kill(doubt, "settled", lambda: close_tasks.fn(bought, desk.study.today))
    world.clock.advance(hours * 3600)
    desk.close()
    assert (len(desk.comments(1)), desk.tasks[0].status) == (1, COMPLETED)


@pytest.mark.usefixtures("either_rest")
def test_a_run_killed_between_comment_and_completion(desk: Desk, second: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one completes the task, and says nothing twice."""
    bought, batch = desk.bought(), Portal.batch

    def dying(self: Portal, commands: Iterable[Command[Any]], *rest: Any) -> Any:
        wanted = list(commands)
        if any(command.method == COMPLETE for command in wanted):
            raise Killed
        return batch(self, wanted, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(Portal, "batch", dying)
        with pytest.raises(Killed):
            close_tasks.fn(bought, desk.study.today)
    assert (len(desk.comments(1)), desk.tasks[0].status) == (1, PENDING)
    desk.settle()
    desk.close()
    assert (len(desk.comments(1)), desk.tasks[0].status) == (1, COMPLETED)


def test_a_run_killed_between_completion_and_our_row(desk: Desk, second: int, kill: Kill) -> None:
    """The next one knows that no manager has called."""
    bought = desk.bought()
    kill(call_tasks, "keep", lambda: close_tasks.fn(bought, desk.study.today))
    assert [row.state for row in desk.rows] == [TaskState.OPEN]
    desk.settle()
    assert [row.state for row in desk.rows] == [TaskState.BOUGHT]
    assert len(desk.comments(1)) == 1


@pytest.mark.parametrize("kind", ["cut_after", "cut_before"])
def test_a_completion_without_an_answer_is_tried_again(world: World, desk: Desk, second: int, kind: Any) -> None:
    """By Prefect; completed is completed."""
    bought = desk.bought()
    world.faults.order(Fault(kind=kind, methods=COMPLETE, times=1))
    with pytest.raises(Exception, match=COMPLETE):
        close_tasks.fn(bought, desk.study.today)
    assert close_tasks.fn(bought, desk.study.today).failures == {}
    desk.settle()
    assert [row.state for row in desk.rows] == [TaskState.BOUGHT]
    assert (len(desk.comments(1)), desk.tasks[0].status) == (1, COMPLETED)


@pytest.mark.parametrize(("method", "state"), [(COMPLETE, TaskState.DONE), ("tasks.task.delete", TaskState.GONE)])
def test_what_people_did_meanwhile_is_respected(
    world: World, desk: Desk, second: int, method: str, state: TaskState
) -> None:
    """Called or deleted: no comment, no failure."""
    bought = desk.bought()
    ask(world.portal, method, taskId=1)
    written = close_tasks.fn(bought, desk.study.today)
    assert (dict(written.tasks), dict(written.failures), desk.comments(1)) == ({}, {}, [])
    desk.settle()
    assert [row.state for row in desk.rows] == [state]


def test_a_second_sale_that_is_none_any_more_closes_nothing(desk: Desk, wholesale: Wholesale, second: int) -> None:
    """Looked at in the portal once more."""
    bought = desk.bought()
    wholesale.move(second, OPEN)
    assert close_tasks.fn(bought, desk.study.today).tasks == {}
    assert (desk.tasks[0].status, desk.comments(1)) == (PENDING, [])


def test_without_rights_to_comment_the_task_is_completed_all_the_same(
    world: World, desk: Desk, second: int, obey: Obey
) -> None:
    """And the missing comment is told."""
    obey(rest_3=True)
    world.portal.config.rest_3 = True
    world.portal.config.scopes = tuple(scope for scope in world.portal.config.scopes if scope != "tasks")
    written = desk.close()
    assert list(written.tasks.values()) == [1]
    assert ["без комментария" in reason for reason in written.failures.values()] == [True]
    assert desk.tasks[0].status == COMPLETED


def test_a_client_merged_with_one_who_bought_has_bought_again(world: World, desk: Desk, wholesale: Wholesale) -> None:
    """The task about the one that is gone is closed: its purchase belongs to the survivor now."""
    kept, merged = wholesale.person("Соловьёва", "Вера"), wholesale.person("Соловьёва", "Вера")
    wholesale.deal(merged, days_ago=50)
    desk.write(merged)
    wholesale.deal(kept)
    ids = [int(client.partition("_")[2]) for client in (kept, merged)]
    ask(world.portal, "crm.entity.mergeBatch", params={"entityTypeId": 3, "entityIds": ids})
    [bought] = desk.bought()
    assert (bought.client, bought.key) == (kept, f"{merged} D_1")
    desk.close()
    assert desk.tasks[0].status == COMPLETED


def test_nothing_to_close_asks_nothing(desk: Desk) -> None:
    """An idle night."""
    assert desk.requests(lambda: close_tasks.fn([], desk.study.today)) == (0, 0)
