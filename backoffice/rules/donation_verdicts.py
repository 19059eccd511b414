"""What a donation is beside others: a donor's first or a repeated one, paid by another, or the same charge twice."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from backoffice.rules.donation_facts import FAILED, FUNDED, SUBMITTED

Key = tuple[str, int]
"""Site and donation id."""
SUPERSEDED_WITHIN = timedelta(hours=24)
"""So soon after an attempt that came to nothing its donor pays, if it was another try at the same."""


@dataclass(frozen=True)
class Standing:
    """A donation among others. `donor_key` and `transaction_id` are empty where unknown."""

    key: Key
    status: str
    created_at: datetime
    donor_key: str = ""
    gateway: str = ""
    transaction_id: str = ""
    amount: Decimal = Decimal(0)
    currency: str = "RUB"
    campaign_id: int | None = None

    @property
    def place(self) -> tuple[datetime, Key]:
        """Its place in time; of two in the same second the one with the smaller id is earlier."""
        return self.created_at, self.key

    @property
    def charge(self) -> tuple[str, str, str]:
        """What makes two donations the same charge."""
        return self.key[0], self.gateway, self.transaction_id

    @property
    def purpose(self) -> tuple[str, str, Decimal, str, int | None]:
        """What makes two donations tries at the same."""
        return self.key[0], self.donor_key, self.amount, self.currency, self.campaign_id


@dataclass(frozen=True)
class Verdict:
    """`repeated`: the donor has an earlier funded donation. `duplicate_of`: the funded one with the same charge.

    `superseded_by`: of an attempt that came to nothing, the funded donation by which its donor paid after all.
    """

    repeated: bool = False
    duplicate_of: int | None = None
    superseded_by: int | None = None


def verdicts(standings: Iterable[Standing]) -> dict[Key, Verdict]:
    """Of every donation; they need all the donations of their donors and of their charges beside them."""
    ordered = sorted(standings, key=lambda one: one.place)
    originals = _originals(ordered)
    firsts: dict[str, Standing] = {}
    payments: dict[object, list[Standing]] = {}
    for one in ordered:
        if one.status == FUNDED and one.donor_key and _original(one, originals) is None:
            firsts.setdefault(one.donor_key, one)
            payments.setdefault(one.purpose, []).append(one)
    return {
        one.key: Verdict(
            repeated=_after(one, firsts.get(one.donor_key)),
            duplicate_of=_original(one, originals),
            superseded_by=_payment(one, payments.get(one.purpose, [])),
        )
        for one in ordered
    }


def _originals(ordered: Iterable[Standing]) -> Mapping[tuple[str, str, str], Standing]:
    """Charge -> the first funded donation that has it."""
    originals: dict[tuple[str, str, str], Standing] = {}
    for one in ordered:
        if one.status == FUNDED and one.transaction_id:
            originals.setdefault(one.charge, one)
    return originals


def _original(one: Standing, originals: Mapping[tuple[str, str, str], Standing]) -> int | None:
    original = originals.get(one.charge) if one.status == FUNDED else None
    return None if original is None or original.key == one.key else original.key[1]


def _after(one: Standing, first: Standing | None) -> bool:
    return first is not None and first.place < one.place


def _payment(one: Standing, payments: Sequence[Standing]) -> int | None:
    """The first of the payments, which come in their order, that was made in time after the attempt."""
    if one.status not in (SUBMITTED, FAILED):
        return None
    place = bisect_right(payments, one.place, key=lambda payment: payment.place)
    if place == len(payments) or payments[place].created_at - one.created_at > SUPERSEDED_WITHIN:
        return None
    return payments[place].key[1]
