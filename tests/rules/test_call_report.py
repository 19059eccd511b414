"""What the calls brought: counted by hand and by pandas, and drawn."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.call_chart import HIGHEST, SHOWN_MONTHS, Chart, brief, call_chart
from backoffice.rules.call_plan import TaskState
from backoffice.rules.call_report import COUNTS, CallReport, Group, PastCall, call_report, share
from backoffice.rules.repeat_sales import CallPolicy, Study
from backoffice.rules.sales import SaleDeal, SaleState

MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))
STUDY = Study(CallPolicy(reorder_days=60), date(2026, 1, 1), date(2026, 7, 1))
CALLED_ON = date(2026, 3, 10)
CALL = PastCall("CO_77", 410, 6, date(2026, 3, 8), TaskState.DONE, CALLED_ON)


def sold(on: date, amount: str = "1500.50", currency: str = "RUB") -> SaleDeal:
    return SaleDeal(500, "CO_77", SaleState.WON, on, Decimal(amount), currency, 6)


def call(**changes: Any) -> PastCall:
    return replace(CALL, **changes)


def line(report: CallReport, number: int = 0) -> dict[str, Any]:
    return dict(report.lines.iloc[number])


@pytest.mark.parametrize(
    ("days", "merit"), [(-1, False), (0, True), (1, True), (60, True), (61, False)], ids=lambda one: str(one)
)
def test_a_purchase_is_the_merit_of_the_call_before_it(days: int, merit: bool) -> None:
    """Of the same day, too; not of one that was made later, nor when too much time has passed."""
    again = sold(CALLED_ON + timedelta(days=days))
    assert call(sold_again=again).reorder(STUDY) == (again if merit else None)


@pytest.mark.parametrize("state", [state for state in TaskState if state is not TaskState.DONE])
def test_where_nobody_called_nothing_is_a_merit(state: TaskState) -> None:
    """Whatever became of the task."""
    assert call(state=state, sold_again=sold(CALLED_ON)).reorder(STUDY) is None


def test_a_line_tells_what_became_of_the_tasks_of_a_month() -> None:
    """The month is that of the task, also when the call and the purchase are later; a plan is no task."""
    made = call_report(
        [
            call(done_on=date(2026, 4, 2), sold_again=sold(date(2026, 5, 2))),
            call(),
            call(state=TaskState.BOUGHT, sold_again=sold(date(2026, 3, 9))),
            call(state=TaskState.GONE),
            call(state=TaskState.PLANNED, done_on=None),
        ],
        STUDY,
    )
    assert line(made) == {
        "month": MARCH,
        "manager": 6,
        "asked": 4,
        "done": 2,
        "ripe": 2,
        "reorders": 1,
        "ripe_reorders": 1,
        "by_itself": 1,
    }
    assert made.money_by_line == {(MARCH, 6): {"RUB": Decimal("1500.50")}}


def test_calls_whose_days_are_not_over_are_told_apart() -> None:
    """Their reorders are counted, their share is not: it could only grow."""
    fresh = call(done_on=STUDY.today - timedelta(days=60))
    made = call_report([fresh, replace(fresh, sold_again=sold(STUDY.today)), call()], STUDY)
    assert (made.totals["done"], made.totals["ripe"]) == (3, 1)
    assert (made.totals["reorders"], made.totals["ripe_reorders"]) == (1, 0)
    assert made.called == Group(1, 0, {})


def test_who_was_not_called_is_counted_from_the_task() -> None:
    """The comparison takes everybody not called, not only those who bought."""
    asked_on = CALL.asked_on
    made = call_report(
        [
            call(state=TaskState.BOUGHT, sold_again=sold(asked_on)),
            call(state=TaskState.OPEN, done_on=None),
            call(state=TaskState.GONE, sold_again=sold(asked_on + timedelta(days=61))),
            call(state=TaskState.OPEN, done_on=None, asked_on=STUDY.today),
            call(sold_again=sold(CALLED_ON, "10", "USD")),
        ],
        STUDY,
    )
    assert made.uncalled == Group(3, 1, {"RUB": Decimal("1500.50")})
    assert made.called == Group(1, 1, {"USD": Decimal(10)})


def test_of_no_calls_nothing_is_said() -> None:
    """No line, no sum, an empty chart."""
    made = call_report([], STUDY)
    assert (len(made.lines), made.money, made.totals["asked"]) == (0, {}, 0)
    assert made.called == made.uncalled == Group(0, 0, {})
    assert call_chart(made).months == []


def test_sums_are_exact() -> None:
    """A thousand times ten kopecks are a hundred roubles, which no float says."""
    made = call_report([call(sold_again=sold(CALLED_ON, "0.10"))] * 1000, STUDY)
    assert made.money == {"RUB": Decimal("100.00")}
    assert all(type(amount) is Decimal for amount in made.sums["amount"])


days = st.dates(date(2026, 1, 1), date(2026, 7, 1))
purchases = st.builds(
    SaleDeal,
    id=st.integers(1, 999),
    client=st.just("CO_77"),
    state=st.just(SaleState.WON),
    closed_on=days,
    amount=st.decimals(0, 10**9, places=2),
    currency=st.sampled_from(["RUB", "USD", ""]),
    responsible_id=st.just(6),
)
past = st.lists(
    st.builds(
        PastCall,
        client=st.just("CO_77"),
        deal_id=st.integers(1, 999),
        responsible_id=st.integers(1, 3),
        asked_on=days,
        state=st.sampled_from(list(TaskState)),
        done_on=st.none() | days,
        sold_again=st.none() | purchases,
    ),
    max_size=30,
)


@given(past)
def test_the_lines_add_up_to_the_calls(calls: list[PastCall]) -> None:
    """Counts and sums, by manager and by month, with nobody lost and nothing rounded."""
    made = call_report(calls, STUDY)
    tasks = [one for one in calls if one.state is not TaskState.PLANNED]
    deals = [deal for one in tasks if (deal := one.reorder(STUDY))]
    assert made.totals["asked"] == len(tasks)
    assert made.totals["done"] == sum(one.done for one in tasks)
    assert made.totals["reorders"] == len(deals)
    by_hand = {
        code: sum(deal.amount for deal in deals if deal.currency == code) for code in {d.currency for d in deals}
    }
    assert made.money == by_hand
    for code, amount in by_hand.items():
        assert sum(sums.get(code, 0) for sums in made.money_by_line.values()) == amount
        assert sum(one for (_, currency), one in made.money_by_month.items() if currency == code) == amount


@given(past)
def test_each_count_is_part_of_the_one_before(calls: list[PastCall]) -> None:
    """A share is never above a hundred; the groups hold everybody whose days are over."""
    made = call_report(calls, STUDY)
    lines: list[dict[str, Any]] = [line(made, number) for number in range(len(made.lines))]
    for one in lines:
        assert one["asked"] >= one["done"] + one["by_itself"]
        assert one["done"] >= one["ripe"] >= one["ripe_reorders"]
        assert one["done"] >= one["reorders"] >= one["ripe_reorders"]
    assert (made.called.clients, made.called.bought) == (made.totals["ripe"], made.totals["ripe_reorders"])
    assert made.uncalled.bought <= made.uncalled.clients <= made.totals["asked"] - made.totals["done"]


@given(past)
def test_no_month_is_left_out_of_the_chart(calls: list[PastCall]) -> None:
    """One after the other; every bar fits."""
    made = call_report(calls, STUDY)
    months = list(made.months["month"])
    assert all((later - earlier).days <= 31 for earlier, later in pairwise(months))
    assert {name: int(made.months[name].sum()) for name in COUNTS} == made.totals
    drawn = call_chart(made)
    assert all(len(bars) == len(drawn.months) for panel in drawn.panels for bars in panel.series.values())
    assert all(0 <= height <= HIGHEST for height in heights(drawn))


def heights(chart: Chart) -> list[int]:
    return [bar.height for panel in chart.panels for bars in panel.series.values() for bar in bars]


def test_the_chart_shows_the_latest_months_and_a_panel_for_each_currency() -> None:
    """With the year where one begins."""
    old = call(asked_on=date(2023, 1, 5), done_on=date(2023, 1, 6))
    dear = call(sold_again=sold(CALLED_ON, "2000000"))
    chart = call_chart(call_report([old, dear, call(sold_again=sold(CALLED_ON, "5", "USD"))], STUDY))
    assert len(chart.months) == SHOWN_MONTHS
    assert (chart.months[0], chart.months[-1]) == (("апр", "2024"), ("мар", ""))
    assert ("янв", "2026") in chart.months
    calls, roubles, dollars = chart.panels
    assert [(bars[-1].height, bars[-1].label) for bars in calls.series.values()] == [(HIGHEST, "2"), (HIGHEST, "2")]
    assert roubles.series["sums"][-1].label == "2\u00a0млн"
    assert (dollars.title[-3:], dollars.series["sums"][-1].label) == ("USD", "5")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", ""),
        ("9500.40", "9\u00a0500"),
        ("10000", "10\u00a0тыс"),
        ("35499", "35\u00a0тыс"),
        ("1250000", "1,3\u00a0млн"),
    ],
)
def test_a_sum_over_a_bar_is_short(amount: str, said: str) -> None:
    """The exact one stands in the table."""
    assert brief(Decimal(amount)) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(1, 8, "12,5\u00a0%"), (2, 2, "100\u00a0%"), (0, 3, "0\u00a0%"), (1, 3, "33,3\u00a0%"), (0, 0, "—")],
)
def test_a_share_is_said_in_per_cent(part: int, whole: int, said: str) -> None:
    """None of nothing."""
    assert share(part, whole) == said
