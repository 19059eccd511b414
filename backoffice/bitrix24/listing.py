"""Reading a listing whole: every row once, although others add and delete meanwhile."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.chains import Listed, rising, rows_of
from backoffice.bitrix24.errors import ListingBroken
from backoffice.bitrix24.methods import listing_of
from backoffice.bitrix24.reading import Reading
from backoffice.bitrix24.stretches import PAGE, ReadingPlan

if TYPE_CHECKING:
    from backoffice.bitrix24.client import Portal, Row

__all__ = ["PAGE", "read_by_id", "read_by_offset", "read_rest", "rows_of"]

READINGS = 3


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
    """Rows in the order of their ids, without counting (`start=-1`), none skipped when others are deleted.

    The first page and the last id come in one request; what is between them is read in many places at once. Rows with
    an id beyond that last one may come or not. A page that does not follow what was asked for is ListingBroken.
    Source: settings/performance/huge-data.md.
    """
    wanted = dict(params)
    given = wanted.pop("filter", {})
    listed = Listed(method, key, wanted, given)
    cursor = int(given.get(f">{key}", 0))
    first, last = _ends(portal, listed, cursor)
    yield from first
    if len(first) < PAGE:
        return
    ids, backwards = listed.ids(first), listed.ids(last)
    if backwards != sorted(backwards, reverse=True):
        yield from _read_page_by_page(portal, listed, ids[-1])
    elif backwards and backwards[0] > ids[-1]:
        density = 2 * len(ids) / (ids[-1] - ids[0] + backwards[0] - backwards[-1] + 2)
        yield from Reading(portal, listed, ReadingPlan(ids[-1], backwards[0], density)).rows()


def _ends(portal: "Portal", listed: Listed, after: int) -> tuple[list["Row"], list["Row"]]:
    """The first page behind an id, and the last one as the portal lists it backwards."""
    ends = [Command(listed.method, listed.page(after, way=way), way) for way in ("ASC", "DESC")]
    outcomes = portal.batch(ends).outcomes
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
    first, last = (rows_of(listed.method, outcome.answer.result) for outcome in outcomes if outcome.answer)
    if not rising(after, listed.ids(first)):
        raise listed.broken(after, listed.ids(first))
    return first, last


def _read_page_by_page(portal: "Portal", listed: Listed, cursor: int) -> Iterator["Row"]:
    """For a method that does not list backwards, so that its last id is unknown: one cursor, a request for a page."""
    while True:
        page = rows_of(listed.method, portal.answer(listed.method, listed.page(cursor)).result)
        if not rising(cursor, listed.ids(page)):
            raise listed.broken(cursor, listed.ids(page))
        yield from page
        if len(page) < PAGE:
            return
        cursor = listed.ids(page)[-1]


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
