"""Deals that something else than we made of the same payment: a form of the CRM, an older integration, a person.

They carry no key of ours. One is the donation's if donor, sum and currency are equal, its campaign does not say
otherwise, and it was made within a window around the donation.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from backoffice.rules.donation_facts import FUNDED, REFUNDED
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal, Form, KnownDonation

CAMPAIGN_WORDS = ("campaign", "direction")


@dataclass(frozen=True)
class Payment:
    """A donation as its deals are looked for: `form` is what its deal must show, `contacts` who the donor may be."""

    donation: KnownDonation
    form: Form
    contacts: frozenset[int]


@dataclass(frozen=True)
class Twin:
    """Another deal of a payment whose own deal, that of the donation `kept`, is paid."""

    kept: Key
    deal: Deal


def adoptions(payments: Iterable[Payment], others: Sequence[Deal], window: timedelta) -> dict[Key, Deal]:
    """Donation without a deal -> the deal that is already there for it, each at most once; the nearest in time.

    A paid deal goes to a paid donation only, and before the unpaid ones.
    """
    pairs = [
        (not deal.won, distance, payment.donation.key, deal)
        for payment in payments
        for deal, distance in _of_payment(payment, others, window)
        if payment.donation.status in (FUNDED, REFUNDED) or not deal.won
    ]
    taken: dict[Key, Deal] = {}
    for _, _, key, deal in sorted(pairs, key=lambda pair: (*pair[:3], pair[3].id)):
        if key not in taken and deal.id not in {one.id for one in taken.values()}:
            taken[key] = deal
    return taken


def twins(payments: Iterable[Payment], others: Sequence[Deal], window: timedelta) -> list[Twin]:
    """The unpaid deals of paid donations, each with the nearest of the donations that it may be of."""
    return beside(payments, [deal for deal in others if not deal.won], window)


def beside(payments: Iterable[Payment], others: Sequence[Deal], window: timedelta) -> list[Twin]:
    """The deals, paid or not, that may be of these donations, each with the nearest of them."""
    nearest: dict[int, tuple[timedelta, Twin]] = {}
    for payment in payments:
        for deal, distance in _of_payment(payment, others, window):
            if deal.id not in nearest or distance < nearest[deal.id][0]:
                nearest[deal.id] = distance, Twin(payment.donation.key, deal)
    return [nearest[deal_id][1] for deal_id in sorted(nearest)]


def _of_payment(payment: Payment, deals: Iterable[Deal], window: timedelta) -> Iterator[tuple[Deal, timedelta]]:
    for deal in deals:
        distance = abs(deal.created_at - payment.donation.created_at)
        if distance <= window and _is_of(payment, deal, payment.contacts):
            yield deal, distance


def _is_of(payment: Payment, deal: Deal, contacts: Collection[int]) -> bool:
    donation = payment.donation
    same_sum = (deal.amount, deal.currency) == (donation.amount, donation.currency)
    return same_sum and deal.contact_id in contacts and _same_campaign(payment.form, deal.form)


def _same_campaign(wanted: Form, shown: Form) -> bool:
    """What the deal does not tell does not contradict."""
    return all(shown.get(word, "") in ("", wanted.get(word, "")) for word in CAMPAIGN_WORDS)
