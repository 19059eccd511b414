"""What to know of tasks: whether a comment of ours can be found again, which it cannot in the new card of tasks.

The task is the webhook's owner's own, so that nobody is told of it.
"""

from typing import Any

from backoffice.bitrix24.call_tasks import ADD, read_task_id
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.task_comments import COMMENT, comment_params, find_comments
from backoffice.rules.portal_probe import MARK

Found = dict[str, Any]


def try_tasks(portal: Portal, found: Found) -> None:
    """Fill in the facts about tasks, on a task of its own."""
    owner = int(portal.call("profile")["ID"])
    task_id = read_task_id(portal.call(ADD, fields={"TITLE": MARK, "RESPONSIBLE_ID": owner}))
    portal.call(COMMENT, **comment_params(task_id, MARK))
    found["task_comments_keep_marks"] = MARK in find_comments(portal, {MARK: task_id})
