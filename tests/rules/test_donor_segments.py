"""Which donors a person is among."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.donation_facts import DELETED, FAILED, FUNDED, REFUNDED, SUBMITTED, TRASH
from backoffice.rules.donation_work import KnownDonation
from backoffice.rules.donor_segments import FIRST, REPEATED, Segment, Segments, failed_payment, segment_of
from backoffice.rules.portal_words import DirectionWords

MARCH = datetime(2026, 3, 10, 9, tzinfo=UTC)
DIRECTIONS = DirectionWords(default="Без направления", campaigns={6: "Образование", 7: "Помощь семьям"})


def history(*statuses: str, **facts: Any) -> list[KnownDonation]:
    """Donations 1, 2, 3… of campaign 6, a day apart; the facts are the last one's."""
    last = len(statuses)
    return [
        KnownDonation(
            ("https://fund.example.org", number),
            "f",
            status,
            MARCH,
            MARCH + timedelta(days=number),
            Decimal("700.00"),
            **({"campaign_id": 6} | (facts if number == last else {})),
        )
        for number, status in enumerate(statuses, 1)
    ]


def segment(donations: Sequence[KnownDonation]) -> Segment:
    return segment_of(donations, DIRECTIONS, MARCH)


@pytest.mark.parametrize(
    ("donations", "kind"),
    [
        ([], ""),
        (history(SUBMITTED, FAILED), ""),
        (history(FAILED, FUNDED), FIRST),
        (history(FUNDED, FAILED), FIRST),
        (history(FUNDED, FUNDED), REPEATED),
        (history(FUNDED, repeated=True), REPEATED),
        (history(FUNDED, FUNDED, duplicate_of=1), FIRST),
        (history(FUNDED, FUNDED, placeholder=True), FIRST),
        (history(FUNDED, REFUNDED), FIRST),
        (history(REFUNDED, TRASH, DELETED), ""),
    ],
)
def test_a_donor_is_whoever_paid(donations: list[KnownDonation], kind: str) -> None:
    """Once or again; a charge told twice is one, and what was given back is none."""
    assert segment(donations).donor_kind == kind


@pytest.mark.parametrize(
    ("donations", "call"),
    [
        (history(FAILED), True),
        (history(FUNDED, FAILED), True),
        (history(FAILED, FAILED), True),
        (history(FAILED, SUBMITTED), True),
        (history(FAILED, FUNDED), False),
        (history(FAILED, REFUNDED), False),
        (history(FAILED, FUNDED, duplicate_of=7), True),
        (history(FAILED, superseded_by=9), False),
        (history(SUBMITTED), False),
        ([], False),
    ],
)
def test_whose_last_payment_failed_is_called_back(donations: list[KnownDonation], call: bool) -> None:
    """Until something later is paid; opening the form once more pays nothing."""
    assert segment(donations).call_back is call


def test_the_failed_payment_itself_is_named() -> None:
    """The last one of several: about that one the donor is asked."""
    failed = failed_payment(history(FAILED, FUNDED, FAILED, FAILED), MARCH)
    assert failed is not None
    assert failed.id == 4


def test_directions_are_those_of_the_money() -> None:
    """Each once, by the alphabet; what failed is for nothing yet."""
    mixed = [*history(FUNDED, FUNDED, campaign_id=7), *history(FUNDED, campaign_id=None), *history(FAILED)]
    assert segment(mixed).directions == ("Без направления", "Образование", "Помощь семьям")
    assert segment(history(FAILED)).directions == ()


def test_a_donor_is_counted_in_every_direction_but_once_among_all() -> None:
    """First-time and repeated donors apart; who has paid nothing is neither."""
    donors = {1: Segment(FIRST, False, ("А",)), 2: Segment(REPEATED, True, ("А", "Б")), 3: Segment("", True)}
    segments = Segments(donors)
    assert segments.directions == [("А", 1, 1), ("Б", 0, 1)]
    assert (segments.count(FIRST), segments.count(REPEATED)) == (1, 1)


@given(st.lists(st.sampled_from([SUBMITTED, FAILED, FUNDED, REFUNDED, TRASH])), st.randoms())
def test_the_order_of_reading_does_not_matter(statuses: list[str], chance: random.Random) -> None:
    donations = history(*statuses)
    shuffled = chance.sample(donations, len(donations))
    assert segment(shuffled) == segment(donations)


def test_nobody_is_called_about_history() -> None:
    """A payment that failed before the process was let in."""
    failed = history(FAILED)
    assert segment(failed).call_back
    assert not segment_of(failed, DIRECTIONS, MARCH + timedelta(days=2)).call_back
