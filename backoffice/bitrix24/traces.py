"""Traces of what was sent, as comments in the deal's timeline; each ends in a mark by which it is found again.

The timeline has no field for an outside key. The mark is a dozen digits of the message's stamp; looked for are the
digits alone, whatever the portal makes of the brackets.
"""

from collections.abc import Collection, Iterable
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.listing import PAGE, rows_of

METHOD = "crm.timeline.comment.add"
LISTING = "crm.timeline.comment.list"
DIGITS = 12


def trace_origin(deal_id: int, stamp: str) -> str:
    """What a trace is found by: the deal, and the digits of the mark."""
    return f"{deal_id}:{stamp[:DIGITS]}"


def trace_params(deal_id: int, stamp: str, text: str) -> dict[str, Any]:
    """The parameters of crm.timeline.comment.add for a trace; the name `fields` is accepted in lower case only."""
    return {"fields": {"ENTITY_TYPE": "deal", "ENTITY_ID": deal_id, "COMMENT": marked_text(text, stamp)}}


def marked_text(text: str, stamp: str) -> str:
    """The text with the mark by which the comment is found again."""
    return f"{text}\n[backoffice:{stamp[:DIGITS]}]"


def find_traces(portal: Portal, origins: Collection[str]) -> dict[str, int]:
    """The comments with these marks, by origin: the newest page of each deal in a batch, older ones where one lacks."""
    wanted: dict[int, set[str]] = {}
    for origin in origins:
        wanted.setdefault(int(origin.partition(":")[0]), set()).add(origin)
    pages = portal.batch(Command(LISTING, _newest(deal), deal) for deal in wanted)
    found: dict[str, int] = {}
    for deal, page in zip(wanted, pages.values(), strict=True):
        rows = rows_of(LISTING, page)
        marked = _marked(rows, wanted[deal])
        if len(rows) >= PAGE and len(marked) < len(wanted[deal]):
            marked = _marked(portal.rows(LISTING, **_newest(deal)), wanted[deal])
        found |= marked
    return found


def _marked(rows: Iterable[Row], origins: Collection[str]) -> dict[str, int]:
    """Comments by the origin that they carry; the first of two."""
    digits = {origin.partition(":")[2]: origin for origin in origins}
    return {
        digits[mark]: int(row["ID"])
        for row in sorted(rows, key=lambda row: int(row["ID"]), reverse=True)
        for mark in digits
        if mark in str(row.get("COMMENT") or "")
    }


def _newest(deal_id: int) -> dict[str, Any]:
    return {
        "filter": {"ENTITY_TYPE": "deal", "ENTITY_ID": deal_id},
        "select": ["ID", "COMMENT"],
        "order": {"ID": "DESC"},
    }
