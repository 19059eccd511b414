"""What a run of repeat-sale calls decides and does, for the people who look at it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backoffice.rules.call_schedule import Call
from backoffice.rules.repeat_sales import Judged, Why
from backoffice.rules.sales import SaleDeal


class CallFailed(Exception):
    """Some tasks could not be made or closed although they were due; the others are. Each with its client and why."""


class TaskState(StrEnum):
    """What became of a task. BOUGHT: closed by us, the client bought again; GONE: deleted by a person."""

    PLANNED = "planned"
    OPEN = "open"
    DONE = "done"
    BOUGHT = "bought"
    GONE = "gone"


@dataclass(frozen=True)
class BoughtAgain:
    """An open task that nobody needs any more: the client has bought again by itself."""

    key: str
    task_id: int
    client: str
    second: SaleDeal


@dataclass(frozen=True)
class TasksWritten:
    """What became of tasks to make or to close: key -> task, and key -> why it was not done."""

    tasks: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass
class CallPlan:
    """The clients looked at in their order: calls to make, and who is held out; tasks to close besides.

    `made`, `closed`: key -> task; `failures`: key -> why it was not done.
    """

    calls: list[Call] = field(default_factory=list)
    held: list[Judged] = field(default_factory=list)
    bought: list[BoughtAgain] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def note(self, judged: Iterable[Judged], calls: Iterable[Call]) -> None:
        """Take in a portion of clients that were looked at."""
        self.held += [one for one in judged if one.why is not Why.DUE]
        self.calls += calls

    def note_made(self, written: TasksWritten) -> None:
        """Take in the tasks that stand in the portal now."""
        self.made |= written.tasks
        self.failures |= written.failures

    def note_closed(self, written: TasksWritten) -> None:
        """Take in the tasks that are closed now."""
        self.closed |= written.tasks
        self.failures |= written.failures

    @property
    def held_out(self) -> Counter[Why]:
        """How many clients each condition held out."""
        return Counter(one.why for one in self.held)

    @property
    def managers(self) -> list[int]:
        """Those who are to call."""
        return sorted({call.responsible_id for call in self.calls})

    @property
    def title(self) -> str:
        """What the run decided, in a line."""
        closing = f", закрыть задач: {len(self.bought)}" if self.bought else ""
        return (f"позвонить клиентам: {len(self.calls)}" if self.calls else "звонить некому") + closing

    def demand_complete(self) -> None:
        """CallFailed if anything was not done."""
        if self.failures:
            raise CallFailed("\n".join(f"{key}: {why}" for key, why in sorted(self.failures.items())))
