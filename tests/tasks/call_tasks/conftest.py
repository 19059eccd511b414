"""A manager's desk: clients of a wholesaler looked at, their calls planned and written, by the code of the tasks."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

import pytest
from sqlmodel import SQLModel

from backoffice import connections
from backoffice.bitrix24.errors import BatchFailed
from backoffice.facts_file import Findings, PortalPart
from backoffice.rules.call_plan import BoughtAgain, TasksWritten
from backoffice.rules.call_schedule import Call
from backoffice.rules.portal_facts import PortalFacts
from backoffice.rules.repeat_sales import CallPolicy, Judged, Look, Study, judge
from backoffice.rules.sales import ClientSales
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.bitrix24.tasks.task import Task
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World
from backoffice.store import call_tasks
from backoffice.store.call_tasks import CallTask
from backoffice.store.engine import writing
from tasks.call_tasks import close_tasks, look_at, read_bought_again, read_calendar, settle_tasks, write_tasks
from tasks.sales import refresh_sales

Obey = Callable[..., None]


class Desk:
    """What a run does, step by step, without Prefect."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def study(self) -> Study:
        today = self._world.clock.now().astimezone(PORTAL_ZONE).date()
        return Study(CallPolicy(), date(2025, 1, 1), today)

    @property
    def tasks(self) -> list[Task]:
        """What stands in the portal."""
        return list(self._world.portal.tasks)

    @property
    def rows(self) -> list[CallTask]:
        """What our store knows."""
        return call_tasks.in_state(connections.store(), connections.portal_host())

    def comments(self, task_id: int) -> list[str]:
        return [comment.text for comment in self._world.portal.tasks.comments(task_id)]

    def requests(self, run: Callable[[], object]) -> tuple[int, int]:
        """How many requests the run sends, and how many writes."""
        self._world.log.reset_counters()
        run()
        counted = self._world.log.counters()
        return int(counted["portal_requests"]), int(counted["writes"])

    def look(self, *clients: str) -> list[Look]:
        return look_at.fn([ClientSales(client) for client in clients], self.study.today)

    def judge(self, *clients: str) -> list[Judged]:
        return [judge(look, self.study) for look in self.look(*clients)]

    def calls(self, *clients: str) -> list[Call]:
        """The calls that are due."""
        judged = self.judge(*clients)
        return read_calendar.fn([one.look.sales for one in judged], self.study).take(judged)

    def write(self, *clients: str) -> TasksWritten:
        return write_tasks.fn(self.calls(*clients), self.study.today)

    def insist(self, calls: Sequence[Call]) -> TasksWritten:
        """As Prefect does it: once more where something passes by itself."""
        try:
            return write_tasks.fn(calls, self.study.today)
        except BatchFailed:
            return write_tasks.fn(calls, self.study.today)

    def settle(self) -> None:
        settle_tasks.fn(self.study.today)

    def bought(self) -> list[BoughtAgain]:
        """By a copy of the deals that is up to date."""
        refresh_sales.fn()
        return read_bought_again.fn()

    def close(self) -> TasksWritten:
        return close_tasks.fn(self.bought(), self.study.today)

    def forget(self) -> None:
        """Empty our store."""
        with writing(connections.store()) as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.execute(table.delete())


@pytest.fixture
def desk(world: World, wholesale: Wholesale, connected: None) -> Desk:
    """What is looked up once for a program has been."""
    connections.names("repeat_sale_calls")
    return Desk(world)


@pytest.fixture
def obey(connected: None) -> Obey:
    """obey(rest_3=True): what our code takes the portal for."""

    def keep(**facts: Any) -> None:
        part = PortalPart(connections.portal_host(), PortalFacts(**facts))
        connections.keep_findings(Findings(datetime.now(UTC), part))

    return keep


@pytest.fixture(params=[False, True], ids=["REST 2", "REST 3"])
def either_rest(request: pytest.FixtureRequest, world: World, obey: Obey) -> None:
    """The portal has REST 3.0, or it has not."""
    world.portal.config.rest_3 = request.param
    obey(rest_3=request.param)


@pytest.fixture
def client(desk: Desk, wholesale: Wholesale) -> str:
    """A company that is due for a call."""
    company = wholesale.company("Кофейня «Полдень»")
    wholesale.goods(wholesale.deal(company, title="Пробная поставка"), "Кофе в зёрнах")
    return company


class Kill(Protocol):
    """How the fixture `kill` is called."""

    def __call__(self, owner: object, name: str, run: Callable[[], object], *, answered: bool = False) -> None: ...


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Kill:
    """kill(module, name, run): the run dies where it would call that, or, `answered`, right after it has."""

    def until(owner: object, name: str, run: Callable[[], object], *, answered: bool = False) -> None:
        own = getattr(owner, name)

        def die(*args: Any, **named: Any) -> None:
            if answered:
                own(*args, **named)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(owner, name, die)
            with pytest.raises(Killed):
                run()

    return until
