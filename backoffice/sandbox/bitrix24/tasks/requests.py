"""What a caller of the second generation wants written. Official sources: tasks/tasks-task-{add,update}.md."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import moment
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.portal import Portal
from backoffice.sandbox.bitrix24.tasks.task import STATUSES, Task

NO_FIELDS = "Could not find value for parameter {fields} (internal error)"
_CODE = re.compile(r"(L|D|C|CO|Q|SI|T[0-9a-f]+)_[1-9]\d*")
_MOMENTS = ("DEADLINE", "START_DATE_PLAN", "END_DATE_PLAN")
_FLAGS = ["ALLOW_CHANGE_DEADLINE", "ALLOW_TIME_TRACKING", "TASK_CONTROL", "ADD_IN_REPORT", "MATCH_WORK_TIME"]
_TEXTS = ("TITLE", "DESCRIPTION", "XML_ID", "MARK", "SITE_ID", "DURATION_TYPE")
_NUMBERS = ["CREATED_BY", "GROUP_ID", "STAGE_ID", "TIME_ESTIMATE", "DURATION_PLAN", "FLOW_ID"]
_IGNORED = ("SE_PARAMETER",)

Reader = Callable[[Any], Any]


class Wrong(Exception):
    """A value that the portal speaks of by name; the others are answered together with it."""


def new_task(call: Call) -> dict[str, Any]:
    """The fields to store; what is wrong with them is told at once, each followed by <br>."""
    sent = _sent(call)
    missing = [] if str(sent.get("TITLE") or "").strip() else ["Task title is not specified"]
    missing += [] if sent.get("RESPONSIBLE_ID") else ["Responsible person not specified"]
    return _read(call, {name: value for name, value in sent.items() if name != "RESPONSIBLE_ID" or value}, missing)


def changed_task(call: Call, task: Task) -> dict[str, Any]:
    """What is not sent stays as it is."""
    sent = _sent(call)
    missing = ["Task title is not specified"] if "TITLE" in sent and not str(sent["TITLE"] or "").strip() else []
    if str(sent.get("PARENT_ID") or "") == str(task.id):
        missing.append("Cannot bind the node to itself")
    return _read(call, sent, missing)


def zone_for(portal: Portal, user_id: int) -> ZoneInfo:
    """The zone of a moment sent without an offset; whose it is, the documents leave open."""
    zones = {"user": portal.users[user_id].clock_zone, "portal": PORTAL_ZONE, "utc": ZoneInfo("UTC")}
    return zones[portal.config.task_naive_in]


def bindings(call: Call, raw: Any) -> tuple[str, ...]:
    """Codes of CRM objects, whether they exist or not; one that is no code is dropped without a word (undocumented)."""
    codes = [str(code) for code in values_of(raw or []) if code not in ("", None, False)]
    for code in codes:
        if not _CODE.fullmatch(code):
            call.refuse_unknown(code)
    return tuple(dict.fromkeys(code for code in codes if _CODE.fullmatch(code)))


def may_answer(portal: Portal, user_id: int) -> bool:
    """Whether a task may be given to the person."""
    user = portal.users.get(user_id)
    return user is not None and (user.active or portal.config.tasks_go_to_dismissed)


def _sent(call: Call) -> dict[str, Any]:
    sent = call.map("fields")
    if not sent:
        raise Refusal("100", NO_FIELDS)
    return sent


def _read(call: Call, sent: dict[str, Any], wrong: list[str]) -> dict[str, Any]:
    readers, found = _readers(call), {}
    for name, raw in sent.items():
        if name not in readers:
            if name not in _IGNORED:
                call.refuse_unknown(name)
            continue
        try:
            found[name] = readers[name](raw)
        except Wrong as error:
            wrong.append(str(error))
    wrong += _planned_backwards(found)
    if wrong:
        raise Refusal("ERROR_CORE", "".join(f"{text}<br>" for text in wrong))
    return found


def _readers(call: Call) -> dict[str, Reader]:
    zone = zone_for(call.portal, call.user_id)
    return {
        **dict.fromkeys(_TEXTS, lambda raw: str(raw or "")),
        **dict.fromkeys(_NUMBERS, _number),
        **dict.fromkeys(_FLAGS, lambda raw: "Y" if raw in ("Y", True, 1, "1") else "N"),
        **dict.fromkeys(_MOMENTS, lambda raw: _moment(raw, zone)),
        **dict.fromkeys(("AUDITORS", "ACCOMPLICES"), lambda raw: tuple(_number(one) for one in values_of(raw or []))),
        "TAGS": lambda raw: tuple(str(one) for one in values_of(raw or [])),
        "PRIORITY": lambda raw: _number(raw) if _number(raw) in (0, 1, 2) else 1,
        "STATUS": _status,
        "RESPONSIBLE_ID": lambda raw: _responsible(call.portal, raw),
        "PARENT_ID": lambda raw: _parent(call.portal, raw),
        "UF_CRM_TASK": lambda raw: bindings(call, raw),
        "UF_TASK_WEBDAV_FILES": lambda raw: tuple(str(one) for one in values_of(raw or [])),
    }


def _number(raw: Any) -> int:
    return int(raw) if str(raw or "").isdigit() else 0


def _status(raw: Any) -> int:
    if _number(raw) not in STATUSES:
        raise Wrong("Incorrect status")
    return _number(raw)


def _responsible(portal: Portal, raw: Any) -> int:
    if not may_answer(portal, _number(raw)):
        raise Wrong('User specified in the "Responsible" field not found')
    return _number(raw)


def _parent(portal: Portal, raw: Any) -> int | None:
    number = _number(raw)
    if number and portal.tasks.get(number) is None:
        raise Wrong('Task specified in the "Parent Task" field not found')
    return number or None


def _moment(raw: Any, zone: ZoneInfo) -> datetime | None:
    """What the portal says to a text that is no moment is unknown."""
    if raw in ("", None, False):
        return None
    try:
        return moment(str(raw), zone).replace(microsecond=0)
    except ValueError:
        raise Wrong("Incorrect date") from None


def _planned_backwards(values: dict[str, Any]) -> list[str]:
    start, end = values.get("START_DATE_PLAN"), values.get("END_DATE_PLAN")
    return ["The end date in scheduling is earlier than the start date"] if start and end and end < start else []
