"""Comments of tasks: parameters that count by their places, and the chat that takes the comments over."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


@pytest.fixture
def task(world: World) -> int:
    """A task with two comments, the first by the webhook's owner."""
    number = world.portal.tasks.add({"TITLE": "Перезвонить", "RESPONSIBLE_ID": 2}, 1).id
    world.portal.tasks.comment(number, "Не берёт трубку", 1)
    world.portal.tasks.comment(number, "Просил завтра", 2)
    return number


def test_a_comment_is_added(world: World, call: Call, task: int) -> None:
    """task-comment-item-add.md: the comment's number; in anybody's name, with any date."""
    fields = {"POST_MESSAGE": "Дозвонилась", "AUTHOR_ID": 3, "POST_DATE": "2026-03-01T10:00:00+03:00"}
    number = call("task.commentitem.add", TASKID=task, FIELDS=fields)
    shown = next(row for row in call("task.commentitem.getlist", TASKID=task) if row["ID"] == str(number))
    assert (shown["AUTHOR_NAME"], shown["POST_DATE"], shown["POST_MESSAGE"]) == (
        *("Ольга Зимина", "2026-03-01T10:00:00+03:00", "Дозвонилась"),
    )
    assert call("tasks.task.get", taskId=task)["task"]["commentsCount"] == "3"


def test_parameters_count_by_their_places(webhook: httpx.Client, task: int) -> None:
    """task-comment-item-get-list.md: an order that comes second is an order, whatever it is called."""
    by_list = webhook.post("task.commentitem.getlist", json=[task, {"ID": "asc"}, {"AUTHOR_ID": 2}]).json()["result"]
    assert [row["POST_MESSAGE"] for row in by_list] == ["Просил завтра"]
    by_form = webhook.post("task.commentitem.getlist", data={"0": task, "1[ID]": "asc"}).json()["result"]
    assert [row["ID"] for row in by_form] == ["1", "2"]
    misplaced = {"TASKID": task, "FILTER": {">=POST_DATE": "2025-01-01"}, "ORDER": {"ID": "asc"}}
    refused = webhook.post("task.commentitem.getlist", json=misplaced).json()
    assert refused["error"] == "ERROR_CORE"
    assert (
        'Param #1 (arOrder) for method ctaskcommentitem::getlist() must not contain key ">=POST_DATE"'
        in (refused["error_description"])
    )
    assert webhook.post("task.commentitem.add", json={"FIELDS": {}, "TASKID": task}).json()["error"] == "ERROR_CORE"


def test_the_newest_comes_first(call: Call, task: int) -> None:
    assert [row["ID"] for row in call("task.commentitem.getlist", TASKID=task)] == ["2", "1"]


@pytest.mark.parametrize(
    ("task_id", "fields", "told"),
    [
        (1, {}, "Comment text is not specified<br>"),
        (9, {"POST_MESSAGE": "x"}, "Insufficient permissions to add a comment.<br>"),
        (1, {"POST_MESSAGE": "x", "TEXT": "y"}, 'must not contain key "TEXT".; 256/TE/WRONG_ARGUMENTS<br>'),
        ("first", {"POST_MESSAGE": "x"}, 'expected to be of type "integer"'),
    ],
)
@pytest.mark.usefixtures("task")
def test_refusals(ask: Ask, task_id: Any, fields: dict[str, str], told: str) -> None:
    """task-comment-item-add.md: ERROR_CORE, the texts followed by <br>."""
    refused = ask("task.commentitem.add", TASKID=task_id, FIELDS=fields)
    assert (refused.status_code, refused.json()["error"]) == (400, "ERROR_CORE")
    assert told in refused.json()["error_description"]


def test_comments_go_with_their_task(ask: Ask, call: Call, task: int) -> None:
    call("tasks.task.delete", taskId=task)
    assert "ACTION_FAILED" in ask("task.commentitem.getlist", TASKID=task).json()["error_description"]


def test_with_the_new_card_comments_are_only_written(world: World, call: Call, task: int) -> None:
    """tasks/tasks-new.md: task.commentitem.add works, getlist does not."""
    world.portal.config.new_task_card = True
    call("task.commentitem.add", TASKID=task, FIELDS={"POST_MESSAGE": "x"})
    assert call("task.commentitem.getlist", TASKID=task) == []
    assert len(world.portal.tasks.comments(task)) == 3
