"""What looks like a twin and is none: deals and contacts that whoever tidies up must leave alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from backoffice.sandbox.leyka.donations import CAMPAIGNS
from backoffice.sandbox.seeds.donors import Donors

HOUR, MINUTE, MONTH = timedelta(hours=1), timedelta(minutes=1), timedelta(days=30)
Planted = tuple[list[int], list[int]]
"""The ids of deals, and of contacts."""


def decoys(donors: Donors, *, first: int, each: int) -> dict[str, dict[str, list[int]]]:
    """`each` of every kind, of the donors from the place `first` on; gives by kind the `deals` and the `contacts`."""
    made = {}
    for number, (name, plant) in enumerate(KINDS.items()):
        planted = [plant(donors, first + number * each + place) for place in range(each)]
        made[name] = {
            "deals": [deal for deals, _ in planted for deal in deals],
            "contacts": [contact for _, contacts in planted for contact in contacts],
        }
    return made


def _another_month(donors: Donors, place: int) -> Planted:
    """The same sum a month before, not paid."""
    contact, gift = donors.contact(place), donors.gift(place)
    before = donors.fund.deal(replace(gift, at=gift.at - MONTH), "submitted", contact)
    return [before, donors.paid_deal(place, contact)], [contact]


def _minute_apart(donors: Donors, place: int) -> Planted:
    """Somebody gave twice; at every other place the deals were made by an older integration."""
    contact, gift = donors.contact(place), donors.gift(place)
    gifts = (gift, replace(gift, at=gift.at + MINUTE))
    ids = [donors.donation(place, one) for one in gifts]
    if place % 2:
        return [donors.fund.deal(one, "funded", contact) for one in gifts], [contact]
    own = (donors.fund.own_deal(one, "funded", contact, id) for one, id in zip(gifts, ids, strict=True))
    return list(own), [contact]


def _siblings(donors: Donors, place: int) -> Planted:
    """Two people of one address: he has paid, she has not."""
    his = donors.contact(place)
    hers = donors.fund.contact(donors.name(place)[0], "Мария", donors.email(place))
    return [donors.paid_deal(place, his), donors.fund.deal(donors.gift(place), "submitted", hers)], [his, hers]


def _genuine_failed(donors: Donors, place: int) -> Planted:
    """A payment that failed, and an hour later one that did not: two donations of the site."""
    contact, gift = donors.contact(place), donors.gift(place)
    before = replace(gift, at=gift.at - HOUR)
    failed = donors.fund.own_deal(before, "failed", contact, donors.donation(place, before, "failed"))
    return [failed, donors.paid_deal(place, contact)], [contact]


def _other_campaign(donors: Donors, place: int) -> Planted:
    """Not paid, and for something else."""
    contact, gift = donors.contact(place), donors.gift(place)
    campaigns = sorted(CAMPAIGNS)
    other = campaigns[(campaigns.index(gift.campaign_id) + 1) % len(campaigns)]
    deal = donors.fund.deal(replace(gift, campaign_id=other), "submitted", contact)
    return [donors.paid_deal(place, contact), deal], [contact]


def _other_funnel(donors: Donors, place: int) -> Planted:
    """The donor takes a course for the same sum."""
    contact = donors.contact(place)
    course = donors.fund.deal(donors.gift(place), "", contact, TITLE="Курс", CATEGORY_ID=0, STAGE_ID="NEW")
    return [donors.paid_deal(place, contact), course], [contact]


def _conflicting(donors: Donors, place: int) -> Planted:
    """Equal in name and address, but the portal refuses to merge them: only people know which post is the right one."""
    contacts = [donors.contact(place, POST=post) for post in ("Директор", "Бухгалтер")]
    return [donors.paid_deal(place, contacts[0])], contacts


KINDS: dict[str, Callable[[Donors, int], Planted]] = {
    "another_month": _another_month,
    "minute_apart": _minute_apart,
    "siblings": _siblings,
    "genuine_failed": _genuine_failed,
    "other_campaign": _other_campaign,
    "other_funnel": _other_funnel,
    "conflicting": _conflicting,
}
