"""Reading a listing whole: every row once, although others add and delete meanwhile."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.errors import ListingBroken
from backoffice.bitrix24.methods import listing_of
from backoffice.bitrix24.wire import as_map

if TYPE_CHECKING:
    from backoffice.bitrix24.client import Portal, Row

PAGE = 50
READINGS = 3


def rows_of(method: str, result: Any) -> list["Row"]:
    """The rows in the `result` of one page; PHP may turn a list of rows into a map. ListingBroken if there are none."""
    rows_at = listing_of(method).rows_at
    rows = as_map(result).get(rows_at) if rows_at and result != [] else result
    if not isinstance(rows, list | Mapping):
        raise ListingBroken(f"{method}: no rows in the answer, not even none")
    return list(as_map(rows).values())


def read_rest(portal: "Portal", method: str, params: dict[str, Any], result: Any) -> list["Row"]:
    """The rows of a first page, in the order of their ids, and of those after it if it is a full one."""
    rows, key = rows_of(method, result), listing_of(method).id_key
    if len(rows) < PAGE:
        return rows
    if key is None:
        return list(read_by_offset(portal, method, params))
    rest = {**params, "filter": {**params["filter"], f">{key}": rows[-1][key]}}
    return rows + list(read_by_id(portal, method, key, rest))


def read_by_id(portal: "Portal", method: str, key: str, params: dict[str, Any]) -> Iterator["Row"]:
    """Follow the ID upwards with `start=-1`: no counting, and no row is skipped when others are deleted.

    Source: settings/performance/huge-data.md. Stops at a short page; a cursor that does not move is ListingBroken.
    """
    wanted = dict(params)
    given = wanted.pop("filter", {})
    cursor = int(given.get(f">{key}", 0))
    while True:
        page_params = {**wanted, "filter": {**given, f">{key}": cursor}, "order": {key: "ASC"}, "start": -1}
        page = rows_of(method, portal.answer(method, page_params).result)
        yield from page
        if len(page) < PAGE:
            return
        last = int(page[-1].get(key) or 0)
        if last <= cursor:
            raise ListingBroken(f"{method}: the page after {key} {cursor} ends at {last}; is the ID selected?")
        cursor = last


def read_by_offset(portal: "Portal", method: str, params: dict[str, Any]) -> Iterator["Row"]:
    """Read the first page, then all others in batches; rows are given once, by their ID.

    Rows shift between pages when somebody deletes meanwhile; fewer rows are then read than the portal counted at first,
    and the reading is repeated. ListingBroken is raised if three readings do not reach that total.
    """
    for _ in range(READINGS):
        rows, expected = _one_reading(portal, method, params)
        if len(rows) >= expected:
            yield from rows
            return
    raise ListingBroken(f"{method}: {len(rows)} rows read of {expected}; the list is changing too fast")


def _one_reading(portal: "Portal", method: str, params: dict[str, Any]) -> tuple[list["Row"], int]:
    """The rows of one reading, and how many the portal counted when it began."""
    first = portal.answer(method, params)
    rows = rows_of(method, first.result)
    if first.next is None:
        return _unique(rows), 0
    total = int(first.total or 0)
    offsets = range(PAGE, total, PAGE)
    result = portal.batch([Command(method, {**params, "start": offset}, offset) for offset in offsets])
    for answer in result.values():
        rows += rows_of(method, answer)
    return _unique(rows), total


def _unique(rows: list["Row"]) -> list["Row"]:
    seen: dict[str, Row] = {}
    for index, row in enumerate(rows):
        seen.setdefault(str(row.get("ID", row.get("id", f"row {index}"))), row)
    return list(seen.values())
