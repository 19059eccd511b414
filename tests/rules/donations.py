"""Donations, deals and donors' cards as rules see them, with what a test does not care about filled in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from backoffice.rules.donation_facts import Campaign, Donation, Donor
from backoffice.rules.donation_work import Deal, DonorCard, KnownDonation
from backoffice.rules.portal_words import DirectionWords

SITE = "https://fund.example.org"
GIVEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SUM = Decimal("700.00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OLGA = Donor("Кузнецова Ольга", "olga@example.org", "+79990000401")
DIRECTIONS = DirectionWords(default="Без направления", campaigns={6: "Образование", 7: "Помощь семьям"})


def known(id: int = 47, status: str = "funded", donor: Donor = OLGA, **rest: Any) -> KnownDonation:
    """A donation that the site has told of; `told=None` once that is forgotten."""
    at = rest.get("created_at", GIVEN)
    told = Donation(id, status, at, SUM, SUM, campaign=Campaign(6, "Сбор на обучение"), donor=donor, gateway="cp")
    plain = KnownDonation((SITE, id), f"{id} {status}", status, at, at, SUM, campaign_id=6, donor_key=donor.key)
    return replace(plain, **{"told": told, **rest})


def deal(id: int, stage: str = "submitted", contact_id: int | None = 1, **rest: Any) -> Deal:
    """A deal of the funnel that something else has made."""
    plain = Deal(id, stage, stage == "funded", SUM, "RUB", GIVEN, contact_id, form={"stage": stage, "amount": "700.00"})
    return replace(plain, **rest)


def card(id: int = 1, name: str = "Кузнецова Ольга", email: str = OLGA.email, phone: str = "") -> DonorCard:
    return DonorCard(id, name, frozenset({email} - {""}), frozenset({phone} - {""}))
