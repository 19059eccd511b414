"""The durable inbox: a webhook is a row here before its sender gets an answer, and waits until a run has handled it.

A handled row has no body any more, and goes some time later: until then it tells a repeat from news.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Engine, Index, UniqueConstraint, func
from sqlmodel import Field, SQLModel, and_, col, delete, or_, select, update

from backoffice.store.engine import reading, writing
from backoffice.store.moments import Moment
from backoffice.store.statements import chunks, insert_into

PENDING = "pending"
HANDLED = "handled"
PARKED = "parked"
KEPT = timedelta(days=30)
"""How long a row stays that waits no more."""


class InboxRow(SQLModel, table=True):
    """One delivery: `delivery_key` is unique in its source, `subject` what it is about, `body` what a process needs.

    `reason` tells of a parked one why no process can use it.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("source", "delivery_key", name="inbox_delivery"),
        Index("inbox_state", "state", "source"),
        # Idempotency keys are made of ids, so an id must not come back after its row is deleted.
        {"sqlite_autoincrement": True},
    )

    id: int = Field(primary_key=True)
    source: str
    delivery_key: str
    subject: str
    body: dict[str, Any] = Field(sa_type=JSON)
    received_at: datetime = Field(sa_type=Moment)
    state: str
    starts: int
    last_started_at: datetime | None = Field(default=None, sa_type=Moment)
    flow_run_id: str | None = None
    handled_at: datetime | None = Field(default=None, sa_type=Moment)
    reason: str | None = None


@dataclass(frozen=True)
class Waiting:
    """What waits of one source: the oldest row, the starts made for that one, the last start made for any of them."""

    source: str
    oldest_id: int
    rows: int
    starts: int
    last_started_at: datetime | None


def accept(engine: Engine, source: str, delivery_key: str, subject: str, body: dict[str, Any], now: datetime) -> bool:
    """Stores a delivery as pending; False if it is pending already. A repeat of a handled one becomes pending again."""
    row = _new_row(source, delivery_key, subject, body, now)
    again = {"state": PENDING, "received_at": now, "last_started_at": None, "flow_run_id": None, "handled_at": None}
    with writing(engine) as session:
        insert = insert_into(session, InboxRow).values(row)
        again["body"] = insert.excluded.body
        accepted = insert.on_conflict_do_update(
            index_elements=["source", "delivery_key"], set_=again, where=col(InboxRow.state) == HANDLED
        ).returning(col(InboxRow.id))
        return session.exec(accepted).first() is not None


def accept_once(
    engine: Engine, source: str, delivery_key: str, subject: str, body: dict[str, Any], now: datetime
) -> bool:
    """Stores a delivery that its sender has numbered as pending; False if it came before, waiting or not."""
    return _insert(engine, _new_row(source, delivery_key, subject, body, now))


def park(  # noqa: PLR0913 - a delivery, and why it is of no use
    engine: Engine,
    source: str,
    delivery_key: str,
    subject: str,
    body: dict[str, Any],
    now: datetime,
    *,
    reason: str,
) -> None:
    """Stores for people to look at what was surely sent to us and what no process can use; a repeat changes nothing."""
    _insert(engine, _new_row(source, delivery_key, subject, body, now) | {"state": PARKED, "reason": reason})


def file_away(
    engine: Engine, source: str, delivery_key: str, subject: str, body: dict[str, Any], now: datetime
) -> None:
    """Stores a delivery that no process waits for, as handled; a repeat changes nothing."""
    _insert(engine, _new_row(source, delivery_key, subject, body, now) | {"state": HANDLED, "handled_at": now})


def waiting(engine: Engine) -> list[Waiting]:
    """The sources with pending rows, by name."""
    oldest = (
        select(
            func.min(InboxRow.id).label("id"),
            func.count().label("rows"),
            func.max(InboxRow.last_started_at).label("last_started_at"),
        )
        .where(InboxRow.state == PENDING)
        .group_by(col(InboxRow.source))
        .subquery()
    )
    found = (
        select(InboxRow, oldest.c.rows, oldest.c.last_started_at)
        .join(oldest, oldest.c.id == InboxRow.id)
        .order_by(InboxRow.source)
    )
    with reading(engine) as session:
        return [Waiting(row.source, row.id, rows, row.starts, last) for row, rows, last in session.exec(found)]


def note_start(engine: Engine, source: str, oldest_id: int, flow_run_id: str, now: datetime) -> None:
    """Notes the run that was started for what waits of the source."""
    started = {"starts": InboxRow.starts + 1, "last_started_at": now, "flow_run_id": flow_run_id}
    with writing(engine) as session:
        session.exec(
            update(InboxRow).where(col(InboxRow.source) == source, col(InboxRow.id) == oldest_id).values(started)
        )


def pending(engine: Engine, source: str, *, most: int | None = None) -> list[InboxRow]:
    """What waits of the source, oldest first, not more than `most`."""
    found = select(InboxRow).where(InboxRow.source == source, InboxRow.state == PENDING).order_by(col(InboxRow.id))
    with reading(engine) as session:
        return list(session.exec(found.limit(most)))


def parked(engine: Engine) -> list[InboxRow]:
    """What no process could use, oldest first."""
    with reading(engine) as session:
        return list(session.exec(select(InboxRow).where(InboxRow.state == PARKED).order_by(col(InboxRow.id))))


def count_parked(engine: Engine) -> dict[str, int]:
    """Source -> how many of its deliveries are parked; without sources that have none."""
    counted = select(InboxRow.source, func.count()).where(InboxRow.state == PARKED).group_by(col(InboxRow.source))
    with reading(engine) as session:
        return dict(session.exec(counted.order_by(InboxRow.source)).all())


def mark_handled(engine: Engine, ids: Iterable[int], now: datetime) -> None:
    """The rows wait no more; what they said is forgotten."""
    with writing(engine) as session:
        for some in chunks(sorted(ids)):
            rows = update(InboxRow).where(col(InboxRow.id).in_(some), col(InboxRow.state) == PENDING)
            session.exec(rows.values(state=HANDLED, handled_at=now, body={}))


def prune(engine: Engine, now: datetime) -> int:
    """Drops the rows that have waited for nothing for longer than they are kept; gives how many."""
    old = now - KEPT
    handled = and_(col(InboxRow.state) == HANDLED, col(InboxRow.handled_at) < old)
    unusable = and_(col(InboxRow.state) == PARKED, col(InboxRow.received_at) < old)
    with writing(engine) as session:
        return session.exec(delete(InboxRow).where(or_(handled, unusable))).rowcount


def _insert(engine: Engine, row: dict[str, Any]) -> bool:
    """Whether there was no row of this delivery."""
    with writing(engine) as session:
        insert = insert_into(session, InboxRow).values(row).on_conflict_do_nothing()
        return session.exec(insert.returning(col(InboxRow.id))).first() is not None


def _new_row(source: str, delivery_key: str, subject: str, body: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "source": source,
        "delivery_key": delivery_key,
        "subject": subject,
        "body": body,
        "received_at": now,
        "state": PENDING,
        "starts": 0,
    }
