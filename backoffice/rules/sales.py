"""Deals as the study of repeat sales sees them: whose they are, and whether they are a sale."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class SaleState(StrEnum):
    """What a deal is. VOID: a return, a test, a deal of another funnel: neither a sale nor a hope of one."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class SaleDeal:
    """A deal. `client` is how tasks name it: `CO_77` for a company, else `C_5` for the primary contact, else empty.

    `closed_on`: the day on which it was closed, in the portal's zone; None while it is open.
    """

    id: int
    client: str
    state: SaleState
    closed_on: date | None
    amount: Decimal
    currency: str
    responsible_id: int


@dataclass(frozen=True, slots=True)
class ClientSales:
    """What a client has bought. `first` is the first won deal, None if there is none; `open_deal` any open one."""

    client: str
    won: int = 0
    first: SaleDeal | None = None
    second: SaleDeal | None = None
    open_deal: int | None = None


def sales_of(client: str, deals: Iterable[SaleDeal]) -> ClientSales:
    """The client's deals summed up."""
    own = [deal for deal in deals if deal.client == client]
    won = sorted((deal for deal in own if deal.state is SaleState.WON), key=_place)
    open_ids = sorted(deal.id for deal in own if deal.state is SaleState.OPEN)
    first, second = [*won, None, None][:2]
    return ClientSales(client, len(won), first, second, open_ids[0] if open_ids else None)


def _place(deal: SaleDeal) -> tuple[date, int]:
    return deal.closed_on or date.max, deal.id
