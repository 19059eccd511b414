"""What a donation is beside others: a donor's first or a repeated one, one of its own or the same charge told twice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from backoffice.rules.donation_facts import FUNDED

Key = tuple[str, int]
"""Site and donation id."""


@dataclass(frozen=True)
class Standing:
    """A donation among others. `donor_key` and `transaction_id` are empty where unknown."""

    key: Key
    status: str
    created_at: datetime
    donor_key: str = ""
    gateway: str = ""
    transaction_id: str = ""

    @property
    def place(self) -> tuple[datetime, Key]:
        """Its place in time; of two in the same second the one with the smaller id is earlier."""
        return self.created_at, self.key

    @property
    def charge(self) -> tuple[str, str, str]:
        """What makes two donations the same charge."""
        return self.key[0], self.gateway, self.transaction_id


@dataclass(frozen=True)
class Verdict:
    """`repeated`: the donor has an earlier funded donation. `duplicate_of`: the funded one with the same charge."""

    repeated: bool = False
    duplicate_of: int | None = None


def verdicts(standings: Iterable[Standing]) -> dict[Key, Verdict]:
    """Of every donation; they need all the donations of their donors and of their charges beside them."""
    ordered = sorted(standings, key=lambda one: one.place)
    originals = _originals(ordered)
    firsts: dict[str, Standing] = {}
    for one in ordered:
        if one.status == FUNDED and one.donor_key and _original(one, originals) is None:
            firsts.setdefault(one.donor_key, one)
    return {one.key: Verdict(_after(one, firsts.get(one.donor_key)), _original(one, originals)) for one in ordered}


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
