"""Who came to what: the attendance imported so far, one row per ticket, from which a contact's visits are counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Engine, and_, func, type_coerce
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.sql.expression import Select

from backoffice.store.engine import reading, writing
from backoffice.store.events import KnownEvent
from backoffice.store.statements import chunks, upsert


class Participation(SQLModel, table=True):
    """One ticket of one event as the last import left it in the portal."""

    portal: str = Field(primary_key=True)
    event_id: int = Field(primary_key=True, sa_type=BigInteger)
    ticket_id: str = Field(primary_key=True)
    contact_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    element_id: int | None = Field(default=None, sa_type=BigInteger)
    status: str
    attended: bool


@dataclass(frozen=True)
class AttendedEvent:
    event_id: int
    title: str
    starts_at: datetime


def of_event(engine: Engine, portal: str, event_id: int) -> dict[str, Participation]:
    """Ticket id -> participation, for every ticket remembered of the event."""
    with reading(engine) as session:
        found = select(Participation).where(Participation.portal == portal, Participation.event_id == event_id)
        return {participation.ticket_id: participation for participation in session.exec(found)}


def count_tickets(engine: Engine, portal: str, event_ids: Iterable[int]) -> dict[int, int]:
    """Event id -> how many of its tickets stand in the portal's list; without events that have none."""
    counted: dict[int, int] = {}
    with reading(engine) as session:
        for some in chunks(event_ids):
            standing = select(Participation.event_id, func.count()).where(
                Participation.portal == portal,
                col(Participation.event_id).in_(some),
                col(Participation.element_id).is_not(None),
            )
            counted |= dict(session.exec(standing.group_by(col(Participation.event_id))).all())
    return counted


def remember(engine: Engine, rows: Iterable[Participation]) -> None:
    """Writes every row over what was known of its ticket; of two rows of one ticket the later counts."""
    latest = {(row.portal, row.event_id, row.ticket_id): row.model_dump() for row in rows}
    with writing(engine) as session:
        upsert(session, Participation, [latest[ticket] for ticket in sorted(latest)])


def attended_events(engine: Engine, portal: str, contact_ids: Iterable[int]) -> dict[int, list[AttendedEvent]]:
    """Contact id -> the distinct known events attended, by start and id; empty for a contact that attended none."""
    visits: dict[int, list[AttendedEvent]] = {contact_id: [] for contact_id in contact_ids}
    with reading(engine) as session:
        for some in chunks(visits):
            for contact_id, event_id, title, starts_at in session.exec(_visits(portal, some)):
                visits[contact_id].append(AttendedEvent(event_id, title, starts_at))
    return visits


def _visits(portal: str, contact_ids: list[int]) -> Select[int, int, str, datetime]:
    same_event = and_(
        col(KnownEvent.portal) == col(Participation.portal), col(KnownEvent.event_id) == col(Participation.event_id)
    )
    return (
        select(
            type_coerce(Participation.contact_id, BigInteger),
            KnownEvent.event_id,
            KnownEvent.title,
            KnownEvent.starts_at,
        )
        .join(KnownEvent, same_event)
        .where(Participation.portal == portal, col(Participation.attended).is_(True))
        .where(col(Participation.contact_id).in_(contact_ids))
        .order_by(col(KnownEvent.starts_at), col(KnownEvent.event_id))
        .distinct()
    )
