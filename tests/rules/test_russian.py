"""Numbers, money, time and dates as a Russian letter says them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.russian import clock, counted, day, duration, money, month, on_weekday, plural, weekday

HOURS = ("час", "часа", "часов")
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 часов"),
        (1, "1 час"),
        (2, "2 часа"),
        (4, "4 часа"),
        (5, "5 часов"),
        (11, "11 часов"),
        (14, "14 часов"),
        (21, "21 час"),
        (22, "22 часа"),
        (111, "111 часов"),
        (1001, "1\u00a0001 час"),
        (-1, "−1 час"),
        (-12, "−12 часов"),
    ],
)
def test_the_word_goes_with_its_number(number: int, said: str) -> None:
    """One, few, many: 11-14 are many, and so are all numbers that end in 0 or 5-9."""
    assert counted(number, *HOURS) == said


@given(st.integers())
def test_the_form_depends_on_the_last_two_digits_only(number: int) -> None:
    """However large the number, and whatever its sign."""
    assert plural(number, *HOURS) == plural(abs(number) % 100, *HOURS) == plural(-number, *HOURS)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=2), "2 часа"),
        (timedelta(minutes=90), "1 час 30 минут"),
        (timedelta(days=1, hours=2), "1 день 2 часа"),
        (timedelta(days=21), "21 день"),
        (timedelta(minutes=21), "21 минута"),
        (timedelta(minutes=2, seconds=59), "2 минуты"),
        (timedelta(seconds=59), "меньше минуты"),
    ],
)
def test_a_length_of_time_is_said_in_words(length: timedelta, said: str) -> None:
    """Days, hours and minutes, each with its word; what is zero is left out."""
    assert duration(length) == said


def test_after_a_preposition_a_minute_changes_its_ending() -> None:
    """«через 1 минуту», but «через 1 час 22 минуты»: only the feminine word has another form."""
    assert duration(timedelta(minutes=1), "accusative") == "1 минуту"
    assert duration(timedelta(hours=1, minutes=22), "accusative") == "1 час 22 минуты"


def test_a_negative_length_is_refused() -> None:
    """«Через минус два часа» would be nonsense in a letter."""
    with pytest.raises(ValueError, match="negative"):
        duration(timedelta(minutes=-1))


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (Decimal(1500), "1\u00a0500\u00a0₽"),
        (Decimal("1500.00"), "1\u00a0500\u00a0₽"),
        (Decimal("1500.5"), "1\u00a0500,50\u00a0₽"),
        (Decimal("0.005"), "0,01\u00a0₽"),
        (Decimal("-1234567.05"), "−1\u00a0234\u00a0567,05\u00a0₽"),
        (Decimal("-0.001"), "0\u00a0₽"),
        (99, "99\u00a0₽"),
    ],
)
def test_money_is_written_without_places_to_break_a_line(amount: Decimal, said: str) -> None:
    """Thousands in groups, kopecks only where there are any, the rouble's sign after all."""
    assert money(amount) == said


@given(st.decimals(-(10**12), 10**12, places=2))
def test_money_loses_no_kopeck(amount: Decimal) -> None:
    """What is shown reads back as the same amount."""
    shown = money(amount).removesuffix("\u00a0₽").replace("\u00a0", "").replace(",", ".").replace("−", "-")
    assert Decimal(shown) == amount


@pytest.mark.parametrize("amount", [1500.5, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_exact_amount_is_refused(amount: Decimal) -> None:
    """A float has lost its kopecks already."""
    with pytest.raises((TypeError, ValueError)):
        money(amount)


def test_a_day_of_another_year_is_said_with_its_year() -> None:
    """This year's days go without."""
    now = date(2026, 12, 30)
    assert day(date(2026, 3, 3), now) == "3 марта"
    assert day(date(2027, 1, 1), now) == "1 января 2027 года"


def test_this_year_is_the_one_where_the_reader_is() -> None:
    """In the evening of 31 December in London it is New Year in Moscow already."""
    lesson = datetime(2027, 1, 1, 2, 0, tzinfo=MOSCOW)
    assert day(lesson, datetime(2026, 12, 31, 22, 0, tzinfo=UTC)) == "1 января"


def test_a_month_of_a_report_has_its_year() -> None:
    """In the nominative, as a heading has it."""
    assert (month(date(2026, 1, 31)), month(date(2025, 12, 1))) == ("январь 2026", "декабрь 2025")


def test_weekdays_and_hours_are_said() -> None:
    """«во вторник», but «в среду»; the hour has two digits."""
    tuesday = datetime(2026, 3, 3, 9, 5, tzinfo=MOSCOW)
    assert (weekday(tuesday), on_weekday(tuesday)) == ("вторник", "во вторник")
    assert on_weekday(date(2026, 3, 4)) == "в среду"
    assert clock(tuesday) == "09:05"


@given(st.dates(), st.dates())
def test_a_day_reads_back(moment: date, now: date) -> None:
    """Number and month are always there; the year only if it is another."""
    said = day(moment, now).split()
    assert int(said[0]) == moment.day
    assert (len(said) == 2) == (moment.year == now.year)
