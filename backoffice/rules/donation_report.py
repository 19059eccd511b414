"""The reconciliation: what a fund's site and its portal say of the same money, and every difference by name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pandas as pd

from backoffice.rules.donation_accounts import Accounts, Entry
from backoffice.rules.donation_checks import differences
from backoffice.rules.donation_deal_checks import Look, twin
from backoffice.rules.donation_differences import Difference, Kind
from backoffice.rules.donation_facts import FUNDED
from backoffice.rules.donation_forms import form_of
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_sums import Gap, by_hand, gaps, payments, sums, total
from backoffice.rules.donation_twins import Payment, beside
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal
from backoffice.rules.portal_words import DirectionWords

ORDER = list(Kind)


@dataclass(frozen=True, eq=False)
class Reconciliation:
    """What comes of comparing the sides.

    `sums`: see donation_sums. `gaps`: the donations that make the lines of `sums` differ. `by_hand`: currency -> money
    in the funnel that did not come by the site.
    """

    accounts: Accounts
    differences: tuple[Difference, ...]
    sums: pd.DataFrame
    gaps: tuple[Gap, ...]
    by_hand: dict[str, Decimal]

    @property
    def counts(self) -> Counter[Kind]:
        """How many differences of each kind, in the order of the kinds."""
        found = Counter(one.kind for one in self.differences)
        return Counter({kind: found[kind] for kind in ORDER if found[kind]})

    @property
    def agrees(self) -> bool:
        """Every line is equal to the kopeck, not only their sum."""
        return not self.gaps

    def agrees_in(self, currency: str) -> bool:
        """The same of the lines in a currency."""
        return all(gap.place[2] != currency for gap in self.gaps)

    @property
    def totals(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Currency -> what the site received, and what the portal shows."""
        return {
            str(currency): (total(lines["site"]), total(lines["portal"]))
            for currency, lines in self.sums.groupby("currency")
        }

    def of_kind(self, kind: Kind) -> list[Difference]:
        """The differences of a kind."""
        return [one for one in self.differences if one.kind is kind]

    def reasons(self, gap: Gap) -> list[Kind]:
        """Why a donation is counted differently."""
        return sorted({one.kind for one in self.differences if one.key == gap.key}, key=ORDER.index)


def compare(accounts: Accounts, directions: DirectionWords, now: datetime, policy: DonationPolicy) -> Reconciliation:
    """Everything in which the sides differ; `now` in the portal's zone, in which the months are counted."""
    look, zone = Look(accounts, directions, now, policy), now.tzinfo
    found = [one for entry in accounts.entries for one in differences(entry, look)]
    found += _foreign_twins(look)
    counted = payments(accounts, directions, zone)
    return Reconciliation(
        accounts,
        tuple(sorted(found, key=lambda one: ORDER.index(one.kind))),
        sums(counted),
        tuple(gaps(counted)),
        by_hand(accounts),
    )


def to_fix(reconciliation: Reconciliation) -> list[Key]:
    """The donations to work anew: the process puts right by itself what is wrong with them."""
    return list(dict.fromkeys(one.key for one in reconciliation.differences if one.safe_to_fix and one.key))


def _foreign_twins(look: Look) -> Iterator[Difference]:
    """The deals without a number of ours beside the paid deals of donations, whether they are paid as well or not."""
    foreign: dict[int, list[Deal]] = {}
    for deal in look.accounts.others:
        if deal.contact_id is not None:
            foreign.setdefault(deal.contact_id, []).append(deal)
    paid: dict[int, list[Entry]] = {}
    for entry in look.accounts.entries:
        for contact_id in _contacts(entry) & foreign.keys():
            paid.setdefault(contact_id, []).append(entry)
    for contact_id, entries in paid.items():
        yield from _twins_of(entries, foreign[contact_id], look)


def _twins_of(entries: list[Entry], deals: list[Deal], look: Look) -> Iterator[Difference]:
    by_key = {entry.key: entry for entry in entries}
    made = [
        Payment(current, form_of(current, look.directions), _contacts(entry))
        for entry in entries
        if (current := entry.current)
    ]
    for found in beside(made, deals, look.policy.twin_window):
        yield twin(by_key[found.kept], found.deal, look.policy.remove_twins and not found.deal.won)


def _contacts(entry: Entry) -> frozenset[int]:
    """Who the donor of a paid donation with a deal may be; nobody for the others."""
    current = entry.current
    if entry.deal is None or current is None or current.status != FUNDED or current.duplicate_of:
        return frozenset()
    return frozenset(filter(None, (current.contact_id, entry.deal.contact_id)))
