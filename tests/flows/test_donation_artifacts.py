"""What people see in Prefect of donation reconciliation, and what they must not see."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from backoffice.rules.donation_policy import DonationPolicy
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET
from backoffice.sandbox.leyka.donations import Giver
from backoffice.sandbox.leyka.state import SECRET
from backoffice.sandbox.seeds.fund import Fund, Gift
from backoffice.sandbox.world import World
from backoffice.settings import settings
from flows.donation_reconciliation import donation_reconciliation
from tests.flows.donations import HOUR, OLEG, OLGA, deals, deliver, give, pass_time
from tests.flows.runs import artifacts, everything_prefect_knows, last_name

pytestmark = pytest.mark.usefixtures("prefect", "letters_go")
PERSONAL = ("@example", "9990000", "999 000", "Кузнецов", "Орлов", "olga", "oleg")
WRONG = Giver("Кузнецова Вера", "vera@example..org")


@pytest.fixture
def use(
    fund: Fund, sandbox: str, letters_go: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """use(NAME=value): settings of the installation."""

    def use(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    use(LEYKA_SITE_URL=f"{sandbox}/leyka", LEYKA_SECRET=SECRET, REPORTS=str(tmp_path / "reports"))
    return use


@pytest.fixture
def history(world: World, fund: Fund, use: Callable[..., None]) -> None:
    """A donor with two contacts, whose payment a form has taken down, too; one who failed; one with a bad address."""
    cards = [fund.contact("Кузнецова", "Ольга", OLGA.email or "", phone) for phone in ("", OLGA.phone)]
    fund.deal(Gift(amount=give(world, "funded").amount, at=world.clock.now()), "submitted", cards[0])
    fund.deal(Gift(amount=give(world, "funded").amount, at=world.clock.now()), "submitted", cards[1])
    give(world, "failed", giver=OLEG)
    pass_time(world, HOUR)
    deliver(world)


def test_a_run_shows_what_it_did(world: World, history: None) -> None:
    """Counts and tables, with initials and links; its name says it in a line; the next run has nothing to do."""
    donation_reconciliation()
    assert last_name() == "новых сделок 1, взято готовых 2, дублей контактов 1, писем 3"
    shown = artifacts()
    assert "взята готовая сделка: 2" in shown["donations"]
    assert "К. О.: " in shown["donations"]
    rows = json.loads(shown["donations-table"])
    assert sorted((row["Пожертвование"], row["Жертвователь"], row["Статус"]) for row in rows) == [
        (47, "К. О.", "оплачено"),
        (48, "К. О.", "оплачено"),
        (49, "О. О.", "не прошло"),
    ]
    assert all(f"/crm/deal/details/{deals(world)[str(row['Пожертвование'])].id}/" in row["Сделка"] for row in rows)
    assert {row["Контакт"].rpartition("/details/")[2] for row in rows} == {"1/", "3/"}
    letters = json.loads(shown["donation-letters"])
    assert sorted((row["Письмо"], row["Состояние"]) for row in letters) == [
        ("не прошло", "ушло"),
        ("спасибо за первое", "ушло"),
        ("спасибо за повторное", "ушло"),
    ]
    told = "".join(shown[key] for key in ("donations", "donations-table", "donation-letters"))
    assert not [word for word in PERSONAL if word in told]
    donation_reconciliation()
    assert last_name() == "нового нет"


def test_a_dry_run_shows_plan_and_letters(world: World, history: None) -> None:
    """And says in its name that it was one."""
    donation_reconciliation(dry_run=True)
    assert last_name() == "проверка: новых сделок 1, взято готовых 2, дублей контактов 1"
    assert artifacts()["donations"].startswith("# Пожертвования: проверка, в портале ничего не изменено")
    assert "- запись займёт меньше минуты: 2" in artifacts()["donations"]
    letters = artifacts()["donation-letters-texts"]
    assert all(told in letters for told in ("Здравствуйте, К. О.!", "№ 47", "№ 48", "№ 49"))
    assert (deals(world), world.mailbox.letters) == ({}, [])


def test_the_night_shows_how_site_and_portal_agree(history: None, tmp_path: Path) -> None:
    """To the kopeck, with a file for spreadsheets; and whom to call."""
    donation_reconciliation(which="nightly")
    assert len(list((tmp_path / "reports").glob("donations-*.csv"))) == 1
    shown = artifacts()
    assert "**Суммы сходятся до копейки:** 1 400 ₽" in str(shown["donation-report"]).replace("\N{NO-BREAK SPACE}", " ")
    assert "[О. О.](http" in shown["donor-segments"]
    assert not [word for word in PERSONAL for text in shown.values() if word in text]


def test_neither_secrets_nor_addresses_reach_prefect(world: World, history: None, use: Callable[..., None]) -> None:
    """Logs, artifacts, states and parameters of good and failing runs of all the forms."""
    began = datetime.now(UTC)
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        donation_reconciliation(policy=DonationPolicy(letters=()))
        donation_reconciliation(dry_run=True)
        give(world, "funded", giver=WRONG)
        assert donation_reconciliation(return_state=True).is_failed()
        assert donation_reconciliation(which="one", donation_id=99, return_state=True).is_failed()
        use(LEYKA_SECRET="mistyped-secret", SMTP_PORT="1")
        assert donation_reconciliation(return_state=True).is_failed()
    told = everything_prefect_knows(began)
    assert "Здравствуйте, К. О.!" in told
    assert all(word in told for word in ("invalid address: <e-mail>", "LEYKA_SECRET", "нет пожертвования № 99"))
    secrets = (WEBHOOK_SECRET, SECRET, "mistyped-secret", "vera@")
    assert not [word for word in (*secrets, *PERSONAL) if word.casefold() in told.casefold()]
