"""The forms of donation reconciliation: what a run is asked for, and what stands in its way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backoffice import connections
from backoffice.leyka.errors import ExportUnreadable
from backoffice.mail.line import Unreachable
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_result import WorkIncomplete
from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.state import SITE
from backoffice.sandbox.world import World
from backoffice.settings import settings
from tests.flows.donations import (
    HOUR,
    IVAN,
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
    stages,
    writes,
)

TITLES = (
    "ID",
    "Имя донора",
    "Email",
    "Тип платежа",
    "Полная сумма",
    "Валюта",
    "Дата пожертвования",
    "Статус",
    "Кампания",
)
KNOWN = ("47", "Кузнецова Ольга", "olga@example.org", "Разовое", "700", "₽", "02.03.2026, 12:00", "Оплачено")
UNKNOWN = ("90", "Орлов Олег", "oleg@example.org", "Разовое", "1500,5", "₽", "01.03.2026, 12:00", "Оплачено")


@pytest.fixture
def use(reconcile: Reconcile, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """use(NAME=value): settings of the installation."""

    def use(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        for one in (settings, connections.words):
            one.cache_clear()

    return use


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., str]:
    """export(row, …): the path of what Leyka's admin downloads."""

    def export(*rows: tuple[str, ...]) -> str:
        lines = ("\t".join(f'"{cell}"' for cell in cells) + "\n" for cells in (TITLES, *rows))
        (tmp_path / "export.csv").write_bytes(b"\xff\xfe" + "".join(lines).encode("utf-16-le"))
        return str(tmp_path / "export.csv")

    return export


def test_a_dry_run_writes_nothing_and_sends_nothing(world: World, reconcile: Reconcile) -> None:
    """A real run after it does what it would have done without it."""
    give(world, "funded")
    give(world, "failed", giver=OLEG)
    pass_time(world, HOUR)
    deliver(world)
    before = world.portal.dump()
    for which in ("hinted", "due", "nightly"):
        reconcile(which, dry_run=True, fix=True)
    assert (letters(world), world.portal.dump()) == ([], before)
    reconcile("due")
    assert (stages(world), len(letters(world))) == ({"47": "funded", "48": "failed"}, 2)


def test_a_dry_run_meets_wrong_mail_settings(reconcile: Reconcile, use: Callable[..., None]) -> None:
    """Not the first real run; unless no letter is wanted."""
    use(SMTP_PORT="1")
    with pytest.raises(Unreachable, match="SMTP_PORT"):
        reconcile("due", dry_run=True)
    reconcile("due", dry_run=True, policy=DonationPolicy(letters=()))


def test_one_donation_is_brought_by_its_number(world: World, reconcile: Reconcile) -> None:
    """At once, though it was not told of, or has not waited; the others are left to the sweeps."""
    for giver in (OLGA, OLEG, IVAN):
        give(world, giver=giver)
    reconcile("one", 48)
    assert stages(world) == {"48": "submitted"}
    pass_time(world, HOUR)
    reconcile("due")
    assert stages(world) == dict.fromkeys(("47", "48", "49"), "submitted")


def test_one_donation_is_shown_by_a_dry_run(world: World, reconcile: Reconcile) -> None:
    """And not brought."""
    give(world, "funded")
    reconcile("one", 47, dry_run=True)
    assert (deals(world), letters(world)) == ({}, [])


def test_a_number_that_the_site_has_not_is_named(world: World, reconcile: Reconcile) -> None:
    """Also when there are later ones, or when the donation has been deleted."""
    gone = give(world, "funded")
    give(world, "funded")
    life.delete(world.leyka, gone)
    for number in (gone.id, 999):
        with pytest.raises(LookupError, match=f"на сайте нет пожертвования № {number}"):
            reconcile("one", number)
    assert "47" not in deals(world)


def test_what_cannot_be_meant_is_refused(world: World, reconcile: Reconcile) -> None:
    """A number wants «one» and the other way round, and so do file and «from_csv»."""
    for wrong in ({"which": "one"}, {"donation_id": 47}, {"which": "one", "donation_id": 0}):
        with pytest.raises(ValueError, match="donation_id"):
            reconcile(**wrong)
    for wrong in ({"which": "from_csv"}, {"export_file": "export.csv"}):
        with pytest.raises(ValueError, match="export_file"):
            reconcile(**wrong)
    assert world.log.counters()["portal_requests"] == 0


def test_an_export_brings_what_nobody_has_told(world: World, reconcile: Reconcile, export: Callable[..., str]) -> None:
    """The donation that is missing, and the status of a known one; what is known better stays."""
    give(world, "failed")
    reconcile("due")
    reconcile("from_csv", export_file=export(KNOWN, UNKNOWN))
    assert stages(world) == {"47": "funded", "90": "funded"}
    known, missing = deals(world)["47"].values, deals(world)["90"].values
    assert (known["UF_CRM_BO_DIRECTION"], known["UF_CRM_BO_GIFT_METHOD"]) == ("Образование", "CloudPayments, card")
    assert (str(missing["OPPORTUNITY"]), missing["UF_CRM_BO_DIRECTION"]) == ("1500.50", "Без направления")
    assert sorted(address for address, _ in letters(world)) == ["oleg@example.org", "olga@example.org"]
    assert writes(world, lambda: reconcile("from_csv", export_file=export(KNOWN, UNKNOWN))) == 0


def test_an_export_needs_no_site(
    world: World, reconcile: Reconcile, use: Callable[..., None], export: Callable[..., str]
) -> None:
    """When the site answers again, it is one deal, one donor and one thanks all the same."""
    give(world, "funded")
    url = settings().leyka_site_url
    use(LEYKA_SITE_URL=SITE)
    reconcile("from_csv", export_file=export(KNOWN))
    use(LEYKA_SITE_URL=str(url))
    reconcile("due")
    assert (stages(world), len(contacts(world)), letters(world)) == ({"47": "funded"}, 1, [(OLGA.email, THANKS)])
    assert deals(world)["47"].values["UF_CRM_BO_DIRECTION"] == "Образование"


def test_bad_rows_of_an_export_are_named(world: World, reconcile: Reconcile, export: Callable[..., str]) -> None:
    """The others are taken in."""
    give(world, "funded")
    reconcile("due")
    broken = ("91", *UNKNOWN[1:4], "много", *UNKNOWN[5:])
    with pytest.raises(WorkIncomplete, match=r"не сделано: 1\n.*Полная сумма") as failure:
        reconcile("from_csv", export_file=export(broken, UNKNOWN))
    assert "oleg" not in str(failure.value)
    assert list(deals(world)) == ["47", "90"]


def test_another_file_is_no_export(reconcile: Reconcile, tmp_path: Path) -> None:
    """Nor is one that is not there."""
    (tmp_path / "donors.csv").write_text("Имя;Сумма\nОльга;700\n", encoding="utf-8")
    with pytest.raises(ExportUnreadable):
        reconcile("from_csv", export_file=str(tmp_path / "donors.csv"))
    with pytest.raises(ExportUnreadable, match=r"export\.csv: No such file.*нужен полный путь"):
        reconcile("from_csv", export_file=str(tmp_path / "export.csv"))


def test_a_trial_of_an_export_leaves_nothing_to_the_next_sweep(
    world: World, reconcile: Reconcile, export: Callable[..., str]
) -> None:
    """It only counts what is new in the file."""
    give(world, "failed")
    reconcile("due")
    reconcile("from_csv", export_file=export(KNOWN, UNKNOWN), dry_run=True)
    assert writes(world, lambda: reconcile("due")) == 0
    assert (stages(world), letters(world)) == ({"47": "failed"}, [])
