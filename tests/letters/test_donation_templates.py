"""The letters to donors as they stand in `templates/donation_reconciliation`."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from backoffice.letters import card_field, render_letter
from backoffice.rules.donation_policy import EVERY_LETTER
from backoffice.rules.russian import money

MOSCOW = ZoneInfo("Europe/Moscow")
NAMELESS = card_field("", "Имя", "пожертвования № 47")
AIMLESS = card_field("", "Назначение", "пожертвования № 47")
VALUES: dict[str, Any] = {
    "name": "Кузнецова Ольга",
    "sum": money(Decimal("700.00")),
    "donated_at": datetime(2026, 11, 21, 22, 49, tzinfo=MOSCOW),
    "purpose": "Благотворительное пожертвование на обучение",
    "number": 47,
    "subscription": False,
    "charge": False,
    "link": "https://fund.example.org/?p=6",
    "sender": "Фонд «Пример»",
    "now": datetime(2026, 11, 22, tzinfo=MOSCOW),
}


def letter(kind: str, **values: Any) -> tuple[str, str, str]:
    return render_letter(f"donation_reconciliation/{kind}", VALUES | values)


def words(page: str) -> list[str]:
    return str(Markup(page).striptags()).split()  # noqa: S704 - a page of ours, only read


THANKS_FIRST = """Здравствуйте, Кузнецова Ольга!

Спасибо, что решили помочь!

Мы получили ваше пожертвование от 21 ноября: 700\u00a0₽.
Назначение: Благотворительное пожертвование на обучение

Если у вас есть вопросы, просто ответьте на это письмо.

С благодарностью,
Фонд «Пример»"""
CHARGE = """Здравствуйте, Кузнецова Ольга!

Спасибо, что помогаете регулярно!

Мы получили очередное пожертвование по вашей подписке от 21 ноября: 700\u00a0₽.
Назначение: Благотворительное пожертвование на обучение

Изменить сумму или отменить подписку можно в любой момент: просто ответьте на это письмо.

С благодарностью,
Фонд «Пример»"""
FAILED = """Здравствуйте, Кузнецова Ольга!

Ваше пожертвование на 700\u00a0₽ от 21 ноября не прошло.
Назначение: Благотворительное пожертвование на обучение

Так бывает: например, банк не подтвердил платёж или закончилось время на оплату.

Если хотите, можно попробовать ещё раз:
https://fund.example.org/?p=6

Если деньги всё-таки списались, ответьте на это письмо: мы разберёмся.

Спасибо, что хотели помочь!

С уважением,
Фонд «Пример»"""
REFUNDED = """Здравствуйте, Кузнецова Ольга!

Ваше пожертвование на 700\u00a0₽ от 21 ноября возвращено.
Назначение: Благотворительное пожертвование на обучение

Деньги вернутся туда, откуда вы платили. Срок зависит от вашего банка: обычно это несколько дней.

Если вы не просили о возврате или деньги не пришли, ответьте на это письмо: мы разберёмся.

С уважением,
Фонд «Пример»"""
THANKS_AGAIN = THANKS_FIRST.replace("что решили помочь", "что снова помогаете")


@pytest.mark.parametrize(
    ("kind", "subject", "text"),
    [
        ("thanks_first", "Спасибо за пожертвование", THANKS_FIRST),
        ("thanks_repeated", "Спасибо, что снова помогаете", THANKS_AGAIN),
        ("thanks_charge", "Спасибо за регулярную помощь", CHARGE),
        ("failed", "Пожертвование от 21 ноября не прошло", FAILED),
        ("refunded", "Пожертвование от 21 ноября возвращено", REFUNDED),
    ],
)
def test_a_letter_says_what_came_when_and_for_what(kind: str, subject: str, text: str) -> None:
    """Subject and text, letter for letter."""
    assert letter(kind)[:2] == (subject, text)


@pytest.mark.parametrize("subscription", [False, True])
@pytest.mark.parametrize("nothing", [{}, {"name": NAMELESS, "purpose": AIMLESS}])
@pytest.mark.parametrize("kind", EVERY_LETTER)
def test_text_and_page_say_the_same(kind: str, nothing: dict[str, Any], subscription: bool) -> None:
    """But for the address to try again at, which the page has behind its words."""
    _, text, page = letter(kind, subscription=subscription, charge=subscription, **nothing)
    told = text.replace("попробовать ещё раз:\nhttps://fund.example.org/?p=6", "попробовать ещё раз.")
    assert words(page) == told.split()


@pytest.mark.parametrize("kind", EVERY_LETTER)
def test_who_left_no_name_is_greeted_all_the_same(kind: str) -> None:
    """And where nothing says what the donation is for, nothing is said of it; no gaps are left."""
    _, text, page = letter(kind, name=NAMELESS, purpose=AIMLESS)
    assert text.startswith("Здравствуйте!\n\n")
    assert "<p>Здравствуйте!</p>" in page
    assert "Назначение" not in text + page
    assert "\n\n\n" not in text


@pytest.mark.parametrize("kind", ["thanks_first", "thanks_repeated"])
def test_who_begins_a_subscription_learns_how_to_end_it(kind: str) -> None:
    """With the thanks for its first donation."""
    _, text, _ = letter(kind, subscription=True)
    assert "отменить подписку можно в любой момент: просто ответьте на это письмо.\n\nС благодарностью" in text


def test_a_charge_that_failed_is_called_one() -> None:
    """Its donor did nothing a moment ago."""
    _, text, _ = letter("failed", subscription=True, charge=True)
    assert "Очередное пожертвование по вашей подписке на 700\u00a0₽ от 21 ноября не прошло." in text


@pytest.mark.parametrize("kind", EVERY_LETTER)
def test_what_people_typed_stays_text_in_the_page(kind: str) -> None:
    """A campaign may have any name, and so may a fund."""
    _, text, page = letter(kind, purpose="Дом <b>& сад</b>", sender='Фонд "<i>"')
    assert "Назначение: Дом <b>& сад</b>\n" in text
    assert "Дом &lt;b&gt;&amp; сад&lt;/b&gt;" in page
    assert "<i>" not in page
