"""Which tasks a list shows and in which order. Official source: tasks/tasks-task-list.md."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.conditions import having, split_key
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import moment
from backoffice.sandbox.bitrix24.paging import ordered
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.tasks.requests import zone_for
from backoffice.sandbox.bitrix24.tasks.store import Tasks
from backoffice.sandbox.bitrix24.tasks.task import Task, sub_status

_MOMENTS = {"DATE_START", "DEADLINE", "CREATED_DATE", "CLOSED_DATE", "CHANGED_DATE"}
_TEXTS = {"TITLE", "TAG", "MARK", "SITE_ID", "ADD_IN_REPORT", "UF_CRM_TASK"}
_NUMBERS = (
    "ID PARENT_ID GROUP_ID CREATED_BY STATUS_CHANGED_BY PRIORITY FORUM_TOPIC_ID RESPONSIBLE_ID REAL_STATUS STATUS "
    "ACCOMPLICE AUDITOR STAGE_ID SPRINT_ID BACKLOG_ID"
)
_MANY = {"TAG": "TAGS", "ACCOMPLICE": "ACCOMPLICES", "AUDITOR": "AUDITORS", "UF_CRM_TASK": "UF_CRM_TASK"}
_UNSET = {"GROUP_ID": 0, "STAGE_ID": 0, "SITE_ID": "s1", "ADD_IN_REPORT": "N"}
FILTERED = {*_MOMENTS, *_TEXTS, *_NUMBERS.split()}
_ORDERED = (
    "ID TITLE TIME_SPENT_IN_LOGS DATE_START CREATED_DATE CHANGED_DATE CLOSED_DATE ACTIVITY_DATE START_DATE_PLAN "
    "END_DATE_PLAN DEADLINE REAL_STATUS STATUS_COMPLETE PRIORITY MARK CREATED_BY_LAST_NAME RESPONSIBLE_LAST_NAME "
    "GROUP_ID TIME_ESTIMATE ALLOW_CHANGE_DEADLINE ALLOW_TIME_TRACKING MATCH_WORK_TIME FAVORITE SORTING IS_PINNED "
    "IS_PINNED_IN_GROUP"
)
ORDERED = set(_ORDERED.split())
_LAST_NAMES = {"CREATED_BY_LAST_NAME": "CREATED_BY", "RESPONSIBLE_LAST_NAME": "RESPONSIBLE_ID"}


@dataclass(frozen=True)
class Condition:
    operator: str
    name: str
    wanted: tuple[Any, ...]
    test: Callable[[list[Any]], bool]


def rows(call: Call) -> Iterable[Task]:
    """Lazily in the order of ids, the newest first unless told otherwise."""
    order = _order(call)
    conditions = [found for key, raw in call.map("filter").items() if (found := _condition(call, key, raw))]
    candidates = _candidates(call.portal.tasks, conditions)
    by_id = set(order) == {"ID"}
    if by_id and order["ID"] == "DESC":
        candidates = candidates[::-1]
    tasks = (call.portal.tasks.get(number) for number in candidates)
    fitting = (task for task in tasks if task and all(_fits(call, task, one) for one in conditions))
    return fitting if by_id else ordered(fitting, order, lambda task, name: _order_value(call, task, name))


def _order(call: Call) -> dict[str, str]:
    order = {name: str(way).upper() for name, way in call.map("order").items()} or {"ID": "DESC"}
    if not set(order) <= ORDERED:
        raise Refusal("0", "Invalid sorting key (internal error)")
    return order


def _condition(call: Call, key: str, raw: Any) -> Condition | None:
    operator, name = split_key(key)
    if name not in FILTERED or key.removesuffix(name) not in ("", "!", "<", "<=", ">", ">="):
        call.refuse_unknown(key)
        return None
    wanted = tuple(_wanted(call, name, one) for one in values_of(raw))
    if name == "UF_CRM_TASK" and not call.portal.config.task_list_takes_many_bindings:
        wanted = wanted[:1]
    if name == "TITLE" and operator in ("=", "!=") and any("%" in str(one) for one in wanted):
        operator = operator.replace("=", "=%")
    test = having(operator, wanted, case_sensitive=call.portal.config.filter_case_sensitive)
    return Condition(operator, name, wanted, test)


def _wanted(call: Call, name: str, raw: Any) -> Any:
    """What a portal does with a value that does not fit its field is undocumented; a text is the number 0 here."""
    if raw in ("", None, False):
        return None
    if name in _MOMENTS:
        return _moment(call, raw)
    if name in _TEXTS:
        return str(raw)
    return int(raw) if str(raw).lstrip("-").isdigit() else 0


def _moment(call: Call, raw: Any) -> datetime | None:
    try:
        return moment(str(raw), zone_for(call.portal, call.user_id))
    except ValueError:
        return None


def _candidates(tasks: Tasks, conditions: list[Condition]) -> Sequence[int]:
    """Ids in order, as few as are found at once."""
    for one in conditions:
        if one.operator == "=" and one.name == "UF_CRM_TASK" and None not in one.wanted:
            return tasks.bound_to(one.wanted)
        if one.operator == "=" and one.name == "ID":
            return sorted({number for number in one.wanted if number is not None})
    bounds = {(one.operator[0], one.wanted[0]) for one in conditions if one.name == "ID" and one.wanted}
    least = max((number for way, number in bounds if way == ">" and number is not None), default=None)
    most = min((number for way, number in bounds if way == "<" and number is not None), default=None)
    return tasks.ids(least, most)


def _fits(call: Call, task: Task, condition: Condition) -> bool:
    name = condition.name
    if name in _MANY:
        return condition.test(list(task.value(_MANY[name]) or ()))
    if name == "STATUS":
        return condition.test([sub_status(task, call.portal.clock.now())])
    value = task.value(name)
    return condition.test([_UNSET.get(name) if value is None else value])


def _order_value(call: Call, task: Task, name: str) -> Any:
    if name in _LAST_NAMES:
        user = call.portal.users.get(task.value(_LAST_NAMES[name]))
        return user.last_name if user else ""
    if name == "STATUS_COMPLETE":
        return task.closed is not None
    return task.value(name)
