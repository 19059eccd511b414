"""The export of donations from Leyka's admin (3.32.2): «CSV» by name, tab-separated, quoted, UTF-16LE with a BOM.

The headers are Russian on every site, what stands below them is in the site's language. It tells less than an event: no
id of a campaign, no gateway's numbers, no address for a phone but an additional field's, the minute instead of the
second. So it is for finding what is missing, not for overwriting what is known.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from backoffice.leyka.errors import ExportUnreadable
from backoffice.rules.donation_events import read_phone
from backoffice.rules.donation_facts import (
    CORRECTION,
    FAILED,
    FUNDED,
    REBILL,
    REFUNDED,
    SINGLE,
    SUBMITTED,
    TRASH,
    Campaign,
    Donation,
    Donor,
)
from backoffice.rules.donation_fields import Fields, Unreadable
from backoffice.rules.people import normal_email

ID, NAME, EMAIL, COMMENT = "ID", "Имя донора", "Email", "Комментарий"
TYPE, GATEWAY, METHOD = "Тип платежа", "Плат. оператор", "Способ платежа"
AMOUNT, TOTAL, CURRENCY = "Полная сумма", "Итоговая сумма", "Валюта"
CREATED, STATUS, CAMPAIGN, PURPOSE = "Дата пожертвования", "Статус", "Кампания", "Назначение"
NEEDED = (ID, AMOUNT, CREATED, STATUS)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    ID: (),
    NAME: ("Donor's name", "Donor name"),
    EMAIL: ("E-mail",),
    COMMENT: ("Comment",),
    TYPE: ("Payment type",),
    GATEWAY: ("Платёжный оператор", "Gateway", "Payment operator"),
    METHOD: ("Payment method",),
    AMOUNT: ("Full amount", "Amount"),
    TOTAL: ("Total amount",),
    CURRENCY: ("Currency",),
    CREATED: ("Donation date", "Date"),
    STATUS: ("Status",),
    CAMPAIGN: ("Campaign",),
    PURPOSE: ("Purpose", "Payment title"),
}
"""What Leyka writes above the columns, and what a filter on an English site makes of it."""
ADDITIONAL = re.compile(r"\[(?P<slug>[^\]]+)\]")
STATUSES = {
    "попытка пожертвовать": SUBMITTED,
    "submitted": SUBMITTED,
    "оплачено": FUNDED,
    "funded": FUNDED,
    "деньги возвращены": REFUNDED,
    "refunded": REFUNDED,
    "платёж завершён с ошибкой": FAILED,
    "failed": FAILED,
    "корзина": TRASH,
    "trash": TRASH,
}
SUBSCRIPTION_STARTS = ("рекуррентные подписки", "recurring subscriptions")
PAYMENT_TYPES = {
    "разовое": SINGLE,
    "single": SINGLE,
    "корректировочное": CORRECTION,
    "correctional": CORRECTION,
    "все рекуррентные платежи": REBILL,
    "all recurring payments": REBILL,
    "рекуррентные авто-платежи": REBILL,
    "recurring auto-payments": REBILL,
    **dict.fromkeys(SUBSCRIPTION_STARTS, REBILL),
}
CURRENCIES = {"₽": "RUB", "руб.": "RUB", "руб": "RUB", "р.": "RUB", "$": "USD", "€": "EUR"}
MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
DATES = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%B %d, %Y", "%d %m %Y")
TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p")
FORMS = tuple(f"{date}, {time}" for date in DATES for time in TIMES)


@dataclass(frozen=True)
class BadCell:
    """What could not be read; `line` counts from 1, as an editor does. What stood there is not repeated."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"строка {self.line}, «{self.column}»: {self.reason}"


@dataclass(frozen=True)
class Export:
    """The donations of the file in its order, and the cells for which others are missing."""

    donations: tuple[Donation, ...]
    bad: tuple[BadCell, ...]


def read_export(raw: bytes, zone: tzinfo) -> Export:
    """Every donation that can be read; `zone` is the site's. ExportUnreadable if it is another kind of file."""
    lines = _lines(_decoded(raw))
    _, head = next(lines, (0, []))
    places, slugs = _columns(head), _slugs(head)
    donations: dict[int, Donation] = {}
    bad: list[BadCell] = []
    for number, cells in lines:
        cell = {place: text for place, text in enumerate(cells) if text.strip()}
        fields = Fields({name: cell.get(place) for name, place in places.items()})
        try:
            donation = _donation(fields, {slug: cell[place] for slug, place in slugs.items() if place in cell}, zone)
        except Unreadable as reason:
            bad.append(BadCell(number, reason.place, reason.reason))
        else:
            donations[donation.id] = donation
    return Export(tuple(donations.values()), tuple(bad))


def _decoded(raw: bytes) -> str:
    """UTF-16 as Leyka writes it, or UTF-8 as an editor may have saved it."""
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise ExportUnreadable("не выгрузка пожертвований Лейки: не UTF-16 и не UTF-8") from None


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The number of the line on which a record begins, and its cells; without empty ones."""
    before = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quotechar='"')
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            if any(cells):
                yield number, cells
    except csv.Error as error:
        raise ExportUnreadable(f"не выгрузка пожертвований Лейки: {error}") from None


def _columns(head: list[str]) -> dict[str, int]:
    """Leyka's name of a column -> its place; ExportUnreadable names those that are missing."""
    known = {other.casefold(): name for name, others in COLUMNS.items() for other in (name, *others)}
    found: dict[str, int] = {}
    for place, title in enumerate(head):
        if name := known.get(title.strip().casefold()):
            found.setdefault(name, place)
    if missing := [name for name in NEEDED if name not in found]:
        raise ExportUnreadable(
            f"не выгрузка пожертвований Лейки: нет столбцов {', '.join(missing)}; столбцы разделяет табуляция"
        )
    return found


def _slugs(head: list[str]) -> dict[str, int]:
    """Additional field -> its place."""
    found = ((ADDITIONAL.match(title.strip()), place) for place, title in enumerate(head))
    return {match["slug"]: place for match, place in found if match}


def _donation(fields: Fields, additional: dict[str, str], zone: tzinfo) -> Donation:
    id_, amount = fields.whole(ID), fields.money(AMOUNT)
    type_ = fields.text(TYPE, "").casefold()
    starts = type_ in SUBSCRIPTION_STARTS
    return Donation(
        id=id_,
        status=_named(fields, STATUS, STATUSES),
        created_at=_moment(fields, zone),
        amount=amount,
        amount_total=fields.money(TOTAL, amount),
        currency=_currency(fields.text(CURRENCY, "")),
        payment_type=_named(fields, TYPE, PAYMENT_TYPES) if type_ else SINGLE,
        is_subscription_start=starts,
        subscription_id=id_ if starts else None,
        campaign=Campaign(None, fields.text(CAMPAIGN, ""), fields.text(PURPOSE, "")),
        donor=_donor(fields, additional),
        additional_fields=additional,
        gateway=fields.text(GATEWAY, ""),
        payment_method=fields.text(METHOD, ""),
    )


def _donor(fields: Fields, additional: dict[str, str]) -> Donor:
    email = normal_email(fields.text(EMAIL, ""))
    return Donor(fields.text(NAME, ""), email, read_phone(additional), fields.text(COMMENT, ""))


def _named(fields: Fields, column: str, known: Mapping[str, str]) -> str:
    """Leyka's own word for a title; a title that is not known is refused: a guess here would be a wrong status."""
    word = known.get(fields.word(column).casefold())
    if word is None:
        raise Unreadable(column, "неизвестное значение")
    return word


def _currency(label: str) -> str:
    return CURRENCIES.get(label.casefold(), label.upper()) or "RUB"


def _moment(fields: Fields, zone: tzinfo) -> datetime:
    """WordPress writes its own format of the date, a comma, and its own of the time, by the site's clock."""
    text = " ".join(_numbered(fields.word(CREATED)).split())
    for form in FORMS:
        try:
            # The form has no zone, the site has.
            return datetime.strptime(text, form).replace(tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    raise Unreadable(CREATED, "незнакомая запись времени; ждём «22.11.2026, 10:00»")


def _numbered(text: str) -> str:
    """A Russian month as its number."""
    words = text.casefold().replace(" г.", "").split()
    months = {month: str(number) for number, month in enumerate(MONTHS, 1)}
    bare = (word.rstrip(",") for word in words)
    return " ".join(months.get(one, word) for one, word in zip(bare, words, strict=True))
