"""Numbers, money, time and dates as a Russian letter says them; the machine's locale does not matter.

Moments are shown in the zone that they carry: convert them to the reader's first.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

NO_BREAK = "\u00a0"
MINUS = "\u2212"
Case = Literal["nominative", "accusative"]

MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
MONTH_NAMES = (
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
)
WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
ON_WEEKDAYS = ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье")
DAYS = ("день", "дня", "дней")
HOURS = ("час", "часа", "часов")
MINUTES = {"nominative": ("минута", "минуты", "минут"), "accusative": ("минуту", "минуты", "минут")}


def plural(number: int, one: str, few: str, many: str) -> str:
    """The form that goes with a number: 1 час, 2 часа, 5 часов, 11 часов, 21 час; a minus changes nothing."""
    tens, units = abs(number) % 100, abs(number) % 10
    if 11 <= tens <= 14 or units == 0 or units >= 5:
        return many
    return one if units == 1 else few


def counted(number: int, one: str, few: str, many: str) -> str:
    """A number with its word: «5 баллов», «1 500 баллов»."""
    return f"{_signed(number, _grouped(abs(number)))} {plural(number, one, few, many)}"


def duration(length: timedelta, case: Case = "nominative") -> str:
    """«2 часа», «1 день 2 часа 30 минут»; the accusative goes with «через» and «за»: «через 1 минуту».

    Begun minutes do not count. ValueError for a negative length.
    """
    if length < timedelta():
        raise ValueError("a length of time cannot be negative")
    hours, minutes = divmod(length.seconds // 60, 60)
    parts = ((length.days, DAYS), (hours, HOURS), (minutes, MINUTES[case]))
    said = [counted(number, *words) for number, words in parts if number]
    return " ".join(said) or "меньше минуты"


def money(amount: Decimal | int, sign: str = "₽") -> str:
    """«1 500 ₽», «1 500,50 ₽»: spaces do not break, kopecks are shown where there are any, half a kopeck goes up.

    TypeError for a float, ValueError for what is no amount.
    """
    if not isinstance(amount, Decimal | int):
        raise TypeError("money is Decimal")
    exact = Decimal(amount)
    if not exact.is_finite():
        raise ValueError("no amount of money")
    kopecks = int((exact * 100).to_integral_value(ROUND_HALF_UP))
    roubles, rest = divmod(abs(kopecks), 100)
    fraction = f",{rest:02}" if rest else ""
    return f"{_signed(kopecks, _grouped(roubles))}{fraction}{NO_BREAK}{sign}"


def price(amount: Decimal, currency: str) -> str:
    """A sum with its currency: roubles by their sign, others by the code."""
    return money(amount, "₽" if currency == "RUB" else currency)


def day(moment: date, now: date) -> str:
    """«3 марта», and «3 марта 2027 года» when that is not this year."""
    if isinstance(moment, datetime) and isinstance(now, datetime):
        now = now.astimezone(moment.tzinfo)
    named = f"{moment.day} {MONTHS[moment.month - 1]}"
    return named if moment.year == now.year else f"{named} {moment.year} года"


def month(moment: date) -> str:
    """«март 2026»."""
    return f"{MONTH_NAMES[moment.month - 1]} {moment.year}"


def weekday(moment: date) -> str:
    """«вторник»."""
    return WEEKDAYS[moment.weekday()]


def on_weekday(moment: date) -> str:
    """«во вторник», «в среду»."""
    return ON_WEEKDAYS[moment.weekday()]


def clock(moment: datetime) -> str:
    """«18:30», «09:05»."""
    return f"{moment.hour:02}:{moment.minute:02}"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", NO_BREAK)


def _signed(number: int, shown: str) -> str:
    return f"{MINUS}{shown}" if number < 0 else shown
