"""Enrolments: deals on the stage of the learners, with what their product rows sell (crm/universal/product-rows)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from backoffice.bitrix24.batch import Command, Outcome
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.errors import BatchFailed, NotFound
from backoffice.bitrix24.lesson_source import LessonSource
from backoffice.bitrix24.listing import read_rest
from backoffice.bitrix24.product_cards import Sold, sold_of
from backoffice.bitrix24.values import read_moment
from backoffice.bitrix24.wire import as_map
from backoffice.rules.lesson_facts import Enrolment

ROWS = "crm.item.productrow.list"


def rows_command(deal_id: int) -> Command[int]:
    """The product rows of one deal: the filter must name its owner."""
    return Command(ROWS, {"filter": {"=ownerType": "D", "=ownerId": deal_id}}, deal_id)


def read_sold(portal: Portal, deal_ids: Iterable[int]) -> dict[int, list[Sold]]:
    """Deal -> what it sells, 50 deals a request; a deal deleted meanwhile is left out. BatchFailed for the rest."""
    return sold_in(portal, portal.batch(rows_command(deal_id) for deal_id in deal_ids).outcomes)


def sold_in(portal: Portal, outcomes: Sequence[Outcome[int]]) -> dict[int, list[Sold]]:
    """The same out of the outcomes of `rows_command`."""
    failures = [
        (outcome.item, outcome.error)
        for outcome in outcomes
        if outcome.error is not None and not isinstance(outcome.error, NotFound)
    ]
    if failures:
        raise BatchFailed(ROWS, failures, len(outcomes))
    return {
        outcome.item: _sold(read_rest(portal, ROWS, outcome.command.params, outcome.answer.result))
        for outcome in outcomes
        if outcome.answer is not None
    }


def enrolments_of(
    deals: Iterable[Row], sold: Mapping[int, Collection[Sold]], cards: Mapping[int, int], source: LessonSource
) -> tuple[Enrolment, ...]:
    """The enrolments of deals whose rows were read; of what has no card nothing can be due."""
    return tuple(_enrolment(row, sold[int(row["id"])], cards, source) for row in deals if int(row["id"]) in sold)


def _sold(rows: Iterable[Row]) -> list[Sold]:
    return [own for row in rows if (own := sold_of(row))]


def _enrolment(row: Row, sold: Iterable[Sold], cards: Mapping[int, int], source: LessonSource) -> Enrolment:
    return Enrolment(
        deal_id=int(row["id"]),
        responsible_id=int(row.get("assignedById") or 0),
        contact_ids=_contact_ids(row),
        course_ids=frozenset(cards[own.product_id] for own in sold if own.product_id in cards),
        entered_at=_entered_at(row, source),
    )


def _contact_ids(row: Row) -> tuple[int, ...]:
    """All contacts in their order; where the portal gives only the first, that one."""
    every = as_map(row.get("contactIds")).values() or [row.get("contactId")]
    numbers = (int(contact_id or 0) for contact_id in every)
    return tuple(dict.fromkeys(number for number in numbers if number > 0))


def _entered_at(row: Row, source: LessonSource) -> datetime:
    moment = read_moment(row.get("movedTime") or row.get("createdTime"), source.zone)
    if moment is None:
        raise ValueError(f"deal {row['id']} was neither moved nor created")
    return moment
