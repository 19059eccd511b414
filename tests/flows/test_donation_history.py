"""Donation reconciliation at a site with years of donations: all get their deals, and nobody a letter."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from backoffice import connections
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.donations import Giver
from backoffice.sandbox.world import World
from backoffice.settings import settings
from tests.flows.donations import (
    DAY,
    FAILED,
    HOUR,
    MINUTE,
    OLEG,
    OLGA,
    REFUNDED,
    THANKS,
    Reconcile,
    deals,
    give,
    letters,
    pass_time,
    settle,
    stages,
)

DONATIONS = 600
YEARS = 3 * 365 * DAY
FATES = (*[("funded",)] * 6, ("failed",), ("failed", "funded"), ("funded", "refunded"), ())
AMOUNTS = (Decimal(500), Decimal("150.50"), Decimal(1000))


@pytest.fixture
def start_from(world: World, reconcile: Reconcile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The process is switched on at this moment of the sandbox's clock."""
    now = world.clock.now()
    before, begins, after = Path("portal.toml").read_text("utf-8").partition("[donation_reconciliation]\nstart_from = ")
    words = tmp_path / "portal.toml"
    rest = after.partition(" ")[2]
    words.write_text(f"{before}{begins}{now.astimezone(PORTAL_ZONE).isoformat()} {rest}", "utf-8")
    monkeypatch.setenv("PORTAL_TOML", str(words))
    settings.cache_clear()
    connections.words.cache_clear()
    return now


@pytest.fixture
def history(world: World, start_from: datetime) -> int:
    """Three years of donations of every fate, the last of them a moment ago; of each donor there are three."""
    for place in range(DONATIONS):
        created = start_from - MINUTE - YEARS * (DONATIONS - 1 - place) / DONATIONS
        giver = Giver(f"Донор-{place // 3} Вера", f"donor-{place // 3}@example.org")
        with world.leyka.at(created):
            donation = life.donate(world.leyka, giver, AMOUNTS[place % 3], 6 + place % 3)
        for step, fate in enumerate(FATES[place % 10], start=1):
            with world.leyka.at(created + step * timedelta(seconds=20)):
                settle(world, donation, fate)
    pass_time(world, HOUR)
    return DONATIONS


def remains(world: World) -> tuple[int, int, int]:
    """Letters, notes and comments there are."""
    return len(world.mailbox.letters), len(world.portal.notifications), len(world.portal.crm.comments)


def test_three_years_of_donations_become_deals_and_nobody_is_told(
    world: World, reconcile: Reconcile, history: int
) -> None:
    """Each once, as the site shows them; the second run and the night bring nothing to anybody either."""
    for which in ("due", "due", "nightly"):
        reconcile(which)
    shown = {str(one.id): one.status for one in world.leyka.donations.values()}
    assert (len(shown), stages(world)) == (history, shown)
    assert len(list(world.portal.crm.tables["DEAL"])) == history
    assert len(list(world.portal.crm.tables["CONTACT"])) == history // 3
    assert remains(world) == (0, 0, 0)


def test_a_donor_of_years_who_gives_today_is_thanked_for_giving_again(
    world: World, reconcile: Reconcile, history: int
) -> None:
    """And nobody else gets a letter; the deal says so, too."""
    reconcile("due")
    today = give(world, "funded", giver=Giver("Донор-0 Вера", "donor-0@example.org"))
    reconcile("due")
    assert letters(world) == [("donor-0@example.org", "Спасибо, что снова помогаете")]
    assert deals(world)[str(today.id)].values["UF_CRM_BO_GIFT_ORDER"] == "повторное"
    assert len(deals(world)) == history + 1


def test_what_happens_after_the_start_is_written_about_whenever_the_donation_was_begun(
    world: World, reconcile: Reconcile, start_from: datetime
) -> None:
    """Paid, failed or refunded a minute before the start is history; a minute after it is news."""
    begun = start_from - 5 * MINUTE
    before = [give(world, giver=OLEG, amount=str(sum_), created_at=begun) for sum_ in (100, 200, 300)]
    after = [give(world, giver=OLGA, amount=str(sum_), created_at=begun) for sum_ in (100, 200, 300)]
    with world.leyka.at(begun + MINUTE):
        for donation in (before[2], after[2]):
            settle(world, donation, "funded")
    for moment, donations in ((start_from - MINUTE, before), (start_from + MINUTE, after)):
        with world.leyka.at(moment):
            for donation, fate in zip(donations, ("funded", "failed", "refunded"), strict=True):
                settle(world, donation, fate)
    pass_time(world, 2 * HOUR)
    reconcile("due")
    assert letters(world) == sorted((OLGA.email, subject) for subject in (THANKS, FAILED, REFUNDED))
    assert Counter(stages(world).values()) == {"funded": 2, "failed": 2, "refunded": 2}
