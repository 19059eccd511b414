"""Filter, order and pages of REST 3.0. Official sources: rest-v3.md#filter, tasks/tasks-task-list-rest-v3.md."""

import json
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.paging import ordered
from backoffice.sandbox.bitrix24.rest_3.errors import ThirdRefusal, invalid, unknown_property, wrong_type
from backoffice.sandbox.bitrix24.rest_3.view import FIELDS
from backoffice.sandbox.bitrix24.tasks.task import Task

PAGE, LONGEST = 50, 1000
_FILTERABLE = "In DTO `TaskDto`, the `{}` field requires the `Filterable` attribute for such a request"
# What the fields of the order are called where tasks are kept.
_ORDERED = {
    "id": "ID",
    "title": "TITLE",
    "creatorId": "CREATED_BY",
    "created": "CREATED_DATE",
    "responsibleId": "RESPONSIBLE_ID",
    "deadline": "DEADLINE",
    "startPlan": "START_DATE_PLAN",
    "endPlan": "END_DATE_PLAN",
    "groupId": "GROUP_ID",
    "priority": "PRIORITY",
    "status": "STATUS",
    "started": "DATE_START",
    "estimatedTime": "TIME_ESTIMATE",
    "changed": "CHANGED_DATE",
    "closed": "CLOSED_DATE",
    "activity": "ACTIVITY_DATE",
    "mark": "MARK",
    "allowsChangeDeadline": "ALLOW_CHANGE_DEADLINE",
    "allowsTimeTracking": "ALLOW_TIME_TRACKING",
}
_ONE: dict[str, Callable[[int, int], bool]] = {
    "=": lambda number, wanted: number == wanted,
    "!=": lambda number, wanted: number != wanted,
    ">": lambda number, wanted: number > wanted,
    ">=": lambda number, wanted: number >= wanted,
    "<": lambda number, wanted: number < wanted,
    "<=": lambda number, wanted: number <= wanted,
}
_SEVERAL: dict[str, Callable[[int, list[int]], bool]] = {
    "in": lambda number, wanted: number in wanted,
    "between": lambda number, wanted: len(wanted) == 2 and wanted[0] <= number <= wanted[1],
}

Test = Callable[[int], bool]


def page(call: Call) -> list[Task]:
    """The tasks of the page asked for, by id unless told otherwise."""
    test = _all_of(call.params.get("filter") or [])
    order, (skipped, most) = _order(call), _window(call)
    found: Iterable[Task] = (task for task in call.portal.tasks if test(task.id))
    arranged = ordered(found, order, lambda task, name: task.value(name))
    return list(islice(arranged, skipped, skipped + most))


def _order(call: Call) -> dict[str, str]:
    asked = call.params.get("order") or {}
    ways = {name: str(way).upper() for name, way in asked.items()} if isinstance(asked, dict) else {"": ""}
    if not set(ways) <= set(_ORDERED) or not set(ways.values()) <= {"ASC", "DESC"}:
        told = json.dumps(asked, ensure_ascii=False)
        raise ThirdRefusal("INVALIDORDEREXCEPTION", f"Unable to recognize sorting parameter `{told}`")
    return {_ORDERED[name]: way for name, way in ways.items()}


def _window(call: Call) -> tuple[int, int]:
    """How many tasks to skip and to show at most; what a longer page than allowed is answered with is undocumented."""
    asked = call.params.get("pagination") or {}
    numbers = asked if isinstance(asked, dict) and all(type(one) is int for one in asked.values()) else {"limit": 0}
    limit, number = numbers.get("limit", PAGE), numbers.get("page", 1)
    skipped = (number - 1) * limit if "page" in numbers else numbers.get("offset", 0)
    if not 0 < limit <= LONGEST or skipped < 0:
        told = json.dumps(asked, ensure_ascii=False)
        raise ThirdRefusal("INVALIDPAGINATIONEXCEPTION", f"Unable to recognize the pagination parameter `{told}`")
    return skipped, limit


def _all_of(conditions: Any) -> Test:
    tests = [_test(one) for one in conditions] if isinstance(conditions, list) else [_unreadable(conditions)]
    return lambda number: all(test(number) for test in tests)


def _test(condition: Any) -> Test:
    if isinstance(condition, dict):
        tests = [_test(one) for one in condition.get("conditions") or []]
        combine = any if str(condition.get("logic", "and")).lower() == "or" else all
        return lambda number: combine(test(number) for test in tests)
    if not isinstance(condition, list) or len(condition) not in (2, 3):
        return _unreadable(condition)
    name, operator, wanted = _spelled_out(condition)
    if name not in FIELDS:
        raise unknown_property(name, "TaskDto")
    if name != "id":
        raise invalid((name, _FILTERABLE.format(name)))
    return _compared(operator, wanted)


def _spelled_out(condition: list[Any]) -> tuple[str, str, Any]:
    """With the operator that a condition of two members means."""
    if len(condition) == 3:
        return str(condition[0]), str(condition[1]).lower(), condition[2]
    return str(condition[0]), "in" if isinstance(condition[1], list) else "=", condition[1]


def _compared(operator: str, wanted: Any) -> Test:
    if operator not in _ONE and operator not in _SEVERAL:
        raise ThirdRefusal("UNKNOWNFILTEROPERATOREXCEPTION", f"Unknown filter operator `{operator}`")
    numbers = wanted if operator in _SEVERAL else [wanted]
    if not isinstance(numbers, list) or not all(type(one) is int for one in numbers):
        raise invalid(wrong_type("id", "int"))
    if operator in _SEVERAL:
        return lambda number: _SEVERAL[operator](number, numbers)
    return lambda number: _ONE[operator](number, numbers[0])


def _unreadable(condition: Any) -> Test:
    """The code for a filter of no known form is undocumented."""
    told = json.dumps(condition, ensure_ascii=False)
    raise ThirdRefusal("INVALIDFILTEREXCEPTION", f"Unable to recognize filter parameter `{told}`")
