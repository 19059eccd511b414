"""task.commentitem.{add,getlist}: the parameters count by their places, whatever they are called.

Official sources: tasks/comment-item/task-comment-item-{add,get-list}.md, tasks/tasks-new.md.
"""

from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.conditions import having, split_key
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import moment
from backoffice.sandbox.bitrix24.paging import ordered
from backoffice.sandbox.bitrix24.php import map_of, values_of
from backoffice.sandbox.bitrix24.registry import method
from backoffice.sandbox.bitrix24.tasks.requests import zone_for
from backoffice.sandbox.bitrix24.tasks.task import Comment, Task

_WRITTEN = {"POST_MESSAGE", "AUTHOR_ID", "POST_DATE", "UF_FORUM_MESSAGE_DOC"}
_ORDERED = {"ID", "AUTHOR_ID", "AUTHOR_NAME", "AUTHOR_EMAIL", "POST_DATE"}
_FILTERED = {"ID", "AUTHOR_ID", "AUTHOR_NAME", "POST_DATE"}
_PREFIXES = ("", "!", "<=", "<", ">=", ">")


@method("task.commentitem.add", "add", "TASKID FIELDS 0 1", scope="task", case="any")
def add(call: Call) -> int:
    """In the name of anybody; files are not kept."""
    task, sent = _task(call, "add"), map_of(_placed(call, 1))
    for name in sent.keys() - _WRITTEN:
        raise _bad_key("add", 1, "arFields", name)
    text = str(sent.get("POST_MESSAGE") or "").strip()
    if not text:
        raise Refusal("ERROR_CORE", "Comment text is not specified<br>")
    if task is None:
        raise Refusal("ERROR_CORE", "Insufficient permissions to add a comment.<br>")
    author = str(sent.get("AUTHOR_ID") or call.user_id)
    at = moment(str(sent["POST_DATE"]), zone_for(call.portal, call.user_id)) if sent.get("POST_DATE") else None
    return call.portal.tasks.comment(task.id, text, int(author) if author.isdigit() else call.user_id, at).id


@method("task.commentitem.getlist", "page", "TASKID ORDER FILTER 0 1 2", scope="task", case="any")
def getlist(call: Call) -> list[dict[str, Any]]:
    """All of them at once, the newest first. With the new card it «does not work»: an empty list (undocumented)."""
    task, order, wanted = _task(call, "getlist"), map_of(_placed(call, 1)), map_of(_placed(call, 2))
    for name in order.keys() - _ORDERED:
        raise _bad_key("getlist", 1, "arOrder", name)
    for key in wanted:
        if split_key(key)[1] not in _FILTERED or key.removesuffix(split_key(key)[1]) not in _PREFIXES:
            raise _bad_key("getlist", 2, "arFilter", key)
    if task is None:
        raise Refusal("ERROR_CORE", "TASKS_ERROR_EXCEPTION_#8; Action failed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>")
    if call.portal.config.new_task_card:
        return []
    found = [row for row in call.portal.tasks.comments(task.id) if _fits(call, row, wanted)]
    arranged = ordered(found, order, lambda row, name: _value(call, row, name)) if order else found[::-1]
    return [_shown(call, row) for row in arranged]


def _placed(call: Call, place: int) -> Any:
    """The parameter at the place, counted without the token; an empty map when there are fewer."""
    given = [value for name, value in call.params.items() if name != "AUTH"]
    return given[place] if place < len(given) else {}


def _task(call: Call, name: str) -> Task | None:
    raw = _placed(call, 0)
    if not str(raw).isdigit():
        what = 'Param #0 (taskId) for method {} expected to be of type "integer", but given something else.'
        raise _wrong_arguments(name, what)
    return call.portal.tasks.get(int(raw))


def _bad_key(name: str, place: int, param: str, key: str) -> Refusal:
    return _wrong_arguments(name, f'Param #{place} ({param}) for method {{}} must not contain key "{key}".')


def _wrong_arguments(name: str, what: str) -> Refusal:
    told = what.format(f"ctaskcommentitem::{name}()")
    return Refusal("ERROR_CORE", f"TASKS_ERROR_EXCEPTION_#256; {told}; 256/TE/WRONG_ARGUMENTS<br>")


def _fits(call: Call, row: Comment, wanted: dict[str, Any]) -> bool:
    return all(_test(call, key, raw, row) for key, raw in wanted.items())


def _test(call: Call, key: str, raw: Any, row: Comment) -> bool:
    operator, name = split_key(key)
    targets = [_target(call, name, one) for one in values_of(raw)]
    return having(operator, targets, case_sensitive=False)([_value(call, row, name)])


def _target(call: Call, name: str, raw: Any) -> Any:
    if name == "POST_DATE":
        return moment(str(raw), zone_for(call.portal, call.user_id))
    return str(raw) if name == "AUTHOR_NAME" else int(raw)


def _value(call: Call, row: Comment, name: str) -> Any:
    values = {"ID": row.id, "AUTHOR_ID": row.author_id, "POST_DATE": row.created, "AUTHOR_EMAIL": ""}
    return values[name] if name in values else _author(call, row)


def _author(call: Call, row: Comment) -> str:
    user = call.portal.users.get(row.author_id)
    return f"{user.name} {user.last_name}" if user else ""


def _shown(call: Call, row: Comment) -> dict[str, Any]:
    zone = call.portal.users[call.user_id].clock_zone
    return {
        "POST_MESSAGE_HTML": None,
        "ID": str(row.id),
        "AUTHOR_ID": str(row.author_id),
        "AUTHOR_NAME": _author(call, row),
        "AUTHOR_EMAIL": "",
        "POST_DATE": _second(row.created).astimezone(zone).isoformat(),
        "POST_MESSAGE": row.text,
        "ATTACHED_OBJECTS": {},
    }


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
