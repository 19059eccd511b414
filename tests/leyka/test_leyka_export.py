"""The export of Leyka's admin as a person downloads it."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.leyka.errors import ExportUnreadable
from backoffice.leyka.export import BadCell, Export, read_export
from backoffice.rules.donation_facts import Campaign, Donor

MOSCOW = ZoneInfo("Europe/Moscow")
HEAD = [
    *("ID", "Имя донора", "Email", "Тип платежа", "Плат. оператор", "Способ платежа", "Полная сумма", "Итоговая сумма"),
    *("Валюта", "Дата пожертвования", "Статус", "Кампания", "Назначение", "Подписка на рассылку", "Email подписки"),
    *("Комментарий", "[phone1] Телефон"),
]
ROW = [
    *("47", "О&#039;Нил Ольга", "Olga@example.org", "Разовое", "CloudPayments", "Банковская карта", "1700,5", "679,7"),
    *("₽", "21.11.2026, 22:49", "Оплачено", "Сбор на обучение", "Пожертвование на обучение", "Нет", ""),
    *("Первая строка\nвторая", "8 999 000-00-01"),
]


def exported(*rows: list[str], head: list[str] = HEAD) -> bytes:
    """As Leyka writes it: every cell quoted, without quotes inside."""
    lines = ("\t".join(f'"{cell}"' for cell in cells) + "\n" for cells in (head, *rows))
    return b"\xff\xfe" + "".join(lines).encode("utf-16-le")


def row(**cells: str) -> list[str]:
    """The usual row, cells replaced by the column's name."""
    titles = {"sum": "Полная сумма", "type": "Тип платежа", "date": "Дата пожертвования", "status": "Статус"}
    replaced = {titles.get(name, name): cell for name, cell in cells.items()}
    return [replaced.get(title, cell) for title, cell in zip(HEAD, ROW, strict=True)]


def read(*rows: list[str], head: list[str] = HEAD) -> Export:
    return read_export(exported(*rows, head=head), MOSCOW)


def test_a_row_becomes_a_donation() -> None:
    """Decimal comma, the site's time, titles in Russian, the additional field with the phone."""
    [one] = read(ROW).donations
    assert (one.id, one.status, one.payment_type, one.currency) == (47, "funded", "single", "RUB")
    assert (one.amount, one.amount_total) == (Decimal("1700.50"), Decimal("679.70"))
    assert one.created_at == datetime(2026, 11, 21, 19, 49, tzinfo=UTC)
    assert one.campaign == Campaign(None, "Сбор на обучение", "Пожертвование на обучение")
    assert one.donor == Donor("О'Нил Ольга", "olga@example.org", "+79990000001", "Первая строка\nвторая")
    assert (one.gateway, one.payment_method) == ("CloudPayments", "Банковская карта")


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        ("21.11.2026, 22:49", 19),
        ("21.11.2026, 22:49:00", 19),
        ("2026-11-21, 22:49", 19),
        ("21/11/2026, 22:49", 19),
        ("November 21, 2026, 10:49 pm", 19),
        ("21 ноября 2026, 22:49", 19),
        ("21 Ноября 2026 г., 22:49", 19),
        ("1.11.2026, 3:49", 0),
    ],
)
def test_times_are_in_the_form_chosen_for_the_site(date: str, hour: int) -> None:
    """The forms that WordPress offers, in Russian and in English."""
    [one] = read(row(date=date)).donations
    assert (one.created_at.hour, one.created_at.minute) == (hour, 49)


def test_statuses_and_types_in_either_language() -> None:
    """And the first donation of a subscription is known by its title."""
    titles = ["Submitted", "Funded", "Refunded", "Failed", "Trash", "Платёж завершён с ошибкой", "Попытка пожертвовать"]
    rows = [row(ID=str(number), status=title) for number, title in enumerate(titles, 1)]
    words = ["submitted", "funded", "refunded", "failed", "trash", "failed", "submitted"]
    assert [one.status for one in read(*rows).donations] == words
    kinds = ["Рекуррентные подписки", "Все рекуррентные платежи", "Корректировочное", "Single", ""]
    found = read(*(row(ID=str(number), type=kind) for number, kind in enumerate(kinds, 1))).donations
    assert [one.payment_type for one in found] == ["rebill", "rebill", "correction", "single", "single"]
    assert [one.subscription_id for one in found] == [1, None, None, None, None]


def test_english_headers_and_any_order_of_columns() -> None:
    """A filter of the site may have renamed or moved them."""
    head = ["Status", "Full amount", "ID", "Donation date", "Donor's name", "E-mail"]
    cells = ["Funded", "700", "47", "2026-11-21, 22:49", "Olga", "olga@example.org"]
    [one] = read(cells, head=head).donations
    assert (one.id, one.donor.email) == (47, "olga@example.org")
    assert one.amount == one.amount_total == 700


def test_bad_rows_are_named_and_the_others_go_on() -> None:
    """By the line in an editor and the column; the cell itself may be about a person."""
    bad = [row(sum="много"), row(ID=""), row(date="вчера"), row(status="Странный"), ["48"]]
    export = read(ROW, *bad, row(ID="49"))
    assert [one.id for one in export.donations] == [47, 49]
    assert list(map(str, export.bad)) == [
        "строка 4, «Полная сумма»: не сумма",
        "строка 6, «ID»: нет",
        "строка 8, «Дата пожертвования»: незнакомая запись времени; ждём «22.11.2026, 10:00»",
        "строка 10, «Статус»: неизвестное значение",
        "строка 12, «Полная сумма»: нет",
    ]
    assert export.bad[0] == BadCell(4, "Полная сумма", "не сумма")


def test_a_file_saved_by_an_editor_is_read() -> None:
    """UTF-8, with a BOM or without, its lines ended as on Windows."""
    text = exported(ROW).decode("utf-16").replace('"\n', '"\r\n')
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read_export(text.encode(encoding), MOSCOW).donations[0].id == 47


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"%PDF-1.7 \xff", b"ID;Name\n1;2\n", exported(ROW[:5], head=HEAD[:5]), b"\xff\xfeI"]
)
def test_another_file_is_refused(raw: bytes) -> None:
    """Empty, cut, another kind of export: named as such."""
    with pytest.raises(ExportUnreadable, match="не выгрузка пожертвований"):
        read_export(raw, MOSCOW)


@given(st.lists(st.lists(st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"])), max_size=18)))
def test_any_rows_are_read_or_named(rows: list[list[str]]) -> None:
    """Every record is a donation, a bad one, or empty."""
    export = read(*rows)
    assert len(export.bad) + len(export.donations) <= len(rows)
