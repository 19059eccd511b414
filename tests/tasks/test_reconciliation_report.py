"""The reconciliation report of a fund in a box: the site, the store and the portal really asked."""

import csv
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from backoffice.rules.donation_accounts import Accounts
from backoffice.rules.donation_differences import Difference, Kind
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_report import Reconciliation, compare, to_fix
from backoffice.sandbox.bitrix24.config import WEBHOOK_USER
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.leyka.donations import Donation, Giver
from backoffice.sandbox.leyka.life import charge, donate, set_status, twin
from backoffice.sandbox.seeds.fund import Fund, Gift
from backoffice.sandbox.world import World
from backoffice.settings import settings
from tasks import donation_report
from tasks.donation_deals import read_directions
from tasks.donation_report import publish_reconciliation, read_accounts, write_csv
from tasks.donations import work_again
from tests.flows.donations import DAY, HOUR, deals, deliver, pass_time

OLGA = Giver("Кузнецова Ольга", "olga@example.org")
POLICY = DonationPolicy()

Published = list[str]


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    """What a run shows beside it; the file is among the test's own."""
    shown: Published = []
    monkeypatch.setattr(donation_report, "create_markdown_artifact", lambda text, **_: shown.append(text))
    monkeypatch.setattr(donation_report, "create_table_artifact", lambda rows, **_: shown.append(str(rows)))
    monkeypatch.setenv("REPORTS", str(tmp_path / "reports"))
    settings.cache_clear()
    return shown


def paid(world: World, amount: str, campaign_id: int = 6, giver: Giver = OLGA) -> Donation:
    donation = donate(world.leyka, giver, Decimal(amount), campaign_id)
    set_status(world.leyka, donation, "funded")
    return donation


def accounts(world: World) -> Accounts:
    now = world.clock.now()
    return read_accounts.fn(now - 40 * DAY, now, POLICY)


def look(world: World) -> Reconciliation:
    return compare(accounts(world), read_directions.fn(), world.clock.now(), POLICY)


def kinds(made: Reconciliation) -> list[tuple[Kind, int]]:
    return [(one.kind, one.key[1]) for one in made.differences if one.key]


def change(world: World, donation: Donation, **values: object) -> None:
    """A person edits the donation's deal."""
    world.portal.crm.update("DEAL", deals(world)[str(donation.id)], Change(values), WEBHOOK_USER)


def delete(world: World, donation: Donation) -> None:
    world.portal.crm.delete("DEAL", deals(world)[str(donation.id)].id)


@pytest.fixture
def year(world: World, reconcile: Callable[..., None], published: Published) -> list[Donation]:
    """Donations of every kind, all worked: three paid, one failed, one refunded, a subscription with a charge."""
    first = donate(world.leyka, OLGA, Decimal("300.00"), 7, recurring=True)
    set_status(world.leyka, first, "funded")
    gifts = [paid(world, "700.00"), paid(world, "150.50", 7), paid(world, "0.01", 99), first]
    failed = donate(world.leyka, Giver("Орлов Пётр", "petr@example.org"), Decimal("5000.00"), 6)
    set_status(world.leyka, failed, "failed", "CP-1")
    refunded = paid(world, "999.99", 8)
    set_status(world.leyka, refunded, "refunded")
    pass_time(world, HOUR)
    charged = charge(world.leyka, first)
    deliver(world)
    reconcile()
    return [*gifts, failed, refunded, charged]


def test_after_a_run_both_sides_agree(world: World, year: list[Donation], published: Published) -> None:
    """Every kind of donation: nothing to say, and the sums are equal to the kopeck."""
    made = look(world)
    assert made.differences == ()
    assert made.totals == {"RUB": (Decimal("1450.51"), Decimal("1450.51"))}
    assert len(made.accounts.entries) == len(year)
    publish_reconciliation.fn(made, world.clock.now())
    [text] = published
    assert "**Суммы сходятся до копейки:** 1\u00a0450,51\u00a0₽ и на сайте, и в портале." in text
    assert "Расхождений нет" in text


def test_older_donations_and_deals_are_no_concern(world: World, year: list[Donation], fund: Fund) -> None:
    """Money brought in otherwise is shown apart."""
    pass_time(world, 60 * DAY)
    cash = Gift(Decimal("5000.00"), world.clock.now())
    fund.deal(cash, "funded", fund.contact("Орлова", "Нина"))
    made = look(world)
    assert (made.differences, made.accounts.entries) == ((), ())
    assert made.by_hand == {"RUB": Decimal("5000.00")}


def test_what_people_did_is_named_and_left(world: World, year: list[Donation], published: Published) -> None:
    """A sum, a stage and a deal: nothing of it is to be fixed, and the report says what each costs.

    By numbers and links: no name and no address, not even out of a title, in the page, the table and the file.
    """
    cheaper, lost, gone = year[:3]
    change(world, cheaper, TITLE="От Кузнецовой Ольги", OPPORTUNITY=Decimal("699.99"))
    change(world, lost, STAGE_ID=deals(world)[str(year[4].id)].values["STAGE_ID"])
    delete(world, gone)
    made = look(world)
    assert set(kinds(made)) == {(Kind.EDITED, cheaper.id), (Kind.EDITED, lost.id), (Kind.DELETED, gone.id)}
    assert to_fix(made) == []
    assert {gap.key[1]: gap.difference for gap in made.gaps} == {
        cheaper.id: Decimal("-0.01"),
        lost.id: Decimal("-150.50"),
        gone.id: Decimal("-0.01"),
    }
    publish_reconciliation.fn(made, world.clock.now())
    assert "разница \u2212150,52\u00a0₽" in published[0]
    assert "стадия: Получено; в портале: стадия: Платёж не прошёл" in published[0]
    file = next(settings().reports.iterdir())
    for text in (*published, file.read_text("utf-8-sig")):
        assert f"donation={cheaper.id}" in text
        assert "Кузнецов" not in text
        assert "olga@" not in text


def test_what_is_safe_to_fix_is_fixed_by_working_it_again(
    world: World, fund: Fund, year: list[Donation], reconcile: Callable[..., None]
) -> None:
    """An unpaid twin of another program goes, what nobody worked is worked; then there is nothing left to say."""
    contact = deals(world)[str(year[0].id)].values["CONTACT_ID"]
    fund.deal(Gift(year[0].amount, year[0].created_at), "failed", contact)
    new = paid(world, "42.00")
    made = look(world)
    assert kinds(made) == [(Kind.MISSING_HERE, new.id), (Kind.TWIN, year[0].id)]
    deliver(world)
    work_again.fn(to_fix(made))
    reconcile()
    assert look(world).differences == ()


def test_a_charge_told_twice_is_named(world: World, year: list[Donation], reconcile: Callable[..., None]) -> None:
    """Counted once on both sides."""
    again = twin(world.leyka, year[0])
    deliver(world)
    reconcile()
    made = look(world)
    assert (kinds(made), made.agrees) == ([(Kind.DOUBLE_CHARGE, again.id)], True)


def test_the_file_is_for_spreadsheets(world: World, year: list[Donation], published: Published) -> None:
    """With the mark of UTF-8 and semicolons, by the portal's day; a text that looks like a formula is none."""
    change(world, year[0], OPPORTUNITY=Decimal("1.00"))
    [one] = look(world).differences
    tricky: Difference = replace(one, portal='=HYPERLINK("https://example.net")', site="пол; два")
    file = write_csv([one, tricky], world.clock.now())
    assert file.name == f"donations-{world.clock.now():%Y-%m-%d}.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(file.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert first["Что"] == "изменено людьми"
    assert first["Сделка"].endswith(f"/crm/deal/details/{one.deal_id}/")
    assert (second["По сайту"], second["В портале"][0]) == ("пол; два", "'")
    assert write_csv([], world.clock.now()).read_text("utf-8-sig").startswith("Что;Пожертвование;")
