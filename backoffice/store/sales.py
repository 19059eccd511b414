"""The copy of the portal's deals: what is kept of each, and what it says of the clients. Ids only, no persons."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Engine, Index
from sqlmodel import Field, Session, SQLModel, and_, col, delete, func, select

from backoffice.rules.repeat_sales import Study
from backoffice.rules.sales import ClientSales, SaleDeal, SaleState, sales_of
from backoffice.rules.sales_copy import SeenDeal
from backoffice.store.call_tasks import PENDING, CallTask
from backoffice.store.engine import reading
from backoffice.store.exact import Exact
from backoffice.store.moments import Moment
from backoffice.store.statements import chunks, upsert

COUNTED = (SaleState.WON, SaleState.OPEN)


class SaleRow(SQLModel, table=True):
    """A deal as last read; `reading` is the number of the last whole reading that knew it."""

    __tablename__ = "sale"
    __table_args__ = (
        Index("sale_client", "portal", "client", "state", "closed_on"),
        {"sqlite_with_rowid": False},
    )

    portal: str = Field(primary_key=True)
    deal_id: int = Field(primary_key=True, sa_type=BigInteger)
    client: str
    state: str
    closed_on: date | None = None
    amount: Decimal = Field(sa_type=Exact)
    currency: str
    responsible_id: int = Field(sa_type=BigInteger)
    changed_at: datetime = Field(sa_type=Moment)
    reading: int = Field(sa_type=BigInteger)


DEAL: tuple[Any, ...] = (
    SaleRow.deal_id,
    SaleRow.client,
    SaleRow.state,
    SaleRow.closed_on,
    SaleRow.amount,
    SaleRow.currency,
    SaleRow.responsible_id,
)
"""In the order of a SaleDeal."""


def sales_of_clients(engine: Engine, portal: str, clients: Collection[str]) -> dict[str, ClientSales]:
    """What each of the clients has bought, by our copy; one of whom it knows nothing has bought nothing."""
    deals: dict[str, list[SaleDeal]] = defaultdict(list)
    known = select(*DEAL).where(SaleRow.portal == portal, col(SaleRow.state).in_(COUNTED))
    with reading(engine) as session:
        for some in chunks(clients):
            for deal in map(_deal, session.exec(known.where(col(SaleRow.client).in_(some)))):
                deals[deal.client].append(deal)
    return {client: sales_of(client, deals[client]) for client in clients}


def clients_of_deals(engine: Engine, portal: str, deal_ids: Collection[int]) -> dict[int, str]:
    """Deal -> whose it is now, by our copy: a merge hands it over. Without deals that the copy does not know."""
    known = select(SaleRow).where(SaleRow.portal == portal)
    with reading(engine) as session:
        rows = [row for some in chunks(deal_ids) for row in session.exec(known.where(col(SaleRow.deal_id).in_(some)))]
    return {row.deal_id: row.client for row in rows}


def ripe_clients(engine: Engine, portal: str, study: Study) -> list[ClientSales]:
    """The clients who may be due by our copy, the longest waiting first.

    One deal of theirs was won, within the study's days; none is open; nobody was asked to call about that deal, and
    no task about the client waits. What only the portal knows is not looked at.
    """
    one = _only_deals(portal, study).subquery()
    asked = select(CallTask.deal_id).where(CallTask.portal == portal)
    waited_for = select(CallTask.client).where(CallTask.portal == portal, col(CallTask.state).in_(PENDING))
    rows = (
        select(*DEAL)
        .join(one, and_(col(SaleRow.portal) == portal, col(SaleRow.deal_id) == one.c.deal_id))
        .where(col(SaleRow.deal_id).not_in(asked), col(SaleRow.client).not_in(waited_for))
        .order_by(col(SaleRow.closed_on), col(SaleRow.deal_id))
    )
    with reading(engine) as session:
        return [ClientSales(deal.client, won=1, first=deal) for deal in map(_deal, session.exec(rows))]


def _only_deals(portal: str, study: Study) -> Any:
    """Client and deal where that deal is the only one won or open, and was won in the study's days."""
    return (
        select(SaleRow.client, func.min(SaleRow.deal_id).label("deal_id"))
        .where(SaleRow.portal == portal, SaleRow.client != "", col(SaleRow.state).in_(COUNTED))
        .group_by(col(SaleRow.client))
        .having(func.count() == 1, func.min(SaleRow.state) == SaleState.WON)
        .having(func.min(SaleRow.closed_on).between(study.earliest, study.latest))
    )


def count_sales(session: Session, portal: str) -> int:
    """How many deals the copy has."""
    return session.exec(select(func.count()).select_from(SaleRow).where(SaleRow.portal == portal)).one()


def keep_read(session: Session, portal: str, seen: Sequence[SeenDeal], number: int) -> None:
    """Writes what the whole reading of this number sees; a change that was taken in during it is not undone."""
    upsert(
        session,
        SaleRow,
        _rows(portal, seen, number),
        lambda new: (new.reading > SaleRow.reading) | (new.changed_at >= SaleRow.changed_at),
    )


def keep_changed(session: Session, portal: str, seen: Sequence[SeenDeal], number: int) -> None:
    """Writes changes while the whole reading of this number is the last one; a later change stays."""
    upsert(session, SaleRow, _rows(portal, seen, number), lambda new: new.changed_at >= SaleRow.changed_at)


def drop_unread(session: Session, portal: str, number: int) -> None:
    """Drops the deals that the whole reading of this number did not meet."""
    session.exec(delete(SaleRow).where(col(SaleRow.portal) == portal, col(SaleRow.reading) < number))


def _deal(row: Sequence[Any]) -> SaleDeal:
    deal_id, client, state, *rest = row
    return SaleDeal(deal_id, client, SaleState(state), *rest)


def _rows(portal: str, seen: Sequence[SeenDeal], number: int) -> list[dict[str, Any]]:
    return [
        {
            "portal": portal,
            "deal_id": one.deal.id,
            "client": one.deal.client,
            "state": one.deal.state,
            "closed_on": one.deal.closed_on,
            "amount": one.deal.amount,
            "currency": one.deal.currency,
            "responsible_id": one.deal.responsible_id,
            "changed_at": one.changed_at,
            "reading": number,
        }
        for one in seen
    ]
