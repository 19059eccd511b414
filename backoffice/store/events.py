"""The events imported so far."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, Engine
from sqlmodel import Field, SQLModel, col, select

from backoffice.store.engine import reading, writing
from backoffice.store.moments import Moment
from backoffice.store.statements import chunks


class KnownEvent(SQLModel, table=True):
    """A Timepad event as it was at its last import.

    `section_id` is its section of the portal's list; `imported_at` is None while a part of it is not in the portal.
    """

    __tablename__ = "event"

    portal: str = Field(primary_key=True)
    event_id: int = Field(primary_key=True, sa_type=BigInteger)
    title: str
    starts_at: datetime = Field(sa_type=Moment)
    ends_at: datetime = Field(sa_type=Moment)
    section_id: int | None = Field(default=None, sa_type=BigInteger)
    imported_at: datetime | None = Field(default=None, sa_type=Moment)


def known_events(engine: Engine, portal: str, event_ids: Iterable[int]) -> dict[int, KnownEvent]:
    """Event id -> event, for those of the ids that were imported."""
    known: dict[int, KnownEvent] = {}
    with reading(engine) as session:
        for some in chunks(event_ids):
            found = select(KnownEvent).where(KnownEvent.portal == portal, col(KnownEvent.event_id).in_(some))
            known |= {event.event_id: event for event in session.exec(found)}
    return known


def remember_event(engine: Engine, event: KnownEvent) -> None:
    """Writes the event over what was known of it."""
    with writing(engine) as session:
        session.merge(event)
