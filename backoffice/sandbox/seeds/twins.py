"""A fund whose portal took many a payment down twice: two deals and two donors for one donation, paid long ago.

The site has delivered nothing yet, as on the day on which the plugin is installed.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.seeds.decoys import decoys
from backoffice.sandbox.seeds.donors import Donors
from backoffice.sandbox.seeds.fund import Gift

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World

# How long after the donation, or before it, its twin was made.
APART = (timedelta(), timedelta(seconds=2), timedelta(minutes=7), -timedelta(hours=3), timedelta(hours=20))
PAIRS_TO_A_DECOY = 28


@dataclass(frozen=True)
class Pair:
    """The deals and the contacts of one donation, the right ones first. `saved`: a comment that only the twin has."""

    donation_id: int
    keep: int
    remove: int
    contacts: tuple[int, ...]
    saved: str


def twins(world: "World", pairs: int = 1000) -> dict[str, Any]:
    """`pairs` of a paid deal and its unpaid twin, three of four with double contacts, and decoys beside them.

    Gives the ids of the donations, of the deals to `keep` and to `remove`, of the `doubles` (the older contact first),
    the comments of deals to be removed that are to be `saved`, and of the `decoys`: by what makes them look like twins
    the `deals` and `contacts` that must stay.
    """
    donors = Donors(world)
    planted = [_pair(donors, place) for place in range(pairs)]
    return {
        "donation_ids": [pair.donation_id for pair in planted],
        "keep": [pair.keep for pair in planted],
        "remove": [pair.remove for pair in planted],
        "doubles": [list(pair.contacts) for pair in planted if len(pair.contacts) == 2],
        "saved": {pair.remove: pair.saved for pair in planted if pair.saved},
        "decoys": decoys(donors, first=pairs, each=max(1, pairs // PAIRS_TO_A_DECOY)),
    }


def _pair(donors: Donors, place: int) -> Pair:
    """Of four places two have a deal of our own, two one of an older integration; one has a single contact."""
    gift, older = donors.gift(place), donors.contact(place)
    donation_id = donors.donation(place, gift)
    if place % 4 < 2:
        keep = donors.fund.own_deal(gift, "funded", older, donation_id)
    else:
        keep = donors.fund.deal(gift, "funded", older)
    younger = older if place % 4 == 1 else donors.contact(place, _phone(place))
    remove, saved = _twin(donors, place, gift, younger)
    return Pair(donation_id, keep, remove, tuple(dict.fromkeys((older, younger))), saved)


def _twin(donors: Donors, place: int, gift: Gift, contact_id: int) -> tuple[int, str]:
    """The unpaid deal; of every fifth somebody has written a comment."""
    beside = replace(gift, at=gift.at + APART[place % 5])
    deal = donors.fund.deal(beside, ("submitted", "failed")[place % 2], contact_id, UTM_SOURCE="newsletter")
    if place % 5:
        return deal, ""
    saved = f"Просили перезвонить, {place}"
    donors.fund.comment(deal, saved)
    return deal, saved


def _phone(place: int) -> str:
    return f"+7 999 000 {place // 100 % 100:02} {place % 100:02}"
