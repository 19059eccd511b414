"""The money of a period by direction and month, as the site and as the portal count it: to the kopeck."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Literal

import pandas as pd

from backoffice.rules.donation_accounts import Accounts, Entry, donated_at
from backoffice.rules.donation_facts import FUNDED
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal
from backoffice.rules.portal_words import DirectionWords

Side = Literal["site", "portal"]
SIDES: tuple[Side, Side] = ("site", "portal")
PLACE = ["direction", "month", "currency"]
Place = tuple[str, str, str]
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Payment:
    """Money received, as one side counts it; `month` is `2026-03`."""

    side: Side
    key: Key
    direction: str
    month: str
    currency: str
    amount: Decimal
    deal_id: int | None = None

    @property
    def place(self) -> Place:
        """The line of the report that it belongs to."""
        return self.direction, self.month, self.currency


@dataclass(frozen=True)
class Gap:
    """A donation that makes a line of the report differ: what each side counts for it there."""

    key: Key
    deal_id: int | None
    place: Place
    site: Decimal
    portal: Decimal

    @property
    def difference(self) -> Decimal:
        """How much the portal shows too much."""
        return self.portal - self.site


def payments(accounts: Accounts, directions: DirectionWords, zone: tzinfo | None) -> list[Payment]:
    """What either side counts as received; a charge told twice counts once on the site."""
    return [
        payment
        for entry in accounts.entries
        for payment in (*_on_site(entry, accounts, directions, zone), *_in_portal(entry, zone))
    ]


def sums(counted: Iterable[Payment]) -> pd.DataFrame:
    """A line for each direction, month and currency: `site`, `portal`, and `difference`, which is portal less site."""
    rows = [(*one.place, one.side, one.amount) for one in counted]
    table = pd.DataFrame(rows, columns=[*PLACE, "side", "amount"], dtype=object)
    if table.empty:
        return pd.DataFrame(columns=[*PLACE, *SIDES, "difference"], dtype=object)
    lines = table.groupby([*PLACE, "side"])["amount"].agg(total).unstack("side").reindex(columns=list(SIDES))
    lines = lines.map(lambda amount: amount if isinstance(amount, Decimal) else NOTHING)
    lines["difference"] = lines["portal"] - lines["site"]
    return lines.sort_values(["month", "currency", "direction"]).reset_index()


def gaps(counted: Iterable[Payment]) -> list[Gap]:
    """Each donation that the sides count differently, by the lines in which they do."""
    found: dict[tuple[Place, Key], list[Payment]] = {}
    for one in counted:
        found.setdefault((one.place, one.key), []).append(one)
    made = [_gap(place, key, found[place, key]) for place, key in sorted(found)]
    return [gap for gap in made if gap.difference]


def by_hand(accounts: Accounts) -> dict[str, Decimal]:
    """Currency -> what the funnel's won deals that no site has made come to: money brought in otherwise."""
    received: dict[str, Decimal] = {}
    for deal in accounts.others:
        if deal.won and donated_at(deal) >= accounts.since:
            received[deal.currency] = received.get(deal.currency, NOTHING) + deal.amount
    return received


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, exact and to the kopeck."""
    return sum(amounts, NOTHING)


def _on_site(entry: Entry, accounts: Accounts, directions: DirectionWords, zone: tzinfo | None) -> Iterator[Payment]:
    said, repeated = entry.said, entry.known is not None and entry.known.duplicate_of is not None
    if said is None or said.status != FUNDED or repeated or entry.key in accounts.repeated_charges:
        return
    direction, month = directions.of(said.campaign.id), month_of(said.created_at, zone)
    yield Payment("site", entry.key, direction, month, said.currency, said.amount)


def _in_portal(entry: Entry, zone: tzinfo | None) -> Iterator[Payment]:
    for deal in entry.deals:
        if deal.won:
            yield _won(entry.key, deal, zone)


def _won(key: Key, deal: Deal, zone: tzinfo | None) -> Payment:
    direction, month = deal.form.get("direction", ""), month_of(donated_at(deal), zone)
    return Payment("portal", key, direction, month, deal.currency, deal.amount, deal.id)


def month_of(moment: datetime, zone: tzinfo | None) -> str:
    """The month in which it was, there."""
    return moment.astimezone(zone).strftime("%Y-%m")


def _gap(place: Place, key: Key, counted: Sequence[Payment]) -> Gap:
    site, portal = (total(one.amount for one in counted if one.side == side) for side in SIDES)
    deal_ids = [one.deal_id for one in counted if one.deal_id is not None]
    return Gap(key, deal_ids[0] if deal_ids else None, place, site, portal)
