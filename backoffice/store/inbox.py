"""The durable inbox: a webhook is a row here before its sender gets an answer, and waits until a run has handled it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Engine, Index, UniqueConstraint, func
from sqlmodel import Field, SQLModel, col, select, update

from backoffice.store.engine import reading, writing
from backoffice.store.moments import Moment
from backoffice.store.statements import chunks, insert_into

PENDING = "pending"
HANDLED = "handled"


class InboxRow(SQLModel, table=True):
    """One delivery: `delivery_key` is unique in its source, `subject` what it is about, `body` what a process needs."""

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
        accepted = insert.on_conflict_do_update(
            index_elements=["source", "delivery_key"], set_=again, where=col(InboxRow.state) == HANDLED
        ).returning(col(InboxRow.id))
        return session.exec(accepted).first() is not None


def file_away(
    engine: Engine, source: str, delivery_key: str, subject: str, body: dict[str, Any], now: datetime
) -> None:
    """Stores a delivery that no process waits for, as handled; a repeat changes nothing."""
    row = _new_row(source, delivery_key, subject, body, now) | {"state": HANDLED, "handled_at": now}
    with writing(engine) as session:
        session.exec(insert_into(session, InboxRow).values(row).on_conflict_do_nothing())


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


def pending(engine: Engine, source: str) -> list[InboxRow]:
    """What waits of the source, oldest first."""
    found = select(InboxRow).where(InboxRow.source == source, InboxRow.state == PENDING).order_by(col(InboxRow.id))
    with reading(engine) as session:
        return list(session.exec(found))


def mark_handled(engine: Engine, ids: Iterable[int], now: datetime) -> None:
    """The rows wait no more."""
    with writing(engine) as session:
        for some in chunks(sorted(ids)):
            rows = update(InboxRow).where(col(InboxRow.id).in_(some), col(InboxRow.state) == PENDING)
            session.exec(rows.values(state=HANDLED, handled_at=now))


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
