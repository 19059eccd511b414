"""Deals that something else has made of a donation: taken over, or removed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.donation_forms import form_of
from backoffice.rules.donation_twins import Payment, adoptions, twins
from backoffice.rules.donation_work import Deal, KnownDonation
from tests.rules.donations import DAY, DIRECTIONS, GIVEN, HOUR, MINUTE, SITE, deal, known

OLGAS = frozenset({1})
OFFSETS = st.integers(-30 * 60, 30 * 60).map(lambda minutes: timedelta(minutes=minutes))
STATUSES = st.sampled_from(["submitted", "failed", "funded", "refunded"])


def payment(donation: KnownDonation, contacts: frozenset[int] = OLGAS) -> Payment:
    return Payment(donation, form_of(donation, DIRECTIONS), contacts)


def adopted(donations: list[KnownDonation], *others: Deal) -> dict[int, int]:
    """Donation -> the deal that it takes over."""
    found = adoptions([payment(one) for one in donations], others, DAY)
    return {key[1]: taken.id for key, taken in found.items()}


def removed(donations: list[KnownDonation], *others: Deal) -> list[tuple[int, int]]:
    """The deals that go, each with the donation that it is of."""
    return [(twin.deal.id, twin.kept[1]) for twin in twins([payment(one) for one in donations], others, DAY)]


DECOYS: dict[str, dict[str, Any]] = {
    "another sum": {"amount": Decimal("700.01")},
    "another currency": {"currency": "EUR"},
    "another donor": {"contact_id": 2},
    "nobody": {"contact_id": None},
    "another campaign": {"form": {"campaign": "Помощь семьям"}},
    "another direction": {"form": {"direction": "Помощь семьям"}},
    "too late": {"created_at": GIVEN + DAY + timedelta(seconds=1)},
    "too early": {"created_at": GIVEN - DAY - timedelta(seconds=1)},
}


@pytest.mark.parametrize("difference", DECOYS.values(), ids=DECOYS)
def test_what_differs_is_another_payment(difference: dict[str, Any]) -> None:
    """It is neither taken over nor removed."""
    decoy = deal(9, **difference)
    assert (adopted([known()], decoy), removed([known()], decoy)) == ({}, [])


@pytest.mark.parametrize("distance", [timedelta(0), DAY, -DAY])
@pytest.mark.parametrize("form", [{}, {"campaign": "Сбор на обучение"}, {"direction": "Образование", "campaign": ""}])
def test_a_deal_of_the_same_payment_is_found(distance: timedelta, form: dict[str, str]) -> None:
    """Up to the end of the window; what it does not tell does not contradict."""
    other = deal(9, created_at=GIVEN + distance, form=form)
    assert (adopted([known()], other), removed([known()], other)) == ({47: 9}, [(9, 47)])


def test_a_paid_deal_goes_to_a_paid_donation() -> None:
    """Never to an attempt, and before an unpaid one that is nearer; it is nobody's twin."""
    paid, unpaid = deal(8, "funded", created_at=GIVEN + HOUR), deal(9)
    attempt = known(46, "submitted")
    assert adopted([attempt], paid) == {}
    assert adopted([attempt, known()], paid, unpaid) == {47: 8, 46: 9}
    assert adopted([known(status="refunded")], paid) == {47: 8}
    assert removed([known()], paid) == []


def test_two_payments_a_minute_apart_take_a_deal_each() -> None:
    """The nearer one; with a single deal there the other donation gets its own."""
    donations = [known(47), known(48, created_at=GIVEN + MINUTE)]
    first, second = deal(8, "funded"), deal(9, "funded", created_at=GIVEN + MINUTE)
    assert adopted(donations, second, first) == {47: 8, 48: 9}
    assert adopted(donations, second) == {48: 9}


def test_a_twin_is_of_the_nearest_payment() -> None:
    """Its data goes into that deal."""
    donations = [known(47), known(48, created_at=GIVEN + HOUR)]
    assert removed(donations, deal(9, created_at=GIVEN + 50 * MINUTE)) == [(9, 48)]


@given(
    st.lists(st.tuples(STATUSES, OFFSETS), max_size=4),
    st.lists(st.tuples(st.sampled_from(["submitted", "failed", "funded"]), OFFSETS), max_size=5),
)
def test_nobody_takes_what_another_has(
    donations: list[tuple[str, timedelta]], others: list[tuple[str, timedelta]]
) -> None:
    """Each donation takes one deal at most and each deal is of one donation; order does not matter."""
    given = [known(id, status, created_at=GIVEN + at) for id, (status, at) in enumerate(donations, start=40)]
    deals = [deal(id, stage, created_at=GIVEN + at) for id, (stage, at) in enumerate(others, start=1)]
    taken = adopted(given, *deals)
    assert len(set(taken.values())) == len(taken)
    assert adopted(given[::-1], *deals[::-1]) == taken
    gone = [deal_id for deal_id, _ in removed(given, *deals)]
    assert len(set(gone)) == len(gone)
    assert not {one.id for one in deals if one.won} & set(gone)


def test_a_shared_card_is_enough() -> None:
    """The donor may have several contacts."""
    other = deal(9, contact_id=5)
    assert adoptions([payment(known(), frozenset({1, 5}))], [other], DAY) == {(SITE, 47): other}
    assert adoptions([payment(replace(known(), told=None), frozenset())], [other], DAY) == {}
