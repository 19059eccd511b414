"""What a donation's deal must show, and what of that is written."""

from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.donation_forms import changes, form_of, wants_deal
from backoffice.rules.donation_work import KnownDonation
from tests.rules.donations import DIRECTIONS, GIVEN, deal, known

WORDS = st.sampled_from(["stage", "amount", "title", "error"])
FORMS = st.dictionaries(WORDS, st.sampled_from(["", "a", "b"]))


def form(donation: KnownDonation) -> dict[str, str]:
    return form_of(donation, DIRECTIONS)


def test_a_deal_shows_the_donation() -> None:
    """Sums to the kopeck, moments in UTC, everything else in words for people."""
    assert form(known()) == {
        "title": "Пожертвование № 47",
        "stage": "funded",
        "amount": "700.00",
        "currency": "RUB",
        "donated_at": "2026-03-02T09:00:00+00:00",
        "direction": "Образование",
        "campaign": "Сбор на обучение",
        "kind": "разовое",
        "order": "первое",
        "status": "оплачено",
        "method": "CloudPayments",
        "error": "",
        "superseded_by": "",
    }


@pytest.mark.parametrize(
    ("status", "stage", "word"),
    [
        ("submitted", "submitted", "попытка"),
        ("failed", "failed", "не прошло"),
        ("funded", "funded", "оплачено"),
        ("refunded", "refunded", "возвращено"),
        ("trash", "cancelled", "в корзине на сайте"),
        ("deleted", "cancelled", "удалено на сайте"),
        ("draft", "cancelled", "draft"),
    ],
)
def test_the_stage_follows_the_status(status: str, stage: str, word: str) -> None:
    """What the site threw away or calls by an unknown word brings no money; a deal is not made for it."""
    donation = known(status=status)
    assert (form(donation)["stage"], form(donation)["status"]) == (stage, word)
    assert wants_deal(donation) is (status in ("submitted", "failed", "funded", "refunded"))


@pytest.mark.parametrize("status", ["trash", "deleted", "draft"])
@pytest.mark.parametrize("before", ["funded", "refunded"])
def test_a_deal_that_was_paid_stays_so_whatever_the_site_throws_away(status: str, before: str) -> None:
    """The money has come; an open deal goes to the cancelled ones."""
    assert form(known(status=status, shown={"stage": before}))["stage"] == before
    assert form(known(status=status, shown={"stage": "submitted"}))["stage"] == "cancelled"


@pytest.mark.parametrize("status", ["submitted", "failed"])
def test_an_attempt_that_was_paid_by_another_donation_names_it(status: str) -> None:
    """It waits for nothing any more; the error is still told."""
    shown = form(known(status=status, superseded_by=48))
    assert (shown["stage"], shown["superseded_by"]) == ("cancelled", "48")


def test_the_same_charge_told_twice_counts_once() -> None:
    """The second deal, if there is one, is no money."""
    shown = form(known(48, duplicate_of=47))
    assert (shown["stage"], shown["status"]) == ("cancelled", "двойное списание, см. № 47")


@pytest.mark.parametrize(
    ("donation", "kind"),
    [
        (known(), "разовое"),
        (known(payment_type="correction"), "внесено сотрудником"),
        (known(payment_type="rebill", subscription_id=47), "подписка, первое списание"),
        (known(payment_type="rebill"), "подписка, первое списание"),
        (known(payment_type="rebill", subscription_id=12), "списание по подписке № 12"),
    ],
)
def test_a_deal_says_what_kind_of_payment_it_is(donation: KnownDonation, kind: str) -> None:
    """A charge names its subscription."""
    assert form(donation)["kind"] == kind


def test_first_and_repeated_are_told_of_known_donors_only() -> None:
    """Of a donor without an address and a phone nobody knows."""
    donors = (known(), known(repeated=True), known(donor_key="", repeated=True))
    assert [form(donation)["order"] for donation in donors] == ["первое", "повторное", ""]


def test_the_error_is_shown_as_long_as_the_payment_stands_failed() -> None:
    """Leyka may keep it longer."""
    told = known().told
    assert told is not None
    failed = known(status="failed", told=replace(told, error_id="5051", payment_method="card"))
    assert (form(failed)["error"], form(failed)["method"]) == ("5051", "CloudPayments, card")
    assert form(replace(failed, status="funded"))["error"] == ""


def test_an_unknown_campaign_has_the_default_direction() -> None:
    """As has a donation without one."""
    assert [form(known(campaign_id=one))["direction"] for one in (7, 99, 0, None)] == [
        "Помощь семьям",
        *["Без направления"] * 3,
    ]


def test_what_only_the_site_can_tell_is_left_out_once_it_is_forgotten() -> None:
    """So that nothing is emptied in an old deal; the rest is in the store."""
    forgotten = form(known(told=None))
    assert set(form(known())) - set(forgotten) == {"campaign", "method", "error"}


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.integers(-12, 12), st.integers(0, 10**8))
def test_equal_donations_have_one_form(amount: Decimal, hours: int, seconds: int) -> None:
    """Whatever the zone of the moment and the spelling of the sum."""
    one = known(amount=amount, created_at=GIVEN + timedelta(seconds=seconds))
    elsewhere = one.created_at.astimezone(timezone(timedelta(hours=hours)))
    assert form(one) == form(replace(one, amount=amount.normalize(), created_at=elsewhere))


def test_a_deal_is_written_what_is_news() -> None:
    """Not what it shows already, and not over what a person has written since we did."""
    wanted = {"stage": "funded", "amount": "700.00", "error": ""}
    assert changes(wanted, {}, deal(1, form={"stage": "submitted", "amount": "700.00"})) == {"stage": "funded"}
    shown = {"stage": "submitted", "amount": "700.00", "error": ""}
    edited = deal(1, form={"stage": "failed", "amount": "650.00", "error": "5051"})
    assert changes(wanted, shown, edited) == {"stage": "funded"}


@given(FORMS, FORMS, FORMS)
def test_what_was_written_is_not_written_again(
    wanted: dict[str, str], shown: dict[str, str], live: dict[str, str]
) -> None:
    """Neither when it is remembered nor when a run died before that."""
    news = changes(wanted, shown, deal(1, form=live))
    assert changes(wanted, {**shown, **wanted}, deal(1, form=live)) == {}
    assert changes(wanted, shown, deal(1, form={**live, **news})) == {}
    assert news.items() <= wanted.items()
