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
from backoffice.bitrix24.listing import PAGE, read_rest, rows_of
from backoffice.bitrix24.product_cards import find_cards
from backoffice.bitrix24.shape import read_server_time
from backoffice.rules.chunks import chunked
from backoffice.rules.lesson_changes import Changes, Cursors

OVERLAP = timedelta(minutes=5)
"""So long a change is looked for again: the portal's database may show it later than the change's own time says."""
DEALS, ENTRIES = "crm.item.list", "crm.stagehistory.list"
PORTION = 50
Question = tuple[str, dict[str, Any]]
Page = tuple[str, dict[str, Any], Any]


def read_changes(portal: Portal, source: LessonSource, cursors: Cursors, cards: Mapping[int, int]) -> Changes:
    """What changed since the cursors: one request when nothing did, a few more for what did.

    `cards` is what is known of the products that deals name. Where an edit of a course does not show, all of these are
    read anew: for 500 one request more. Deals that left the stage go unnoticed here, and so do edits of product rows
    and deletions: a look before sending and the next whole reading find them.
    """
    since = cursors.changed_until - OVERLAP
    changed = (DEALS, source.deals({">=updatedTime": since}))
    entries = (ENTRIES, source.entries({">ID": cursors.entered_until}))
    edited = [(kind, source.courses(some)) for some in _edited(source, since, cards) for kind in KINDS]
    read_at, pages = _ask(portal, [changed, entries, *edited])
    changed_rows, entry_rows, *edited_rows = (read_rest(portal, *page) for page in pages)
    entered = {int(row["OWNER_ID"]) for row in entry_rows}
    deals = _with(portal, source, changed_rows, entered)
    courses = (course_of(row, source) for rows in edited_rows for row in rows)
    return replace(
        _enrolled(portal, source, list(deals.values()), cards, read_at),
        courses=tuple({course.id: course for course in courses}.values()),
        left=frozenset(entered - deals.keys()),
        cursors=Cursors(source.name, read_at, _last_id(entry_rows, cursors.entered_until)),
    )


def read_everything(portal: Portal, source: LessonSource, cards: Mapping[int, int]) -> Iterator[Changes]:
    """All courses with dates and all deals on the stage, in portions; the last one is `whole` and has the cursors.

    Two requests for 50 deals, one for 50 products. Interrupted, it is begun anew; what was stored of it is right.
    """
    read_at, ((_, _, newest),) = _ask(portal, [(ENTRIES, source.entries(order="DESC"))])
    for courses in chunked(read_courses(portal, source), PORTION):
        yield Changes(read_at, tuple(courses))
    known = dict(cards)
    for deals in chunked(portal.rows(DEALS, **source.deals()), PORTION):
        portion = _enrolled(portal, source, deals, known, read_at)
        known |= portion.cards
        yield portion
    reached = _last_id(rows_of(ENTRIES, newest), 0)
    yield Changes(read_at, cursors=Cursors(source.name, read_at, reached), whole=True)


def _edited(source: LessonSource, since: datetime, cards: Mapping[int, int]) -> list[dict[str, Any]]:
    """The filters that find the courses whose dates were edited; what fits into a page needs no look for a next one."""
    if source.edits_show:
        return [{">=timestampX": since}]
    return [{"id": some} for some in chunked(sorted(set(cards.values())), PAGE - 1)]


def _ask(portal: Portal, asked: Sequence[Question]) -> tuple[datetime, list[Page]]:
    """The portal's time before anything else was asked, and the first pages: one request."""
    commands = [Command(method, params, method) for method, params in asked]
    clock, *answers = portal.batch([Command("server.time", {}, "server.time"), *commands]).values()
    return read_server_time(clock), [(*question, answer) for question, answer in zip(asked, answers, strict=True)]


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
