"""When to call: on working days, and nobody more clients a day than can be called."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from backoffice.rules.repeat_sales import CallPolicy, Judged, Why
from backoffice.rules.sales import ClientSales, SaleDeal

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
        """The natural key."""
        return call_key(self.judged.look.client.key, self.judged.deal.id)


def call_key(client: str, deal_id: int) -> str:
    """The natural key of a call: client and purchase."""
    return f"{client} D_{deal_id}"


def call_of(key: str) -> tuple[str, int]:
    """The client and the purchase of a natural key."""
    client, _, deal_id = key.partition(" D_")
    return client, int(deal_id)


class Calendar:
    """The coming working days with the places that managers have left on them.

    `managers`: who works here: a deal's manager -> who is to call instead. `busy`: calls that somebody has on a day.
    """

    def __init__(
        self,
        policy: CallPolicy,
        today: date,
        holidays: Collection[date] = (),
        managers: Mapping[int, int] | None = None,
        busy: Mapping[tuple[int, date], int] | None = None,
    ) -> None:
        self._per_day = policy.per_day
        self._days = working_days(today, policy.days_ahead, holidays)
        self._managers = managers or {}
        self._load = Counter(busy or {})

    def take(self, looked_at: Iterable[Judged]) -> list[Call]:
        """A place for each of them who is due, in their order; who finds none waits for another night.

        A task that was not known of before the look takes a place, too: its manager has it to do.
        """
        calls = []
        for judged in (one for one in looked_at if one.why in (Why.DUE, Why.ASKED)):
            manager = self.manager(judged.deal)
            day = next((day for day in self._days if self._load[manager, day] < self._per_day), None)
            if day is None:
                continue
            self._load[manager, day] += 1
            if judged.why is Why.DUE:
                calls.append(Call(judged, manager, day))
        return calls

    def manager(self, deal: SaleDeal) -> int:
        """Who is to call about the purchase."""
        return self._managers.get(deal.responsible_id, deal.responsible_id)

    def places(self, manager: int) -> int:
        """How many more calls the manager can be given."""
        return sum(max(0, self._per_day - self._load[manager, day]) for day in self._days)


class Waiting:
    """Clients to be looked at, each manager's in their order; nobody is looked at for whom there is no place."""

    def __init__(self, ripe: Iterable[ClientSales], calendar: Calendar) -> None:
        self._calendar = calendar
        self._queues: dict[int, deque[ClientSales]] = defaultdict(deque)
        for one in ripe:
            if one.first is not None:
                self._queues[calendar.manager(one.first)].append(one)

    def portion(self, size: int) -> list[ClientSales]:
        """The next to be looked at, `size` at most; empty when nobody waits or no manager has a place."""
        taken: list[ClientSales] = []
        for manager, queue in self._queues.items():
            wanted = min(self._calendar.places(manager), size - len(taken), len(queue))
            taken += [queue.popleft() for _ in range(wanted)]
        return taken


def working_days(today: date, number: int, holidays: Collection[date] = ()) -> list[date]:
    """The next working days after today."""
    days = (today + timedelta(days=after) for after in range(1, number * 2 + LONGEST_REST))
    return [day for day in days if day.weekday() < SATURDAY and day not in holidays][:number]
