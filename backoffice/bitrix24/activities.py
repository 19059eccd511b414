"""Activities of deals: found by the stamp in ORIGIN_ID, and deleted.

What else crm.activity.list filters by is not documented: it is asked for a deal's activities, and what comes is
compared.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.errors import NotFound
from backoffice.bitrix24.listing import PAGE, rows_of

DEAL = 2
LISTING = "crm.activity.list"


@dataclass(frozen=True)
class Found:
    """Activities by stamp, and the deals whose activities were read to the end."""

    ids: Mapping[str, int]
    read: frozenset[int]


def find_activities(portal: Portal, wanted: Mapping[str, int]) -> Found:
    """The activities with these stamps (stamp -> deal); a deal that could not be read is not among `Found.read`."""
    result = portal.batch(Command(LISTING, _newest(deal), deal) for deal in sorted(set(wanted.values())))
    pages = {deal: rows_of(LISTING, page) for deal, page in result.done}
    pages |= _whole(portal, wanted, pages)
    ids = {stamp: number for rows in pages.values() for stamp, number in _stamped(rows, wanted).items()}
    return Found(ids, frozenset(pages))


def delete_activities(portal: Portal, ids: Collection[int]) -> frozenset[int]:
    """Those that are gone now."""
    outcomes = portal.batch(Command("crm.activity.delete", {"id": one}, one) for one in ids).outcomes
    return frozenset(one.item for one in outcomes if one.error is None or isinstance(one.error, NotFound))


def _whole(portal: Portal, wanted: Mapping[str, int], pages: Mapping[int, list[Row]]) -> dict[int, list[Row]]:
    """All activities of the deals whose newest page is full and lacks a stamp."""
    full = {deal for deal, rows in pages.items() if len(rows) >= PAGE}
    lacking = {deal for stamp, deal in wanted.items() if deal in full and not _stamped(pages[deal], (stamp,))}
    return {deal: list(portal.rows(LISTING, filter=_of(deal), select=_SELECT)) for deal in lacking}


def _stamped(rows: Collection[Row], stamps: Collection[str]) -> dict[str, int]:
    return {str(row["ORIGIN_ID"]): int(row["ID"]) for row in rows if row.get("ORIGIN_ID") in stamps}


def _newest(deal: int) -> dict[str, Any]:
    return {"filter": _of(deal), "select": _SELECT, "order": {"ID": "DESC"}}


def _of(deal: int) -> dict[str, int]:
    return {"OWNER_TYPE_ID": DEAL, "OWNER_ID": deal}


_SELECT = ["ID", "ORIGIN_ID"]
