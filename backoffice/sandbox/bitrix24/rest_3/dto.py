"""The task of REST 3.0: what of it may be written.

Official sources: tasks/fields-rest-v3.md, tasks-task-{add,update}-rest-v3.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.moments import moment
from backoffice.sandbox.bitrix24.rest_3.errors import invalid, not_specified, wrong_type
from backoffice.sandbox.bitrix24.tasks.requests import bindings, may_answer, zone_for

STATUSES = {2: "pending", 3: "in_progress", 4: "supposedly_completed", 5: "completed", 6: "deferred"}
PRIORITIES = {0: "low", 1: "average", 2: "high"}
MARKS = {"": "none", "N": "negative", "P": "positive"}
REQUIRED = ("title", "creatorId", "responsibleId")
_NOT_EDITABLE = "In DTO `TaskDto`, the field `{}` requires the presence of the `Editable` attribute for such a request"
_BACKWARDS = "The end date specified in the planning is earlier than the start date"

Found = dict[str, Any]
Reader = Callable[[Call, Any], Any]


@dataclass(frozen=True)
class Property:
    """`stored` is the second generation's name; `read` raises TypeError or ValueError for a value of another type."""

    stored: str
    kind: str
    read: Reader


def new_task(call: Call) -> Found:
    """The fields to store, by the second generation's names."""
    sent = _sent(call)
    missing = [not_specified(name) for name in REQUIRED if sent.get(name) in (None, "")]
    if missing:
        raise invalid(*missing)
    return _read(call, sent)


def changed_task(call: Call) -> Found:
    """What is not sent stays as it is; the creator cannot be changed."""
    sent = _sent(call)
    if "creatorId" in sent:
        raise invalid(("creatorId", _NOT_EDITABLE.format("creatorId")))
    return _read(call, sent)


def task_id(call: Call) -> int:
    """A number, and not a text of one."""
    found = call.params.get("id")
    if found is None:
        raise invalid(not_specified("id"))
    if type(found) is not int:
        raise invalid(wrong_type("id", "int"))
    return found


def _sent(call: Call) -> Found:
    if not call.params.get("fields"):
        raise invalid(not_specified("fields"))
    if not isinstance(call.params["fields"], dict):
        raise invalid(wrong_type("fields", "array"))
    return call.map("fields")


def _read(call: Call, sent: Found) -> Found:
    found: Found = {}
    wrong: list[tuple[str, str]] = []
    for name, raw in sent.items():
        if name not in PROPERTIES:
            call.refuse_unknown(name)
            continue
        one = PROPERTIES[name]
        try:
            found[one.stored] = None if raw is None else one.read(call, raw)
        except (TypeError, ValueError):
            wrong.append(wrong_type(name, one.kind))
    wrong += _nobody(call, found) + _planned_backwards(found)
    if wrong:
        raise invalid(*wrong)
    return found


def _nobody(call: Call, found: Found) -> list[tuple[str, str]]:
    """What is said of a creator who is not there is an empty text, as documented."""
    wrong = []
    if "RESPONSIBLE_ID" in found and not may_answer(call.portal, found["RESPONSIBLE_ID"] or 0):
        wrong.append(("responsibleId", 'User specified in the "Executor" field not found'))
    if "CREATED_BY" in found and found["CREATED_BY"] not in call.portal.users:
        wrong.append(("creatorId", ""))
    if found.get("PARENT_ID") and call.portal.tasks.get(found["PARENT_ID"]) is None:
        wrong.append(("parentId", 'Task specified in the "Parent Task" field not found'))
    return wrong


def _planned_backwards(found: Found) -> list[tuple[str, str]]:
    start, end = found.get("START_DATE_PLAN"), found.get("END_DATE_PLAN")
    return [("endPlan", _BACKWARDS)] if start and end and end < start else []


def _text(_: Call, raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw


def _integer(_: Call, raw: Any) -> int:
    if type(raw) is not int:
        raise TypeError
    return raw


def _flag(_: Call, raw: Any) -> str:
    """Shown as true and false, described as Y and N: both are taken."""
    return {True: "Y", False: "N", "Y": "Y", "N": "N"}[raw] if raw in (True, False, "Y", "N") else _refuse()


def _moment(call: Call, raw: Any) -> datetime:
    return moment(_text(call, raw), zone_for(call.portal, call.user_id)).replace(microsecond=0)


def _numbers(call: Call, raw: Any) -> tuple[int, ...]:
    return tuple(_integer(call, one) for one in raw) if isinstance(raw, list) else _refuse()


def _codes(call: Call, raw: Any) -> tuple[str, ...]:
    return bindings(call, raw) if isinstance(raw, list) else _refuse()


def _one_of(words: dict[Any, str]) -> Reader:
    """What is said of a word that is none of these is undocumented: it is of a wrong type here."""
    by_word = {word: value for value, word in words.items()}
    return lambda _, raw: by_word[raw] if isinstance(raw, str) and raw in by_word else _refuse()


def _refuse() -> Any:
    raise TypeError


PROPERTIES = {
    "title": Property("TITLE", "string", _text),
    "description": Property("DESCRIPTION", "string", _text),
    "xmlId": Property("XML_ID", "string", _text),
    "creatorId": Property("CREATED_BY", "int", _integer),
    "responsibleId": Property("RESPONSIBLE_ID", "int", _integer),
    "groupId": Property("GROUP_ID", "int", _integer),
    "stageId": Property("STAGE_ID", "int", _integer),
    "flowId": Property("FLOW_ID", "int", _integer),
    "parentId": Property("PARENT_ID", "int", _integer),
    "estimatedTime": Property("TIME_ESTIMATE", "int", _integer),
    "deadline": Property("DEADLINE", "DateTime", _moment),
    "startPlan": Property("START_DATE_PLAN", "DateTime", _moment),
    "endPlan": Property("END_DATE_PLAN", "DateTime", _moment),
    "accomplices": Property("ACCOMPLICES", "array", _numbers),
    "auditors": Property("AUDITORS", "array", _numbers),
    "crmItemIds": Property("UF_CRM_TASK", "array", _codes),
    "status": Property("STATUS", "string", _one_of(STATUSES)),
    "priority": Property("PRIORITY", "string", _one_of(PRIORITIES)),
    "mark": Property("MARK", "string", _one_of(MARKS)),
    "needsControl": Property("TASK_CONTROL", "bool", _flag),
    "allowsChangeDeadline": Property("ALLOW_CHANGE_DEADLINE", "bool", _flag),
    "allowsTimeTracking": Property("ALLOW_TIME_TRACKING", "bool", _flag),
    "matchesWorkTime": Property("MATCH_WORK_TIME", "bool", _flag),
    "addInReport": Property("ADD_IN_REPORT", "bool", _flag),
}
