"""Which letters donors are to get."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.donation_facts import Donation, Donor
from backoffice.rules.donation_letters import DueLetter, due_letters, page_to_donate, salutation
from backoffice.rules.donation_policy import EVERY_LETTER, DonationPolicy
from backoffice.rules.donation_work import KnownDonation

SITE = "https://fund.example.org"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PAID = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUM = Decimal("700.00")
OLGA = Donor("Ольга", "olga@example.org")


def known(id: int = 47, status: str = "funded", donor: Donor = OLGA, **rest: Any) -> KnownDonation:
    told = Donation(id, status, PAID, SUM, SUM, donor=donor, error_id=rest.pop("error_id", ""))
    return replace(KnownDonation((SITE, id), "f", status, PAID, PAID, SUM, told=told), **rest)


def due(*donations: KnownDonation, now: datetime = PAID + HOUR, since: datetime = LONG_AGO, **policy: Any) -> list[str]:
    return [one.kind for one in due_letters(donations, DonationPolicy(**policy), since, now)]


@pytest.mark.parametrize(
    ("donation", "kind"),
    [
        (known(), "thanks_first"),
        (known(repeated=True), "thanks_repeated"),
        (known(payment_type="rebill", subscription_id=47), "thanks_first"),
        (known(payment_type="rebill", subscription_id=47, repeated=True), "thanks_repeated"),
        (known(payment_type="rebill", subscription_id=12, repeated=True), "thanks_charge"),
        (known(payment_type="rebill"), "thanks_first"),
        (known(payment_type="correction"), "thanks_first"),
        (known(status="failed"), "failed"),
        (known(status="refunded"), "refunded"),
    ],
)
def test_a_donation_is_answered_by_what_became_of_it(donation: KnownDonation, kind: str) -> None:
    """Only a later charge of a known subscription is one; with its first donation a subscription is just begun."""
    assert due(donation) == [kind]
    assert due(donation, letters=[kind]) == [kind]
    assert due(donation, letters=[one for one in EVERY_LETTER if one != kind]) == []


@pytest.mark.parametrize(
    "donation",
    [
        known(duplicate_of=46),
        known(status="submitted"),
        known(status="trash"),
        known(status="deleted"),
        known(status="draft"),
        known(donor=Donor("Ольга", phone="+79990000001")),
        known(told=None),
        known(amount=Decimal(0)),
        known(amount=Decimal("-700.00")),
        known(status="failed", superseded_by=48),
        known(status="failed", payment_type="rebill", error_id="CP-7052"),
    ],
)
def test_some_donations_are_answered_by_nothing(donation: KnownDonation) -> None:
    """No money, no address, money told twice, or a failure of what was paid after all."""
    assert due(donation) == []


def test_a_failure_is_held_for_its_donor_may_pay_in_a_moment() -> None:
    """From the moment of the failure on, not of the donation; thanks and refunds wait for nothing."""
    failed = known(status="failed", status_at=PAID + HOUR)
    held: dict[str, Any] = {"failure_hold_minutes": 90}
    assert due(failed, now=PAID + 2.5 * HOUR - timedelta(seconds=1), **held) == []
    assert due(failed, now=PAID + 2.5 * HOUR, **held) == ["failed"]
    assert due(known(), known(48, "refunded"), now=PAID, **held) == ["thanks_first", "refunded"]


def test_history_is_silent() -> None:
    """What came to its status before `start_from`, or more than two weeks ago; an old donation refunded now is news."""
    assert due(known(), since=PAID) == ["thanks_first"]
    assert due(known(), since=PAID + timedelta(seconds=1)) == []
    assert due(known(), now=PAID + 14 * DAY) == ["thanks_first"]
    assert due(known(), now=PAID + 14 * DAY + timedelta(seconds=1)) == []
    assert due(known(status="refunded", created_at=LONG_AGO), since=PAID) == ["refunded"]


def test_a_donation_is_thanked_for_once_in_whatever_words() -> None:
    """Whether it is a repeated one may turn out later; a failure and a refund are other letters."""
    letters = [
        DueLetter("thanks_first", known()),
        DueLetter("thanks_repeated", known()),
        DueLetter("thanks_charge", known()),
        DueLetter("failed", known(status="failed")),
        DueLetter("refunded", known(status="refunded")),
    ]
    named = {one.key for one in letters}
    assert named == {f"thanks {SITE} 47", f"failed {SITE} 47", f"refunded {SITE} 47"}


def test_managers_read_what_a_letter_is_about() -> None:
    """By the number of the donation, without a name."""
    [letter] = due_letters([known()], DonationPolicy(), LONG_AGO, PAID)
    assert letter.about == "благодарность за пожертвование № 47"
    assert letter.expires_at == PAID + 14 * DAY


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Кузнецова Ольга", "Кузнецова Ольга"),
        ("  Ольга\n Кузнецова\t", "Ольга Кузнецова"),
        ("О'Нил Джон", "О'Нил Джон"),
        ("И.И.Иванов", "И.И.Иванов"),
        ("Анна-Мария (Аня)", "Анна-Мария (Аня)"),
        ("ООО «Ромашка»", "ООО «Ромашка»"),
        ("Андреи\u0306", "Андрей"),
        ("Anonymous", ""),
        ("Аноним", ""),
        ("", ""),
        ("— —", ""),
        ("Вам перевод: example.com", ""),
        ("Приз на выигрыш.рф", ""),
        ("https://example.com", ""),
        ("olga@example.org", ""),
        ("Ольга 79990000001", ""),
        ("Поздравляем", "Поздравляем"),
        ("А" * 61, ""),
        ("Ольга\u202egro", ""),
    ],
)
def test_donors_are_greeted_as_they_wrote_their_names(name: str, greeted: str) -> None:
    """What may be somebody's advertising sent through us is no name."""
    assert salutation(name) == greeted


@given(st.text())
def test_whatever_the_name_it_is_one_short_line(name: str) -> None:
    """And reading it twice changes nothing."""
    greeted = salutation(name)
    assert len(greeted) <= 60
    assert greeted.splitlines() in ([], [greeted])
    assert salutation(greeted) == greeted


def test_trying_again_leads_to_the_campaign() -> None:
    """Or to the site, where the donation was for no campaign."""
    assert page_to_donate(known(campaign_id=6)) == "https://fund.example.org/?p=6"
    assert page_to_donate(known()) == "https://fund.example.org/"
