"""Donation reconciliation: what the site tells, and the deal that shows it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from backoffice.rules.donation_policy import DonationPolicy
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.donations import Donation, Giver
from backoffice.sandbox.leyka.state import Event
from backoffice.sandbox.world import World
from tests.flows.donations import (
    DAY,
    HOUR,
    MINUTE,
    OLEG,
    OLGA,
    THANKS,
    Reconcile,
    contacts,
    deals,
    deliver,
    give,
    letters,
    pass_time,
    settle,
    stages,
    writes,
)


def shown(world: World, donation: Donation, code: str) -> object:
    return deals(world)[str(donation.id)].values.get(f"UF_CRM_BO_{code}") or ""


@pytest.mark.parametrize("which", ["hinted", "due"])
@pytest.mark.parametrize("place", [slice(None), slice(None, None, -1)], ids=["in order", "swapped"])
def test_attempt_and_payment_that_come_almost_at_once_are_one_deal_and_one_donor(
    world: World, reconcile: Reconcile, place: slice, which: str
) -> None:
    """In either order, asked or told; one letter goes."""
    give(world, "funded")
    deliver(world, world.leyka.outbox[place])
    reconcile(which)
    assert (stages(world), len(contacts(world)), letters(world)) == ({"47": "funded"}, 1, [(OLGA.email, THANKS)])


@pytest.mark.parametrize("first", [0, 1], ids=["attempt first", "payment first"])
def test_a_run_between_the_two_changes_nothing_in_the_end(world: World, reconcile: Reconcile, first: int) -> None:
    """The later word counts, not the one that came last."""
    give(world, "funded")
    events: list[Event] = world.leyka.outbox
    for event in (events[first], events[1 - first]):
        deliver(world, [event])
        reconcile("hinted")
    assert (stages(world), len(contacts(world)), letters(world)) == ({"47": "funded"}, 1, [(OLGA.email, THANKS)])


def test_the_second_run_writes_nothing(world: World, reconcile: Reconcile) -> None:
    """Nor does the same told once more, nor the whole site read anew."""
    fates = (("failed",), ("funded",), ("funded", "refunded"), ("trash",), ())
    for number, fate in enumerate(fates):
        give(world, *fate, giver=Giver(f"Иванов Иван {number}", f"{number}@example.org"))
    deliver(world)
    pass_time(world, 2 * HOUR)
    reconcile("due")
    deliver(world, world.leyka.outbox)
    assert writes(world, partial(reconcile, "due")) == 0
    assert writes(world, partial(reconcile, "nightly")) == 0


def test_a_deal_shows_the_donation(world: World, reconcile: Reconcile) -> None:
    """The sum to the kopeck and fixed, moments in the portal's time, the deal on the day of the donation."""
    late = datetime(2026, 3, 1, 22, 30, 15, tzinfo=UTC)
    give(world, "funded", amount="150.50", created_at=late)
    reconcile("due")
    deal = deals(world)["47"].values
    assert (deal["OPPORTUNITY"], deal["IS_MANUAL_OPPORTUNITY"], deal["CURRENCY_ID"]) == (Decimal("150.50"), "Y", "RUB")
    assert deal["UF_CRM_BO_DONATED_AT"] == late
    assert deal["UF_CRM_BO_DONATED_AT"].utcoffset() == late.astimezone(PORTAL_ZONE).utcoffset()
    assert deal["BEGINDATE"] == deal["CLOSEDATE"] == late.astimezone(PORTAL_ZONE).date()
    assert {name: value for name, value in deal.items() if name.startswith("UF_CRM_BO_") and "_AT" not in name} == {
        "UF_CRM_BO_DIRECTION": "Образование",
        "UF_CRM_BO_CAMPAIGN": "Сбор на обучение",
        "UF_CRM_BO_GIFT_KIND": "разовое",
        "UF_CRM_BO_GIFT_ORDER": "первое",
        "UF_CRM_BO_GIFT_METHOD": "CloudPayments, card",
        "UF_CRM_BO_GIFT_STATUS": "оплачено",
    }
    assert (deal["TITLE"], deal["CONTACT_IDS"]) == ("Пожертвование № 47", [1])


@pytest.mark.parametrize(
    ("fates", "ends_at", "status", "error"),
    [
        ((), "submitted", "попытка", ""),
        (("failed",), "failed", "не прошло", "5051"),
        (("funded",), "funded", "оплачено", ""),
        (("funded", "refunded"), "refunded", "возвращено", ""),
        (("failed", "funded"), "funded", "оплачено", ""),
        (("funded", "failed"), "failed", "не прошло", "5051"),
    ],
)
def test_the_stage_follows_the_status(
    world: World, reconcile: Reconcile, fates: tuple[str, ...], ends_at: str, status: str, error: str
) -> None:
    """Told at once, or step by step with a run after each."""
    slowly, at_once = give(world), give(world, *fates, giver=OLEG)
    pass_time(world, HOUR)
    reconcile("due")
    for fate in fates:
        settle(world, slowly, fate)
        reconcile("due")
    for donation in (slowly, at_once):
        assert stages(world)[str(donation.id)] == ends_at
        assert (shown(world, donation, "GIFT_STATUS"), shown(world, donation, "GIFT_ERROR")) == (status, error)


def test_an_attempt_waits_before_it_becomes_a_deal(world: World, reconcile: Reconcile) -> None:
    """So that one which is paid in the meantime is seen paid at once."""
    give(world)
    deliver(world)
    reconcile("hinted")
    pass_time(world, 29 * MINUTE)
    reconcile("due")
    assert (stages(world), contacts(world)) == ({}, [])
    pass_time(world, 2 * MINUTE)
    reconcile("due")
    assert stages(world) == {"47": "submitted"}
    assert letters(world) == []


def test_the_wait_is_a_setting(world: World, reconcile: Reconcile) -> None:
    """None at all is possible."""
    give(world)
    reconcile("due", policy=DonationPolicy(submitted_wait_minutes=0))
    assert stages(world) == {"47": "submitted"}


@pytest.mark.parametrize("fate", ["trash", "deleted"])
@pytest.mark.parametrize(("before", "after"), [("funded", "funded"), ("failed", "cancelled"), ("", "cancelled")])
def test_what_the_site_throws_away_keeps_its_deal(
    world: World, reconcile: Reconcile, fate: str, before: str, after: str
) -> None:
    """A paid one stays paid; without a deal there will be none."""
    for _ in range(2):
        donation = give(world, *filter(None, [before]))
        if donation.id == 47:
            pass_time(world, HOUR)
            reconcile("due")
        life.delete(world.leyka, donation) if fate == "deleted" else settle(world, donation, fate)
    pass_time(world, HOUR)
    reconcile("due")
    reconcile("nightly")
    assert stages(world) == {"47": after}
    word = {"trash": "в корзине на сайте", "deleted": "удалено на сайте"}[fate]
    assert deals(world)["47"].values["UF_CRM_BO_GIFT_STATUS"] == word


def test_what_comes_back_from_the_bin_is_shown_again(world: World, reconcile: Reconcile) -> None:
    """As if nothing had been."""
    donation = give(world, "failed")
    reconcile("due")
    for fate in ("trash", "funded"):
        settle(world, donation, fate)
        reconcile("due")
    assert stages(world) == {"47": "funded"}


def test_an_unknown_campaign_has_the_default_direction(world: World, reconcile: Reconcile) -> None:
    """As a donation without a campaign has."""
    unknown, without = give(world, "funded", campaign_id=99), give(world, "funded", campaign_id=0)
    reconcile("due")
    assert [shown(world, one, "DIRECTION") for one in (unknown, without)] == ["Без направления"] * 2


def test_sum_and_campaign_that_staff_mend_are_mended_in_the_deal(world: World, reconcile: Reconcile) -> None:
    """The direction goes with the campaign."""
    donation = give(world, "funded")
    reconcile("due")
    life.edit(world.leyka, donation, Decimal("1700.05"), 7)
    reconcile("due")
    assert deals(world)["47"].values["OPPORTUNITY"] == Decimal("1700.05")
    assert (shown(world, donation, "DIRECTION"), shown(world, donation, "CAMPAIGN")) == ("Помощь семьям",) * 2


def test_first_or_repeated_is_told_by_what_was_paid_before(world: World, reconcile: Reconcile) -> None:
    """Failures do not count; an earlier donation that comes to light later makes a repeated one of the first."""
    failed, first = give(world, "failed", giver=OLEG), give(world, "funded")
    pass_time(world, DAY)
    second = give(world, "funded", giver=OLGA, amount="50")
    reconcile("due")
    assert [shown(world, one, "GIFT_ORDER") for one in (failed, first, second)] == ["первое", "первое", "повторное"]
    earlier = give(world, "funded", amount="30", created_at=first.created_at - DAY)
    reconcile("due")
    assert [shown(world, one, "GIFT_ORDER") for one in (earlier, first, second)] == ["первое", "повторное", "повторное"]


def test_a_failure_names_the_payment_that_made_it_good(world: World, reconcile: Reconcile) -> None:
    """The same donor, sum and campaign within a day; its deal waits for nothing any more, and is not deleted."""
    failed, other = give(world, "failed"), give(world, "failed", amount="701")
    reconcile("due")
    pass_time(world, HOUR)
    paid = give(world, "funded")
    reconcile("due")
    assert stages(world) == {str(failed.id): "cancelled", str(other.id): "failed", str(paid.id): "funded"}
    assert shown(world, failed, "SUPERSEDED") == str(paid.id)


def test_a_subscription_is_told_from_its_charges(world: World, reconcile: Reconcile) -> None:
    """The empty first word of a charge makes neither a deal nor a contact."""
    first = give(world, "funded", recurring=True)
    reconcile("due")
    pass_time(world, timedelta(days=30))
    charge = life.charge(world.leyka, first, announced=True)
    events = [event for event in world.leyka.outbox if event.donation_id == charge.id]
    deliver(world, events[:1])
    reconcile("hinted")
    assert (list(stages(world)), len(contacts(world))) == ([str(first.id)], 1)
    deliver(world, events[1:])
    reconcile("hinted")
    assert [shown(world, one, "GIFT_KIND") for one in (first, charge)] == [
        "подписка, первое списание",
        f"списание по подписке № {first.id}",
    ]
    assert (stages(world)[str(charge.id)], len(contacts(world))) == ("funded", 1)


@pytest.mark.parametrize("apart", [False, True], ids=["at once", "one after the other"])
def test_the_same_charge_told_twice_counts_once(world: World, reconcile: Reconcile, apart: bool) -> None:
    """The second donation gets no money; the donor is thanked once."""
    donation = give(world, "funded")
    if apart:
        reconcile("due")
    twin = life.twin(world.leyka, donation)
    reconcile("due")
    assert stages(world) == {str(donation.id): "funded", str(twin.id): "cancelled"}
    assert shown(world, twin, "GIFT_STATUS") == f"двойное списание, см. № {donation.id}"
    assert letters(world) == [(OLGA.email, THANKS)]
