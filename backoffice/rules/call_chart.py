"""The chart of the report on calls: bars by month, the sums in a panel of their own for each currency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from backoffice.rules.call_report import NOTHING, CallReport
from backoffice.rules.russian import MONTH_NAMES, NO_BREAK, money

SHOWN_MONTHS, SHOWN_CURRENCIES = 24, 3
HIGHEST = 150
SCALES = ((1_000_000, 1_000_000, "0.1", "млн"), (10_000, 1_000, "1", "тыс"))
"""From which amount on it is told in what unit, and how exactly."""


@dataclass(frozen=True)
class Bar:
    """A bar, `HIGHEST` at most, and what stands above it."""

    height: int
    label: str


@dataclass(frozen=True)
class Panel:
    """What shares a scale: kind (calls, reorders, sums) -> a bar for each month."""

    title: str
    series: dict[str, list[Bar]]


@dataclass(frozen=True)
class Chart:
    """The panels, and under each of them the months: a short name, and the year where one begins."""

    panels: list[Panel]
    months: list[tuple[str, str]]


def call_chart(report: CallReport) -> Chart:
    """Calls and reorders of the latest months; below them the sums in the chief currencies."""
    table, sums = report.months.tail(SHOWN_MONTHS), report.money_by_month
    months = list(table["month"])
    counts = {kind: list(map(Decimal, table[name])) for kind, name in (("calls", "done"), ("reorders", "reorders"))}
    panels = [_panel("Звонки и покупки после них", counts)]
    for currency in chief_currencies(report):
        title = f"На какую сумму купили после звонков, {'₽' if currency == 'RUB' else currency}"
        panels.append(_panel(title, {"sums": [sums.get((month, currency), NOTHING) for month in months]}))
    return Chart(panels, _months(months))


def chief_currencies(report: CallReport) -> list[str]:
    """Those that most lines of the report have."""
    return [str(currency) for currency in report.sums["currency"].value_counts().index[:SHOWN_CURRENCIES]]


def brief(amount: Decimal) -> str:
    """Short enough to stand above a bar: «9 500», «35 тыс», «1,2 млн»; nothing of nought."""
    for bound, unit, exactness, word in SCALES:
        if abs(amount) >= bound:
            number = (amount / unit).quantize(Decimal(exactness), ROUND_HALF_UP).normalize()
            return f"{number:f}{NO_BREAK}{word}".replace(".", ",")
    return money(amount.to_integral_value(ROUND_HALF_UP), "").rstrip(NO_BREAK) if amount else ""


def _panel(title: str, values: dict[str, list[Decimal]]) -> Panel:
    highest = max((value for row in values.values() for value in row), default=NOTHING)
    return Panel(title, {kind: list(_bars(row, highest)) for kind, row in values.items()})


def _bars(values: Iterable[Decimal], highest: Decimal) -> Iterable[Bar]:
    for value in values:
        yield Bar(int(value * HIGHEST / highest) if value > 0 else 0, brief(value))


def _months(months: Sequence[date]) -> list[tuple[str, str]]:
    return [
        (MONTH_NAMES[month.month - 1][:3], str(month.year) if month == months[0] or month.month == 1 else "")
        for month in months
    ]
