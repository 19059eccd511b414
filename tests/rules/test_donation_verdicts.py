"""What a donation is beside others, whatever others there are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.donation_verdicts import SUPERSEDED_WITHIN, Standing, Verdict, verdicts

SITE = "https://fund.example.org"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FAILED = Standing((SITE, 1), "failed", NOON, "anna", amount=Decimal("700.00"), campaign_id=6)
PAID = replace(FAILED, key=(SITE, 2), status="funded", created_at=NOON + MINUTE)
STANDINGS = st.lists(
    st.builds(
        Standing,
        st.tuples(st.sampled_from(["a", "b"]), st.integers(1, 9)),
        st.sampled_from(["submitted", "failed", "funded", "refunded", "trash"]),
        st.integers(0, 60).map(lambda hours: NOON + timedelta(hours=hours)),
        donor_key=st.sampled_from(["", "anna", "vera"]),
        transaction_id=st.sampled_from(["", "900"]),
        amount=st.sampled_from([Decimal(500), Decimal("500.00"), Decimal(700)]),
        campaign_id=st.sampled_from([None, 6]),
    ),
    unique_by=lambda one: one.key,
    max_size=10,
)


def superseded_by(*standings: Standing) -> int | None:
    """What is made of the first of them."""
    return verdicts(standings)[standings[0].key].superseded_by


@pytest.mark.parametrize("status", ["submitted", "failed"])
def test_an_attempt_is_superseded_by_the_payment_after_it(status: str) -> None:
    """The donor paid the same sum for the same a minute later; the payment itself is superseded by nothing."""
    found = verdicts([replace(FAILED, status=status), PAID])
    assert found == {FAILED.key: Verdict(superseded_by=2), PAID.key: Verdict()}


@pytest.mark.parametrize("status", ["funded", "refunded", "trash", "deleted", "draft"])
def test_only_an_attempt_is_superseded(status: str) -> None:
    """Money that came, or came and went, is a fact of its own."""
    assert superseded_by(replace(FAILED, status=status), PAID) is None


@pytest.mark.parametrize(
    "other",
    [
        {"key": ("https://another.example.org", 2)},
        {"donor_key": "vera"},
        {"amount": Decimal("700.01")},
        {"currency": "USD"},
        {"campaign_id": 7},
        {"campaign_id": None},
        {"status": "submitted"},
        {"status": "refunded"},
        {"created_at": NOON - MINUTE},
        {"created_at": NOON + SUPERSEDED_WITHIN + timedelta(seconds=1)},
    ],
)
def test_another_payment_supersedes_nothing(other: dict[str, Any]) -> None:
    """Of somebody else, of another sum, for something else, before the attempt or long after it."""
    assert superseded_by(FAILED, replace(PAID, **other)) is None


@pytest.mark.parametrize("created_at", [NOON, NOON + SUPERSEDED_WITHIN])
def test_the_ends_of_the_day_belong_to_it(created_at: datetime) -> None:
    """A payment in the same second, if its number is the later one, and one exactly a day later."""
    assert superseded_by(FAILED, replace(PAID, created_at=created_at)) == 2


def test_of_one_second_the_larger_number_is_later() -> None:
    """The donor who paid and then tried once more has tried in vain."""
    assert superseded_by(replace(FAILED, key=(SITE, 9)), replace(PAID, created_at=NOON)) is None


def test_nobody_knows_whose_anonymous_attempts_are() -> None:
    """Two of the same sum may be two people."""
    assert superseded_by(replace(FAILED, donor_key=""), replace(PAID, donor_key="")) is None


def test_the_first_payment_supersedes_all_the_attempts_before_it() -> None:
    """And a charge told twice is one payment."""
    second = replace(FAILED, key=(SITE, 5), status="submitted", created_at=NOON + MINUTE / 2)
    charged = replace(PAID, transaction_id="900")
    twice = replace(charged, key=(SITE, 3), created_at=NOON + 2 * MINUTE)
    late = replace(FAILED, key=(SITE, 4), created_at=NOON + 1.5 * MINUTE)
    for some in permutations([FAILED, second, charged, twice, late]):
        found = verdicts(some)
        assert [found[SITE, id].superseded_by for id in (1, 5, 2, 3, 4)] == [2, 2, None, None, None]


@given(STANDINGS, st.randoms(use_true_random=False))
def test_verdicts_are_what_they_say(standings: list[Standing], chance: Any) -> None:
    """Whatever the order in which the donations come."""
    shuffled = list(standings)
    chance.shuffle(shuffled)
    found = verdicts(shuffled)
    ordered = sorted(standings, key=lambda one: one.place)
    originals = [one for one in ordered if one.status == "funded" and found[one.key].duplicate_of is None]
    for one in ordered:
        repeated = any(other.donor_key == one.donor_key != "" and other.place < one.place for other in originals)
        payments = [
            other.key[1]
            for other in originals
            if other.purpose == one.purpose
            and one.donor_key
            and one.status in ("submitted", "failed")
            and one.place < other.place
            and other.created_at - one.created_at <= SUPERSEDED_WITHIN
        ]
        assert found[one.key].repeated == repeated
        assert found[one.key].superseded_by == next(iter(payments), None)
