"""The portal's deals for our copy of them: all of them, or those that changed since last asked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.listing import PAGE, rows_of
from backoffice.bitrix24.sales_source import DEALS, SalesSource
from backoffice.bitrix24.shape import read_server_time
from backoffice.rules.chunks import chunked
from backoffice.rules.sales_copy import SeenDeal

OVERLAP = timedelta(minutes=5)
"""So long a change is looked for again: the portal's database may show it later than the change's own time says."""
PORTION = 2_500
"""Kept in memory at once, and written at once: others wait for the store meanwhile."""


def read_all(portal: Portal, source: SalesSource, after_id: int = 0) -> Iterator[list[SeenDeal]]:
    """All deals with a greater id, in the order of their ids, in portions; each as it is when its page is read.

    How a client waits for the portal's «later» is in `Portal`; when it gives up, what it has given stands.
    """
    rows = portal.rows(DEALS, **source.deals({">ID": after_id}))
    return chunked(map(source.seen, rows), PORTION)


def read_changed(portal: Portal, source: SalesSource, since: datetime) -> tuple[datetime, Iterator[list[SeenDeal]]]:
    """The portal's time before anything else was asked, and the deals changed since then, in portions.

    One request when little changed, four for a thousand deals. Deletions go unnoticed here, and so does a client that
    was merged into another one: the next whole reading finds them.
    """
    asked = source.deals({">=DATE_MODIFY": since - OVERLAP})
    questions = [Command("server.time", {}, "time"), Command(DEALS, asked, "deals")]
    clock, page = portal.batch(questions).values()
    rows = _with_rest(portal, asked, rows_of(DEALS, page))
    return read_server_time(clock), chunked(map(source.seen, rows), PORTION)


def _with_rest(portal: Portal, asked: dict[str, Any], first: list[Row]) -> Iterator[Row]:
    """The rows of the first page and those after it."""
    yield from first
    if len(first) >= PAGE:
        behind = {**asked["filter"], ">ID": first[-1]["ID"]}
        yield from portal.rows(DEALS, **{**asked, "filter": behind})
