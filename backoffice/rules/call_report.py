"""Do the calls earn their keep: what was asked of whom, what was called, and what was bought after the calls."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from backoffice.rules.call_plan import TaskState
from backoffice.rules.repeat_sales import Study
from backoffice.rules.sales import SaleDeal

PLACE = ["month", "manager"]
COUNTS = ["asked", "done", "ripe", "reorders", "ripe_reorders", "by_itself"]
NOTHING = Decimal(0)
Money = dict[str, Decimal]
"""Currency -> sum."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A task to call that stood in the portal, and the client's second won deal.

    `done_on`: the day on which the task was closed, by people or by us.
    """

    client: str
    deal_id: int
    responsible_id: int
    asked_on: date
    state: TaskState
    done_on: date | None = None
    sold_again: SaleDeal | None = None

    @property
    def month(self) -> date:
        """The first day of the month in which the task was made: the call's place in the report."""
        return self.asked_on.replace(day=1)

    @property
    def done(self) -> bool:
        """Whether a person closed the task: the call was made."""
        return self.state is TaskState.DONE

    @property
    def counted_from(self) -> date:
        """The day from which a purchase counts: of the call; where nobody called, of the task."""
        return self.done_on if self.done and self.done_on else self.asked_on

    def ripe(self, study: Study) -> bool:
        """Whether the days in which a purchase counts are over."""
        return self._until(study) < study.today

    def bought(self, study: Study) -> SaleDeal | None:
        """The purchase of those days; one of a day before the call is not its merit, one of the same day is."""
        again = self.sold_again
        if again is None or again.closed_on is None:
            return None
        return again if self.counted_from <= again.closed_on <= self._until(study) else None

    def reorder(self, study: Study) -> SaleDeal | None:
        """The purchase that the call brought."""
        return self.bought(study) if self.done else None

    def _until(self, study: Study) -> date:
        return self.counted_from + timedelta(days=study.policy.reorder_days)


@dataclass(frozen=True)
class Group:
    """Clients whose days are over: how many they are, how many of them bought in these days, and for how much."""

    clients: int
    bought: int
    sums: Money


@dataclass(frozen=True, eq=False)
class CallReport:
    """What comes of the calls.

    `lines`: for each month and manager `asked` tasks made, `done` calls made, `ripe` of these those whose days are
    over, `reorders` purchases after a call, `ripe_reorders` those after the ripe ones, `by_itself` tasks closed
    because the client bought before anybody called. `sums`: the reorders by month, manager and currency. `called`
    and `uncalled`: the clients whose days are over, counted from the call and from the task.
    """

    lines: pd.DataFrame
    sums: pd.DataFrame
    called: Group
    uncalled: Group

    @property
    def totals(self) -> dict[str, int]:
        """The counts of all the lines."""
        return {name: int(self.lines[name].sum()) for name in COUNTS}

    @property
    def money(self) -> Money:
        """The sums of all the lines."""
        return _by_currency(self.sums)

    @property
    def money_by_line(self) -> dict[tuple[date, int], Money]:
        """(Month, manager) -> sums."""
        found: dict[tuple[date, int], Money] = {}
        for month, manager, currency, amount in self.sums.itertuples(index=False):
            found.setdefault((month, manager), {})[currency] = amount
        return found

    @property
    def months(self) -> pd.DataFrame:
        """The counts by month, without a gap from the first to the last."""
        if self.lines.empty:
            return self.lines[["month", *COUNTS]]
        found = self.lines.groupby("month")[COUNTS].sum()
        every = [day.date() for day in pd.date_range(found.index.min(), found.index.max(), freq="MS")]
        return found.reindex(every, fill_value=0).rename_axis("month").reset_index()

    @property
    def money_by_month(self) -> dict[tuple[date, str], Decimal]:
        """(Month, currency) -> sum."""
        return dict(self.sums.groupby(["month", "currency"])["amount"].agg(_total)) if len(self.sums) else {}


def call_report(calls: Iterable[PastCall], study: Study) -> CallReport:
    """The tasks that stood in the portal, by the month in which they were made and who was to call."""
    made = [call for call in calls if call.state is not TaskState.PLANNED]
    counted = pd.DataFrame([_counted(call, study) for call in made], columns=[*PLACE, *COUNTS])
    brought = [_brought(call, deal) for call in made if (deal := call.reorder(study))]
    sold = pd.DataFrame(brought, columns=[*PLACE, "currency", "amount"], dtype=object)
    ripe = [call for call in made if call.ripe(study)]
    return CallReport(
        lines=counted.groupby(PLACE, as_index=False)[COUNTS].sum(),
        sums=sold.groupby([*PLACE, "currency"])["amount"].agg(_total).reset_index(),
        called=_group([call for call in ripe if call.done], study),
        uncalled=_group([call for call in ripe if not call.done], study),
    )


def share(part: int, whole: int) -> str:
    """«12,5 %», a dash of nothing; half a tenth goes up."""
    if not whole:
        return "—"
    tenths = (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{tenths.normalize():f}".replace(".", ",") + "\u00a0%"


def _counted(call: PastCall, study: Study) -> tuple[date, int, int, int, int, int, int, int]:
    ripe, reorder = call.done and call.ripe(study), call.reorder(study) is not None
    by_itself = call.state is TaskState.BOUGHT
    return call.month, call.responsible_id, 1, int(call.done), int(ripe), int(reorder), int(ripe and reorder), by_itself


def _brought(call: PastCall, deal: SaleDeal) -> tuple[date, int, str, Decimal]:
    return call.month, call.responsible_id, deal.currency, deal.amount


def _group(calls: Sequence[PastCall], study: Study) -> Group:
    bought = [deal for call in calls if (deal := call.bought(study))]
    sums: Money = {}
    for deal in bought:
        sums[deal.currency] = sums.get(deal.currency, NOTHING) + deal.amount
    return Group(len(calls), len(bought), sums)


def _by_currency(sums: pd.DataFrame) -> Money:
    return dict(sums.groupby("currency")["amount"].agg(_total)) if len(sums) else {}


def _total(amounts: Iterable[Decimal]) -> Decimal:
    """Exact: a column of Decimal, never of floats."""
    return sum(amounts, NOTHING)
