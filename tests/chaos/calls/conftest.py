"""A wholesaler's program of calls that dies at chosen steps, on a portal with REST 3.0 or without."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlmodel import SQLModel

from backoffice import connections
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import PortalError
from backoffice.bitrix24.lanes import Lanes
from backoffice.facts_file import Findings, PortalPart
from backoffice.rules.call_plan import CallFailed
from backoffice.rules.portal_facts import PortalFacts
from backoffice.rules.repeat_sales import CallPolicy
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import FROZEN_MOMENT, World
from backoffice.store.engine import writing
from backoffice.store.sales_copy import ReadingOver
from tests.chaos.donations.lives import Lives, Waits
from tests.chaos.lessons.conftest import NoLimit
from tests.chaos.lessons.life import Killed, Meanwhile, MortalTransport, watch_store
from tests.portals import Switch, behave

TROUBLE = (PortalError, CallFailed, ReadingOver)
POLICY = CallPolicy(per_day=2)
TICK = timedelta(minutes=10)
MOST_RUNS = 20
MESSAGE = "tasks.task.chat.message.send before"
"""The step at which a run with REST 3.0 begins to be another than one without."""
REST_2: Switch = {}
REST_3: Switch = {"rest_3": True}


class Office:
    """The program on its machine: one run after another or inside another, each a process of its own."""

    def __init__(self, world: World, life: Lives, run: Callable[..., None]) -> None:
        self.world, self.life = world, life
        self._run = run

    def open_anew(self, switch: Switch = REST_2, facts: Switch | None = None) -> Wholesale:
        """An empty portal that behaves so and is known to, and an empty store, at the beginning of time."""
        self.life.begin()
        self.world.reset()
        self.world.clock.move_to(FROZEN_MOMENT)
        self.lose_store()
        behave(self.world, switch)
        known = PortalFacts(**(switch if facts is None else facts))
        connections.keep_findings(Findings(datetime.now(UTC), PortalPart(connections.portal_host(), known)))
        return Wholesale(self.world)

    def lose_store(self) -> None:
        """Our database is empty."""
        with writing(connections.store()) as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.execute(table.delete())

    def run(self, which: str = "due", dies_at: int | str | None = None, meanwhile: Meanwhile | None = None) -> bool:
        """Whether the run lived to its end; what it raised is raised."""
        connections.LANES = Lanes()
        connections._resolved.clear()
        with self.life.another(dies_at, meanwhile):
            try:
                self._run(which, policy=POLICY)
            except Killed:
                return False
            finally:
                self.steps = list(self.life.steps)
        return True

    def run_until_done(self) -> list[Exception]:
        """As the timetable does, until a run succeeds; what those before it raised."""
        troubles: list[Exception] = []
        for _ in range(MOST_RUNS):
            try:
                assert self.run()
            except TROUBLE as trouble:
                troubles.append(trouble)
                self.pass_by(TICK)
                continue
            return troubles
        raise AssertionError(f"still failing: {troubles}")

    def run_at_once(self, *forms: str) -> None:
        """Runs that start together; each succeeds, or stops as it does in trouble."""
        together = Barrier(len(forms))

        def run(which: str) -> None:
            together.wait()
            with suppress(*TROUBLE):
                self._run(which, policy=POLICY)

        with ThreadPoolExecutor(len(forms)) as threads:
            for work in [threads.submit(run, which) for which in forms]:
                work.result()

    def pass_by(self, time: timedelta) -> None:
        """The clock of everybody."""
        self.world.clock.advance(time.total_seconds())

    def calm_down(self) -> None:
        """No trouble any more, and what was to land late has landed."""
        self.world.faults.clear()
        self.pass_by(TICK)

    def writes_of_another(self) -> int:
        """How many writes one more run sends."""
        self.world.log.reset_counters()
        assert self.run()
        return int(self.world.log.counters()["writes"])


@pytest.fixture
def office(world: World, call_clients: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Every client of this process talks through the mortal line."""
    life = Lives(world.clock)
    transport = MortalTransport(life)
    monkeypatch.setattr(connections, "CLOCK", Waits(life))
    monkeypatch.setattr(connections, "LANES", Lanes())
    monkeypatch.setattr(connections, "Portal", partial(Portal, transport=transport))
    monkeypatch.setattr(connections, "SharedBudget", lambda *_: NoLimit())
    watch_store(life, connections.store(), monkeypatch)
    yield Office(world, life, call_clients)
    transport.close_for_good()
