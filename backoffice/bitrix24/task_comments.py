"""Comments of tasks: task.commentitem.{add,getlist} (tasks/comment-item), or a message to the task's chat by REST 3.0.

The parameters of task.commentitem.* count by their places. In the new card of tasks a comment is a message of the
task's chat, and the list shows none (tasks/tasks-new.md): there nothing can be found again.
"""

from collections.abc import Mapping
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import RequestRefused
from backoffice.bitrix24.wire import as_map

COMMENT, MESSAGE = "task.commentitem.add", "tasks.task.chat.message.send"
LIST = "task.commentitem.getlist"


def comment_params(task_id: int, text: str) -> dict[str, Any]:
    """For task.commentitem.add."""
    return {"TASKID": task_id, "FIELDS": {"POST_MESSAGE": text}}


def message_params(task_id: int, text: str) -> dict[str, Any]:
    """For tasks.task.chat.message.send."""
    return {"fields": {"taskId": task_id, "text": text}}


def find_comments(portal: Portal, wanted: Mapping[str, int]) -> dict[str, int]:
    """Comments by the mark that they carry (mark -> task): mark -> comment; 50 tasks a request.

    A task that is gone has none.
    """
    result = portal.batch(Command(LIST, {"TASKID": task_id}, text) for text, task_id in wanted.items())
    for _, error in result.failed:
        if not isinstance(error, RequestRefused):
            raise error
    rows = [(text, row) for text, listed in result.done for row in as_map(listed).values()]
    return {text: int(row["ID"]) for text, row in reversed(rows) if text in str(row.get("POST_MESSAGE") or "")}
