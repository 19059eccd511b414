"""When to call: on working days, and nobody more clients a day than can be called."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from backoffice.rules.repeat_sales import CallPolicy, Judged

SATURDAY = 5
LONGEST_REST = 60
"""No company rests for so many days in a row."""


@dataclass(frozen=True)
class Call:
    """A call to make: who is to make it, and by which day."""

    judged: Judged
    responsible_id: int
    day: date

    @property
    def key(self) -> str:
        """The natural key: client and purchase."""
        return f"{self.judged.sales.client} D_{self.judged.deal.id}"


def schedule(
    due: Iterable[Judged],
    responsible: Mapping[int, int],
    busy: Mapping[tuple[int, date], int],
    policy: CallPolicy,
    today: date,
    holidays: Collection[date] = (),
) -> list[Call]:
    """The calls of the coming working days, the longest waiting first; who finds no place waits for another night.

    `responsible`: the deal's manager -> who is to call instead. `busy`: calls that a manager has on a day already.
    """
    days = working_days(today, policy.days_ahead, holidays)
    load = Counter(dict(busy))
    calls = []
    for one in sorted(due, key=lambda judged: (judged.deal.closed_on or today, judged.deal.id)):
        manager = responsible.get(one.deal.responsible_id, one.deal.responsible_id)
        day = next((day for day in days if load[manager, day] < policy.per_day), None)
        if day is not None:
            load[manager, day] += 1
            calls.append(Call(one, manager, day))
    return calls


def working_days(today: date, number: int, holidays: Collection[date] = ()) -> list[date]:
    """The next working days after today."""
    days = (today + timedelta(days=after) for after in range(1, number * 2 + LONGEST_REST))
    return [day for day in days if day.weekday() < SATURDAY and day not in holidays][:number]
