"""What changed about lessons and their participants since last asked, and the whole of it when that is due."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.courses import KINDS, course_of, read_courses
from backoffice.bitrix24.enrolments import enrolments_of, read_sold
from backoffice.bitrix24.lesson_source import LessonSource
from backoffice.bitrix24.listing import read_rest, rows_of
from backoffice.bitrix24.product_cards import find_cards
from backoffice.bitrix24.shape import read_server_time
from backoffice.rules.chunks import chunked
from backoffice.rules.lesson_changes import Changes, Cursors

OVERLAP = timedelta(minutes=5)
"""So long a change is looked for again: the portal's database may show it later than the change's own time says."""
DEALS, ENTRIES = "crm.item.list", "crm.stagehistory.list"
PORTION = 50


def read_changes(portal: Portal, source: LessonSource, cursors: Cursors, cards: Mapping[int, int]) -> Changes:
    """What changed since the cursors: one request when nothing did, a few more for what did.

    `cards` is what is known of the products that deals name. Deals that left the stage go unnoticed here, and so do
    edits of product rows and deletions: a look before sending and the next whole reading find them.
    """
    since = cursors.changed_until - OVERLAP
    asked = {method: source.courses({">=timestampX": since}) for method in KINDS}
    asked[DEALS] = source.deals({">=updatedTime": since})
    asked[ENTRIES] = source.entries({">ID": cursors.entered_until})
    read_at, answers = _ask(portal, asked)
    rows = {method: read_rest(portal, method, asked[method], answers[method]) for method in asked}
    entered = {int(row["OWNER_ID"]) for row in rows[ENTRIES]}
    deals = _with(portal, source, rows[DEALS], entered)
    courses = (course_of(row, source) for method in KINDS for row in rows[method])
    return replace(
        _enrolled(portal, source, list(deals.values()), cards, read_at),
        courses=tuple({course.id: course for course in courses}.values()),
        left=frozenset(entered - deals.keys()),
        cursors=Cursors(source.name, read_at, _last_id(rows[ENTRIES], cursors.entered_until)),
    )


def read_everything(portal: Portal, source: LessonSource, cards: Mapping[int, int]) -> Iterator[Changes]:
    """All courses with dates and all deals on the stage, in portions; the last one is `whole` and has the cursors.

    Two requests for 50 deals, one for 50 products. Interrupted, it is begun anew; what was stored of it is right.
    """
    read_at, answers = _ask(portal, {ENTRIES: source.entries(order="DESC")})
    for courses in chunked(read_courses(portal, source), PORTION):
        yield Changes(read_at, tuple(courses))
    known = dict(cards)
    for deals in chunked(portal.rows(DEALS, **source.deals()), PORTION):
        portion = _enrolled(portal, source, deals, known, read_at)
        known |= portion.cards
        yield portion
    reached = _last_id(rows_of(ENTRIES, answers[ENTRIES]), 0)
    yield Changes(read_at, cursors=Cursors(source.name, read_at, reached), whole=True)


def _ask(portal: Portal, asked: Mapping[str, dict[str, Any]]) -> tuple[datetime, dict[str, Any]]:
    """The portal's time before anything else was asked, and the answers by method: one request."""
    commands = [Command(method, params, method) for method, params in asked.items()]
    clock, *answers = portal.batch([Command("server.time", {}, "server.time"), *commands]).values()
    return read_server_time(clock), dict(zip(asked, answers, strict=True))


def _with(portal: Portal, source: LessonSource, deals: Sequence[Row], wanted: Collection[int]) -> dict[int, Row]:
    """The deals, and those of the wanted ones besides that stand on the stage, by id."""
    found = {int(row["id"]): row for row in deals}
    unread = chunked(sorted(set(wanted) - found.keys()), PORTION)
    pages = portal.batch(Command(DEALS, source.deals({"@id": some}), some) for some in unread).values()
    return found | {int(row["id"]): row for page in pages for row in rows_of(DEALS, page)}


def _enrolled(
    portal: Portal, source: LessonSource, deals: Sequence[Row], cards: Mapping[int, int], read_at: datetime
) -> Changes:
    """The enrolments of the deals, with the cards that were not known: a request for 50 deals, one for new products."""
    sold = read_sold(portal, [int(row["id"]) for row in deals])
    found = find_cards(portal, source.dates, [own for several in sold.values() for own in several], cards)
    return Changes(read_at, enrolments=enrolments_of(deals, sold, {**cards, **found}, source), cards=found)


def _last_id(entries: Sequence[Row], known: int) -> int:
    return max([known, *(int(row["ID"]) for row in entries)])
