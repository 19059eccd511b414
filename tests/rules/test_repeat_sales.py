"""Whom to call for a repeat sale, and when."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.call_schedule import SATURDAY, Calendar, Waiting, working_days
from backoffice.rules.repeat_sales import Asked, CallPolicy, Client, Judged, Look, Study, Why, judge
from backoffice.rules.sales import SaleDeal, SaleState, sales_of

FRIDAY = date(2026, 5, 8)
STUDY = Study(CallPolicy(after_days=30), date(2026, 1, 1), FRIDAY)
SHOP = Client("CO_77", "Магазин")
SOLD = SaleDeal(410, "CO_77", SaleState.WON, FRIDAY - timedelta(days=40), Decimal("1500.00"), "RUB", 6)


def why(*deals: SaleDeal, client: Client = SHOP, asked: Asked | None = None, study: Study = STUDY) -> Why:
    return judge(Look(sales_of("CO_77", deals), client, asked or Asked()), study).why


def other(state: SaleState, **changes: object) -> SaleDeal:
    return replace(SOLD, id=500, state=state, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def test_one_purchase_long_enough_ago_is_called_about() -> None:
    """A lost deal and a return beside it change nothing."""
    assert why(SOLD) is Why.DUE
    assert why(SOLD, other(SaleState.LOST), other(SaleState.VOID)) is Why.DUE
    assert why(SOLD, other(SaleState.WON, client="C_5")) is Why.DUE


@pytest.mark.parametrize(
    ("deals", "expected"),
    [
        ((), Why.NO_SALE),
        ((other(SaleState.LOST),), Why.NO_SALE),
        ((SOLD, other(SaleState.WON)), Why.MANY),
        ((SOLD, other(SaleState.OPEN, closed_on=None)), Why.OPEN_DEAL),
        ((replace(SOLD, closed_on=FRIDAY - timedelta(days=29)),), Why.EARLY),
        ((replace(SOLD, closed_on=date(2025, 12, 31)),), Why.HISTORY),
    ],
)
def test_what_the_deals_say_against_a_call(deals: tuple[SaleDeal, ...], expected: Why) -> None:
    """The first condition that holds is told."""
    assert why(*deals) is expected


def test_what_else_speaks_against_a_call() -> None:
    """Our own tasks, the client's card, the upper bound."""
    assert why(SOLD, asked=Asked({410: 9}, open_task=9)) is Why.ASKED
    assert why(SOLD, asked=Asked({400: 8}, open_task=8)) is Why.OPEN_TASK
    assert why(SOLD, client=replace(SHOP, living=False)) is Why.GONE
    assert why(client=replace(SHOP, living=False)) is Why.GONE
    assert why(SOLD, client=replace(SHOP, no_calls=True)) is Why.NO_CALLS
    late = replace(STUDY, policy=CallPolicy(after_days=30, until_days=35))
    assert why(SOLD, study=late) is Why.LATE


histories = st.lists(
    st.builds(
        SaleDeal,
        id=st.integers(1, 10_000),
        client=st.sampled_from(["CO_1", "CO_2", "C_3"]),
        state=st.sampled_from(list(SaleState)),
        closed_on=st.dates(date(2026, 1, 1), FRIDAY),
        amount=st.just(Decimal(1)),
        currency=st.just("RUB"),
        responsible_id=st.just(1),
    ),
    unique_by=lambda deal: deal.id,
)


@given(histories)
def test_the_rule_is_three_lines_of_pandas(deals: list[SaleDeal]) -> None:
    """Exactly one won deal, none open, and that one closed long enough ago."""
    table = pd.DataFrame([(one.client, one.state.value, one.closed_on) for one in deals], columns=["c", "s", "d"])
    won, opened = table[table.s == "won"].groupby("c").d.agg(["size", "max"]), set(table[table.s == "open"].c)
    due = won[(won["size"] == 1) & (won["max"] <= FRIDAY - timedelta(days=30)) & ~won.index.isin(opened)]
    clients = {deal.client for deal in deals}
    decided = {one for one in clients if judge(Look(sales_of(one, deals), Client(one)), STUDY).why is Why.DUE}
    assert decided == set(due.index)


def called(number: int, manager: int = 6, days: int = 40) -> Judged:
    deal = replace(SOLD, id=number, client=f"CO_{number}", responsible_id=manager, closed_on=FRIDAY - timedelta(days))
    return Judged(Look(sales_of(deal.client, [deal]), Client(deal.client)), Why.DUE)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(30, 90)), max_size=40),
    st.integers(1, 4),
    st.integers(1, 4),
    st.dictionaries(st.tuples(st.integers(1, 3), st.just(date(2026, 5, 11))), st.integers(0, 3)),
)
def test_nobody_calls_more_than_agreed_a_day(
    wanted: list[tuple[int, int]], per_day: int, ahead: int, busy: dict[tuple[int, date], int]
) -> None:
    """On working days only; the longest waiting first; whoever could still be called that day is."""
    due = [called(number, *one) for number, one in enumerate(wanted, 1)]
    policy = CallPolicy(per_day=per_day, days_ahead=ahead)
    calls = Calendar(policy, FRIDAY, busy=busy).take(due)
    load = Counter((call.responsible_id, call.day) for call in calls)
    days = working_days(FRIDAY, ahead)
    assert all(load[place] + busy.get(place, 0) <= max(per_day, busy.get(place, 0)) for place in load)
    assert all(call.day in days and call.day.weekday() < SATURDAY for call in calls)
    for manager in (1, 2, 3):
        places = sum(max(0, per_day - busy.get((manager, day), 0)) for day in days)
        mine = [one for one in due if one.deal.responsible_id == manager]
        assert len([call for call in calls if call.responsible_id == manager]) == min(places, len(mine))


def test_who_has_left_is_stood_in_for() -> None:
    """The stand-in's own limit holds for both."""
    calls = Calendar(CallPolicy(per_day=1), FRIDAY, managers={6: 7}).take([called(1), called(2, 7)])
    assert [(call.key, call.responsible_id) for call in calls] == [("CO_1 D_1", 7)]


def test_a_task_found_in_the_portal_takes_a_place() -> None:
    """Its manager has it to do, although our store had forgotten it."""
    found = replace(called(1), why=Why.ASKED)
    calls = Calendar(CallPolicy(per_day=2), FRIDAY).take([found, called(2), called(3)])
    assert [call.key for call in calls] == ["CO_2 D_2"]


def test_only_those_are_looked_at_for_whom_there_is_a_place() -> None:
    """As many of each manager as places; when some are held out, the next in the line; nobody twice."""
    calendar = Calendar(CallPolicy(per_day=2), FRIDAY, managers={8: 6})
    line = [called(number, manager).look.sales for number, manager in enumerate([6, 8, 6, 7, 6], 1)]
    waiting = Waiting(line, calendar)
    assert [one.client for one in waiting.portion(100)] == ["CO_1", "CO_2", "CO_4"]
    assert len(calendar.take([called(2, 8), called(4, 7)])) == 2
    assert [one.client for one in waiting.portion(100)] == ["CO_3"]
    assert [one.client for one in waiting.portion(100)] == ["CO_5"]
    assert waiting.portion(100) == []


def test_holidays_and_week_ends_are_no_working_days() -> None:
    """After a Friday before a holiday comes Tuesday."""
    assert working_days(FRIDAY, 2, [date(2026, 5, 11)]) == [date(2026, 5, 12), date(2026, 5, 13)]
