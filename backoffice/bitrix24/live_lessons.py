"""Deals, courses and contacts read again just before something is sent to them."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from backoffice.bitrix24.attendees import CONTACTS, attendee_of, attendees_command
from backoffice.bitrix24.batch import BatchResult, Command, Outcome
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.courses import KINDS, course_of
from backoffice.bitrix24.enrolments import ROWS, enrolments_of, rows_command, sold_in
from backoffice.bitrix24.lesson_source import LessonSource
from backoffice.bitrix24.listing import rows_of
from backoffice.bitrix24.product_cards import find_cards
from backoffice.rules.chunks import chunked
from backoffice.rules.lesson_facts import Enrolment, Live

DEALS = "crm.item.list"
IDS_A_COMMAND = 50
DEALS_A_REQUEST = 40
"""So many deals with their courses and up to 250 contacts fit into one request."""


def read_live(
    portal: Portal,
    source: LessonSource,
    deal_ids: Collection[int],
    course_ids: Collection[int],
    contact_ids: Collection[int],
    cards: Mapping[int, int],
) -> Live:
    """What of these the portal has now: one request for up to 40 deals, one more for a product never seen in a deal.

    A deal that does not stand on the stage is as absent as a deleted one. `cards` is what the read model knows of
    products that deals name. BatchFailed when anything else could not be read.
    """
    commands: list[Command[Any]] = [
        *(Command(DEALS, source.deals({"@id": some}), some) for some in _portions(deal_ids)),
        *map(rows_command, sorted(deal_ids)),
        *(Command(kind, source.courses({"id": some}), some) for some in _portions(course_ids) for kind in KINDS),
        *(attendees_command(some, source.opted_out) for some in _portions(contact_ids)),
    ]
    outcomes = portal.batch(commands).outcomes
    rows = [outcome for outcome in outcomes if outcome.command.method == ROWS]
    listed = [outcome for outcome in outcomes if outcome.command.method != ROWS]
    courses = (course_of(row, source) for kind in KINDS for row in _rows(listed, kind))
    attendees = (attendee_of(row, source.opted_out) for row in _rows(listed, CONTACTS))
    return Live(
        enrolments={own.deal_id: own for own in _enrolments(portal, source, list(_rows(listed, DEALS)), rows, cards)},
        courses={course.id: course for course in courses},
        attendees={attendee.id: attendee for attendee in attendees},
    )


def _enrolments(
    portal: Portal,
    source: LessonSource,
    deals: list[Row],
    rows: list[Outcome[Any]],
    cards: Mapping[int, int],
) -> tuple[Enrolment, ...]:
    standing = {int(row["id"]) for row in deals}
    sold = sold_in(portal, [outcome for outcome in rows if outcome.item in standing])
    found = find_cards(portal, source.dates, [own for several in sold.values() for own in several], cards)
    return enrolments_of(deals, sold, {**cards, **found}, source)


def _rows(outcomes: list[Outcome[Any]], method: str) -> Iterator[Row]:
    asked = BatchResult(tuple(outcome for outcome in outcomes if outcome.command.method == method))
    return (row for answer in asked.values() for row in rows_of(method, answer))


def _portions(ids: Collection[int]) -> Iterator[list[int]]:
    return chunked(sorted(set(ids)), IDS_A_COMMAND)
