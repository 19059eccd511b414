"""The letters to donors: from what the store knows to letters that leave once."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from backoffice import connections
from backoffice.rules.donation_facts import Campaign, Donation, DonationEvent, Donor
from backoffice.rules.donation_letters import DueLetter
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.sending import Letter, Sent, State
from backoffice.sandbox.world import World
from backoffice.settings import settings
from backoffice.store.donation_changes import apply
from backoffice.store.donations import Written, donations, mark_worked, note_written, to_work
from tasks import donation_letters
from tasks.donation_letters import (
    WrittenLetters,
    publish_donation_letters,
    publish_letter_texts,
    read_due_letters,
    write_donation_letters,
)
from tasks.messages import send_letters

SITE = "https://fund.example.org"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PAID = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
NOW = PAID + timedelta(hours=2)
SUM = Decimal("1500.50")
OLGA = Donor("Кузнецова Ольга", "olga@example.org", "+79990000001")
SCHOOLS = Campaign(6, "Сбор на обучение", "Благотворительное пожертвование на обучение")

Tell = Callable[..., None]


def gift(id: int = 47, status: str = "funded", **rest: Any) -> Donation:
    return replace(Donation(id, status, PAID, SUM, SUM, campaign=SCHOOLS, donor=OLGA), **rest)


@pytest.fixture
def tell(connected: None) -> Tell:
    """The site tells of donations one after another, the portal shows them in deals 1047, 1048 … of contact 5."""
    seqs = count()

    def event(gift: Donation) -> DonationEvent:
        seq = next(seqs)
        return DonationEvent(SITE, seq, f"event-{seq}", "status", gift.id, gift.created_at, gift)

    def tell(*gifts: Donation) -> None:
        engine, host = connections.store(), connections.portal_host()
        apply(engine, host, map(event, gifts), NOW)
        fresh = donations(engine, host, to_work(engine, host, NOW)).values()
        note_written(engine, host, {one.key: Written(1000 + one.id, 5, {"title": "Пожертвование"}) for one in fresh})
        mark_worked(engine, host, {one.key: one.fingerprint for one in fresh})

    return tell


def due(now: datetime = NOW, start_from: datetime = LONG_AGO, **policy: Any) -> list[DueLetter]:
    return read_due_letters.fn(DonationPolicy(**policy), start_from, now)


def written(now: datetime = NOW) -> list[Letter]:
    return [one.content for one in write_donation_letters.fn(due(now), now).outgoing]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was shown beside the run: tables and pages."""
    shown: list[Any] = []
    monkeypatch.setattr(donation_letters, "create_table_artifact", lambda rows, **_: shown.append(rows))
    monkeypatch.setattr(donation_letters, "create_markdown_artifact", lambda text, **_: shown.append(text))
    return shown


def test_a_letter_tells_what_the_site_told(tell: Tell) -> None:
    """To the address of the form, in the portal's time, signed by whom letters come from."""
    tell(gift())
    [letter] = written()
    assert (letter.to, letter.to_name) == ("olga@example.org", "Кузнецова Ольга")
    assert "Здравствуйте, Кузнецова Ольга!" in letter.text
    assert "от 22 ноября: 1\u00a0500,50\u00a0₽.\nНазначение: Благотворительное пожертвование на обучение" in letter.text
    assert letter.text.endswith("С благодарностью,\nУчебный центр")


def test_other_money_is_called_by_its_code(tell: Tell) -> None:
    """Nobody was asked what signs it has."""
    tell(gift(currency="EUR"))
    assert "1\u00a0500,50\u00a0EUR" in written()[0].text


def test_the_campaign_s_title_stands_in_where_the_donor_was_shown_none(tell: Tell) -> None:
    """And without a campaign the letter says nothing of it."""
    tell(gift(campaign=Campaign(6, " Сбор на\nобучение ")), gift(48, campaign=Campaign()))
    assert "Назначение: Сбор на обучение\n" in written()[0].text
    assert "Назначение" not in written()[1].text


def test_a_failure_leads_back_to_its_campaign(tell: Tell) -> None:
    """After the hold; at once there is nothing to write."""
    tell(gift(status="failed"))
    assert due(PAID) == []
    assert "https://fund.example.org/?p=6" in written()[0].text


def test_the_message_says_whose_it_is_and_until_when(tell: Tell) -> None:
    """The deal whose timeline shows it, its contact, and no personal data."""
    tell(gift())
    [outgoing] = write_donation_letters.fn(due(), NOW).outgoing
    draft = outgoing.draft
    assert draft.fact == ("email", "donation_reconciliation", "thanks https://fund.example.org 47")
    assert (draft.deal_id, draft.contact_id, draft.expires_at) == (1047, 5, PAID + timedelta(days=14))
    assert draft.about == "благодарность за пожертвование № 47"


def test_a_letter_that_left_is_not_due_again(
    tell: Tell, world: World, mail_server: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of each kind for a donation: a refund is told of, though thanks have gone."""
    host, port = mail_server
    for name, value in {"SMTP_HOST": host, "SMTP_PORT": str(port), "SMTP_SECURITY": "none"}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    now = world.clock.now()
    for status in ("funded", "refunded", "funded"):
        tell(gift(status=status, created_at=now))
        send_letters.fn(write_donation_letters.fn(due(now), now).outgoing, "smtp")
        assert due(now) == []
    assert [letter.recipients for letter in world.mailbox.letters] == [("olga@example.org",)] * 2


def test_history_and_what_is_switched_off_stay_silent(tell: Tell) -> None:
    """A site with years of donations becomes deals, not letters."""
    tell(gift())
    assert due(start_from=PAID + timedelta(seconds=1)) == []
    assert due(letters=("failed",)) == []
    assert [one.kind for one in due()] == ["thanks_first"]


def test_what_cannot_be_written_refuses_that_one_letter(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's template may insist on a name."""
    tell(gift(), gift(48, donor=Donor("", "nobody@example.org")))
    monkeypatch.setattr(donation_letters, "render_letter", lambda _, values: (f"{values['name']}", "Текст", ""))
    letters = write_donation_letters.fn(due(), NOW)
    assert [one.content.subject for one in letters.outgoing] == ["Кузнецова Ольга"]
    assert letters.refused == {"thanks https://fund.example.org 48": "поле «Имя» пожертвования № 48 не заполнено"}


def test_reports_name_nobody(tell: Tell, published: list[Any]) -> None:
    """Initials, numbers and links; neither names nor addresses nor phones, in the table or in the texts."""
    tell(gift(), gift(48, donor=Donor("", "nobody@example.org")))
    letters = due()
    refused = WrittenLetters(refused={letters[1].key: "поле «Имя» пожертвования № 48 не заполнено"})
    publish_donation_letters.fn(letters, refused, [])
    publish_letter_texts.fn(letters, NOW)
    table, page = published
    assert [(row["Пожертвование"], row["Жертвователь"], row["Состояние"]) for row in table] == [
        (47, "К. О.", "к отправке"),
        (48, "—", "не написано"),
    ]
    assert "Здравствуйте, К. О.!" in page
    assert "/crm/deal/details/1047/" in page
    shown = json.dumps(published, ensure_ascii=False)
    assert not [word for word in ("Кузнецова", "Ольга", "@", "7999") if word in shown]


def test_a_refusal_is_shown_with_what_a_person_needs_to_decide(tell: Tell, published: list[Any]) -> None:
    """The number for the form of the message desk, and the reason."""
    tell(gift())
    letters = due()
    [outgoing] = write_donation_letters.fn(letters, NOW).outgoing
    sent = Sent(outgoing.draft, 12, State.FAILED, "нет такого ящика")
    publish_donation_letters.fn(letters, WrittenLetters([outgoing]), [sent])
    [[row]] = published
    assert (row["Состояние"], row["Номер"], row["Почему"]) == ("отказ", 12, "нет такого ящика")


def test_nothing_due_shows_nothing(connected: None, published: list[Any]) -> None:
    """An empty table would only be in the way."""
    publish_donation_letters.fn([], WrittenLetters(), [])
    publish_letter_texts.fn([], NOW)
    assert published == []


def test_a_charge_told_twice_is_thanked_for_once_whichever_came_first(
    tell: Tell, world: World, letters_go: None
) -> None:
    """The later of the two was thanked for before the site told of the original."""
    now = world.clock.now()
    charge: dict[str, Any] = {"gateway": "cp", "gateway_ids": {"cp_transaction_id": "900147"}, "created_at": now}
    tell(gift(48, **charge))
    sent = send_letters.fn(write_donation_letters.fn(due(now), now).outgoing, "smtp")
    assert [one.state for one in sent] == [State.ACCEPTED]
    tell(gift(47, **charge))
    assert due(now) == []
