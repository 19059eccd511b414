"""Who attends which course, as last read: deals on the stage of the learners. Ids only, no persons."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Engine, Index
from sqlmodel import Field, Session, SQLModel, col, delete, select

from backoffice.rules.lesson_facts import Enrolment
from backoffice.store.engine import reading
from backoffice.store.moments import Moment
from backoffice.store.statements import chunks, insert_into, upsert


class EnrolmentRow(SQLModel, table=True):
    """A deal on the stage of the learners."""

    __tablename__ = "enrolment"

    portal: str = Field(primary_key=True)
    deal_id: int = Field(primary_key=True, sa_type=BigInteger)
    responsible_id: int = Field(sa_type=BigInteger)
    contact_ids: list[int] = Field(sa_type=JSON)
    entered_at: datetime = Field(sa_type=Moment)
    read_at: datetime = Field(sa_type=Moment)


class EnrolmentCourse(SQLModel, table=True):
    """A product in a deal's rows, a course or not; of an offer, the product it is an offer of."""

    __tablename__ = "enrolment_course"
    __table_args__ = (Index("ix_enrolment_course_product_id", "portal", "product_id"),)

    portal: str = Field(primary_key=True)
    deal_id: int = Field(primary_key=True, sa_type=BigInteger)
    product_id: int = Field(primary_key=True, sa_type=BigInteger)


class ProductCard(SQLModel, table=True):
    """Whose card holds the dates of a product that deals name: the parent's for an offer, else its own."""

    __tablename__ = "product_card"

    portal: str = Field(primary_key=True)
    product_id: int = Field(primary_key=True, sa_type=BigInteger)
    card_id: int = Field(sa_type=BigInteger)


def product_cards(engine: Engine, portal: str) -> dict[int, int]:
    """Product that deals name -> product whose card holds its dates, as far as it was ever asked. It never changes."""
    with reading(engine) as session:
        known = select(ProductCard.product_id, ProductCard.card_id).where(ProductCard.portal == portal)
        return dict(session.exec(known).all())


def enrolments_of(engine: Engine, portal: str, course_ids: Collection[int]) -> list[Enrolment]:
    """The deals that have any of the courses, by id, each with all the products it names."""
    found: dict[int, Enrolment] = {}
    with reading(engine) as session:
        for some in chunks(course_ids):
            found |= {own.deal_id: own for own in _enrolments(session, portal, some)}
    return [found[deal_id] for deal_id in sorted(found)]


def keep_cards(session: Session, portal: str, cards: Mapping[int, int]) -> None:
    """Writes product -> product whose card holds its dates."""
    upsert(
        session, ProductCard, [{"portal": portal, "product_id": one, "card_id": cards[one]} for one in sorted(cards)]
    )


def keep_enrolments(session: Session, portal: str, enrolments: Iterable[Enrolment], read_at: datetime) -> None:
    """Writes the enrolments as they were at `read_at`, unless read later already."""
    wanted = {enrolment.deal_id: enrolment for enrolment in enrolments}
    for some in chunks(wanted):
        older = sorted(set(some) - _read_after(session, portal, some, read_at))
        drop_deals(session, portal, older)
        upsert(session, EnrolmentRow, [_row(portal, wanted[deal_id], read_at) for deal_id in older])
        attended = [row for deal_id in older for row in _course_rows(portal, wanted[deal_id])]
        if attended:
            session.exec(insert_into(session, EnrolmentCourse), params=attended)


def drop_deals(session: Session, portal: str, deal_ids: Iterable[int]) -> None:
    """Drops deals that stand on the stage no more."""
    for some in chunks(deal_ids):
        for table in (EnrolmentRow, EnrolmentCourse):
            session.exec(delete(table).where(col(table.portal) == portal, col(table.deal_id).in_(some)))


def drop_enrolments_before(session: Session, portal: str, read_at: datetime) -> None:
    """Drops what was not read since that moment."""
    old = select(EnrolmentRow.deal_id).where(EnrolmentRow.portal == portal, col(EnrolmentRow.read_at) < read_at)
    drop_deals(session, portal, session.exec(old).all())


def _read_after(session: Session, portal: str, deal_ids: list[int], read_at: datetime) -> set[int]:
    known = select(EnrolmentRow.deal_id).where(EnrolmentRow.portal == portal, col(EnrolmentRow.deal_id).in_(deal_ids))
    return set(session.exec(known.where(col(EnrolmentRow.read_at) > read_at)).all())


def _enrolments(session: Session, portal: str, course_ids: list[int]) -> Iterator[Enrolment]:
    attending = select(EnrolmentCourse.deal_id).where(
        EnrolmentCourse.portal == portal, col(EnrolmentCourse.product_id).in_(course_ids)
    )
    products: dict[int, set[int]] = {}
    named = select(EnrolmentCourse.deal_id, EnrolmentCourse.product_id).where(EnrolmentCourse.portal == portal)
    for deal_id, product_id in session.exec(named.where(col(EnrolmentCourse.deal_id).in_(attending))):
        products.setdefault(deal_id, set()).add(product_id)
    columns = (EnrolmentRow.deal_id, EnrolmentRow.responsible_id, EnrolmentRow.contact_ids, EnrolmentRow.entered_at)
    rows = select(*columns).where(EnrolmentRow.portal == portal, col(EnrolmentRow.deal_id).in_(attending))
    for deal_id, responsible_id, contacts, entered_at in session.exec(rows):
        yield Enrolment(deal_id, responsible_id, tuple(contacts), frozenset(products[deal_id]), entered_at)


def _row(portal: str, enrolment: Enrolment, read_at: datetime) -> dict[str, Any]:
    return {
        "portal": portal,
        "deal_id": enrolment.deal_id,
        "responsible_id": enrolment.responsible_id,
        "contact_ids": list(enrolment.contact_ids),
        "entered_at": enrolment.entered_at,
        "read_at": read_at,
    }


def _course_rows(portal: str, enrolment: Enrolment) -> list[dict[str, Any]]:
    deal_id = enrolment.deal_id
    return [{"portal": portal, "deal_id": deal_id, "product_id": one} for one in sorted(enrolment.course_ids)]
