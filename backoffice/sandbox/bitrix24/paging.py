"""Pages of 50, by offset or without counting.

Official sources: settings/how-to-call-rest-api/list-methods-pecularities.md, settings/performance/huge-data.md.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from backoffice.sandbox.bitrix24.call import Page
from backoffice.sandbox.bitrix24.errors import Refusal

PAGE = 50
Row = TypeVar("Row")


def paged(rows: Iterable[Row], start: Any, show: Callable[[Row], Any], wrapper: str = "") -> Page:
    """`start` = -1: the first 50 rows, `total` 0 and no `next`. With `wrapper` the rows stand under that key."""
    offset = _offset(start)
    if offset < 0:
        return Page(_wrapped([show(row) for row in islice(rows, PAGE)], wrapper), total=0)
    every = rows if isinstance(rows, Sequence) else list(rows)
    following = offset + PAGE if offset + PAGE < len(every) else None
    return Page(_wrapped([show(row) for row in every[offset : offset + PAGE]], wrapper), len(every), following)


def unpaged(rows: list[Any], wrapper: str = "") -> Page:
    """Directories come whole, with `total` and never a `next` (captured on crm.category.list)."""
    return Page(_wrapped(rows, wrapper), len(rows))


def way_by_id(order: dict[str, Any]) -> str:
    """ASC or DESC if rows are to come by ID, as they do when no order is asked for; else empty."""
    ways = {name.upper(): str(way).upper() for name, way in order.items()} or {"ID": "ASC"}
    return ways["ID"] if ways in ({"ID": "ASC"}, {"ID": "DESC"}) else ""


def ordered(rows: Iterable[Row], order: dict[str, Any], value: Callable[[Row, str], Any]) -> Iterable[Row]:
    """Sorted by several keys, empty values first; the rows themselves when they already come by ID."""
    if way_by_id(order) == "ASC":
        return rows
    result = list(rows)
    for name, way in reversed(list(order.items())):
        result.sort(key=lambda row: _sortable(value(row, name)), reverse=str(way).upper() == "DESC")
    return result


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value.casefold() if isinstance(value, str) else value)


def _offset(start: Any) -> int:
    try:
        return int(start or 0)
    except (TypeError, ValueError):
        raise Refusal(100, "Invalid value of parameter {start}. Should be int.") from None


def _wrapped(rows: list[Any], wrapper: str) -> Any:
    return {wrapper: rows} if wrapper else rows
