"""Reading a long listing in few requests: many cursors at once, each in a window of IDs of its own.

One cursor costs a request per page. Offsets would do in a batch what windows do, but rows shift between pages when
somebody deletes meanwhile, and the portal counts all of them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.errors import ListingBroken
from backoffice.bitrix24.limiter import MAX_COMMANDS
from backoffice.bitrix24.listing import PAGE, rows_of

Window = tuple[int, int]
"""From behind the one ID up to the other."""


def read_windows(portal: Portal, method: str, params: dict[str, Any], key: str) -> list[Row]:
    """The rows that there are when the reading begins, in the order of their IDs; 10,000 without gaps cost 5 requests.

    `key` is the ID's name, which must be among the fields selected.
    """
    rows, window = _ends(portal, method, params, key)
    windows = _split([window], MAX_COMMANDS)
    while windows:
        pages = portal.batch(Command(method, _page(params, key, own), own) for own in windows)
        left = []
        for own, result in zip(windows, pages.values(), strict=True):
            page = rows_of(method, result)
            rows += page
            if len(page) >= PAGE:
                left.append(_after(page, own, method, key))
        windows = _split(left, MAX_COMMANDS)
    return sorted(rows, key=lambda row: int(row[key]))


def _ends(portal: Portal, method: str, params: dict[str, Any], key: str) -> tuple[list[Row], Window]:
    """The first page, and the window from its end to the last ID."""
    # An empty filter does not travel in a batch.
    every = {**params, "filter": {f">{key}": 0, **params["filter"]}, "start": -1}
    ends = [Command(method, {**every, "order": {key: way}}, way) for way in ("ASC", "DESC")]
    first, last = (rows_of(method, result) for result in portal.batch(ends).values())
    if len(first) < PAGE:
        return first, (0, 0)
    return first, (int(first[-1][key]), int(last[0][key]))


def _split(windows: Iterable[Window], parts: int) -> list[Window]:
    """The windows cut into about so many in all, none for less than a page."""
    open_ones = [(low, high) for low, high in windows if low < high]
    return [cut for own in open_ones for cut in _cut(own, max(1, parts // len(open_ones)))]


def _cut(window: Window, parts: int) -> Iterator[Window]:
    low, high = window
    step = max(PAGE, -(-(high - low) // parts))
    for begin in range(low, high, step):
        yield begin, min(begin + step, high)


def _page(params: dict[str, Any], key: str, window: Window) -> dict[str, Any]:
    bounds = {f">{key}": window[0], f"<={key}": window[1]}
    return {**params, "filter": {**params["filter"], **bounds}, "order": {key: "ASC"}, "start": -1}


def _after(page: list[Row], window: Window, method: str, key: str) -> Window:
    last = int(page[-1].get(key) or 0)
    if last <= window[0]:
        raise ListingBroken(f"{method}: the page after {key} {window[0]} ends at {last}; is the ID selected?")
    return last, window[1]
