"""What a fund's site, our store and the portal each tell of the donations of a period, side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from backoffice.rules.donation_differences import MOMENT
from backoffice.rules.donation_facts import FUNDED, Donation
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal, KnownDonation

KEY = ["site", "id"]


@dataclass(frozen=True)
class Accounts:
    """The donations created from `since` on: as the site tells them now, as we have them, and the funnel's deals.

    `known` may hold older donations too: by them the subscriptions are recognised. So may `deals`, by which the twins
    are. `unreadable`: what the site told that cannot be read.
    """

    since: datetime
    site: Mapping[Key, Donation]
    known: Mapping[Key, KnownDonation]
    deals: Sequence[Deal]
    unreadable: tuple[str, ...] = ()

    @cached_property
    def sites(self) -> frozenset[str]:
        """The sites whose donations these are."""
        return frozenset(site for site, _ in [*self.site, *self.known])

    @cached_property
    def others(self) -> tuple[Deal, ...]:
        """The deals that no site of ours has made."""
        return tuple(deal for deal in self.deals if not self._is_ours(deal))

    @property
    def own_deals(self) -> int:
        """How many deals stand for the donations of the period."""
        return sum(len(entry.deals) for entry in self.entries)

    @cached_property
    def entries(self) -> tuple["Entry", ...]:
        """Every donation once, with all that is told of it. Deals of donations before the period are left out."""
        recent = {key: one for key, one in self.known.items() if key in self.site or one.created_at >= self.since}
        entries = _joined({"said": self.site, "known": recent, "deals": _by_key(filter(self._is_ours, self.deals))})
        return tuple(entry for entry in entries if not self._is_earlier(entry))

    @cached_property
    def repeated_charges(self) -> Mapping[Key, int]:
        """Paid donation -> the earlier one with the same charge of the gateway, as far as the site itself tells."""
        paid = sorted(
            (
                (one.created_at, key, one)
                for key, one in self.site.items()
                if one.status == FUNDED and one.transaction_id
            ),
            key=lambda one: one[:2],
        )
        firsts: dict[tuple[str, str, str], int] = {}
        charges = {key: firsts.setdefault((key[0], one.gateway, one.transaction_id), key[1]) for _, key, one in paid}
        return {key: first for key, first in charges.items() if first != key[1]}

    def _is_ours(self, deal: Deal) -> bool:
        return deal.key is not None and deal.site in self.sites

    def _is_earlier(self, entry: "Entry") -> bool:
        """A deal alone, of a donation made before the period."""
        alone = entry.said is None and entry.known is None
        return alone and (entry.key in self.known or all(donated_at(deal) < self.since for deal in entry.deals))


@dataclass(frozen=True)
class Entry:
    """A donation as the site, our store and the portal have it; the deals are those that carry its number."""

    key: Key
    said: Donation | None = None
    known: KnownDonation | None = None
    deals: tuple[Deal, ...] = ()

    @property
    def deal(self) -> Deal | None:
        """Of several the one that we know, else a paid one, else the oldest."""
        return self._ordered[0] if self.deals else None

    @property
    def deal_id(self) -> int | None:
        """The number of its deal, also of one that is not there any more."""
        return self.deal.id if self.deal else self.known.deal_id if self.known else None

    @property
    def spare_deals(self) -> tuple[Deal, ...]:
        """The deals beside that one."""
        return tuple(self._ordered[1:])

    @property
    def current(self) -> KnownDonation | None:
        """The donation as we have it, with what the site says now; None if we do not know it."""
        if self.known is None or self.said is None:
            return self.known
        return replace(
            self.known,
            status=self.said.status,
            created_at=self.said.created_at,
            amount=self.said.amount,
            currency=self.said.currency,
            payment_type=self.said.payment_type,
            subscription_id=self.said.subscription_id,
            campaign_id=self.said.campaign.id,
            told=self.said,
        )

    @property
    def _ordered(self) -> list[Deal]:
        own = self.known.deal_id if self.known else None
        return sorted(self.deals, key=lambda deal: (deal.id != own, not deal.won, deal.id))


def donated_at(deal: Deal) -> datetime:
    """When the donation was made, as its deal shows it; where it shows nothing, when the deal was."""
    text = deal.form.get(MOMENT, "")
    return datetime.fromisoformat(text) if text else deal.created_at


def first_donations(site: Mapping[Key, Donation]) -> set[Key]:
    """The keys of the donations by which the subscriptions among these were taken out."""
    return {(key[0], one.subscription_id) for key, one in site.items() if one.subscription_id}


def _by_key(deals: Iterable[Deal]) -> dict[Key, tuple[Deal, ...]]:
    found: dict[Key, tuple[Deal, ...]] = {}
    for deal in deals:
        if deal.key is not None:
            found[deal.key] = (*found.get(deal.key, ()), deal)
    return found


def _joined(sides: Mapping[str, Mapping[Key, Any]]) -> list[Entry]:
    """The outer join of the sides by site and number, in that order."""
    table = pd.DataFrame(columns=KEY, dtype=object)
    for name, told in sides.items():
        side = pd.DataFrame([(*key, row) for key, row in told.items()], columns=[*KEY, name], dtype=object)
        table = table.merge(side, how="outer", on=KEY)
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [Entry((row["site"], row["id"]), row["said"], row["known"], row["deals"] or ()) for row in rows]
