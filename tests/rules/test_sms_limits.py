"""The daily cap and the monthly budget of SMS."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.sms_limits import Used, Wanted, day_start, month_start, sms_refusals

MOSCOW = ZoneInfo("Europe/Moscow")
NOTHING = Used({}, Decimal(0))
PRICES = st.decimals(0, 20, places=2)
WANTED = st.lists(st.tuples(st.integers(1, 4), PRICES), max_size=20)
USED = st.builds(Used, st.dictionaries(st.integers(1, 4), st.integers(0, 5)), st.decimals(0, 200, places=2))


def test_the_cap_counts_what_was_sent_today_and_what_is_about_to_go() -> None:
    """Two were sent today, three are allowed: of two more one goes; another person is not concerned."""
    wanted = [Wanted("a", 1), Wanted("b", 1), Wanted("c", 2)]
    refused = sms_refusals(wanted, Used({1: 2}, Decimal(0)), 3, Decimal(100))
    assert refused == {"b": "на сегодня хватит: одному человеку не больше 3 СМС в день"}


def test_the_budget_is_not_exceeded() -> None:
    """What does not fit stays; a cheaper one after it may go."""
    wanted = [Wanted("a", 1, Decimal(6)), Wanted("b", 2, Decimal(6)), Wanted("c", 3, Decimal(4))]
    refused = sms_refusals(wanted, NOTHING, 3, Decimal(10))
    assert refused == {"b": "на СМС в этом месяце больше нет денег: бюджет 10\u00a0₽"}


def test_a_spent_budget_stops_sms_of_unknown_price() -> None:
    """Nobody could tell the price, but there is nothing left anyway."""
    assert sms_refusals([Wanted("a", 1)], Used({}, Decimal(10)), 3, Decimal(10)).keys() == {"a"}


def test_no_sms_are_allowed_with_a_cap_or_a_budget_of_nought() -> None:
    """Nought means none, not any number."""
    assert sms_refusals([Wanted("a", 1)], NOTHING, 0, Decimal(10)).keys() == {"a"}
    assert sms_refusals([Wanted("a", 1)], NOTHING, 3, Decimal(0)).keys() == {"a"}


@given(WANTED, USED, st.integers(0, 4), st.decimals(0, 100, places=2))
def test_the_limits_hold_whatever_is_wanted(
    wanted: list[tuple[int, Decimal]], used: Used, cap: int, budget: Decimal
) -> None:
    """Of the SMS that go nobody gets more than the cap, and together they fit into what is left of the budget."""
    drafts = [Wanted(str(place), person, price) for place, (person, price) in enumerate(wanted)]
    gone = [sms for sms in drafts if sms.key not in sms_refusals(drafts, used, cap, budget)]
    sent = Counter(sms.contact_id for sms in gone)
    assert all(used.today.get(person, 0) + number <= cap for person, number in sent.items())
    assert not gone or used.this_month + sum(sms.price for sms in gone) <= budget


def test_day_and_month_begin_at_the_portals_midnight() -> None:
    """22:30 on the last of March in London is April in Moscow."""
    now = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    assert day_start(now, MOSCOW) == month_start(now, MOSCOW) == datetime(2026, 4, 1, tzinfo=MOSCOW)
