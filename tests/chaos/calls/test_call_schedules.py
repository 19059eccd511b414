"""However clients buy, whatever people do with the tasks and whatever happens to the runs: the tasks are the rule's.

CHAOS_SCHEDULES in the environment says how many schedules are tried, CHAOS_SEED from which seed on; a failure names its
own.
"""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, get_args

import pytest

from backoffice import connections
from backoffice.sandbox.bitrix24.tasks.task import COMPLETED
from backoffice.sandbox.faults.fault import Fault, RequestKind
from backoffice.store import call_tasks
from backoffice.store.call_tasks import PENDING
from tests.chaos.calls.conftest import POLICY, REST_2, REST_3, TROUBLE
from tests.chaos.calls.ends import Ends, assert_nothing_twice, calls_a_day
from tests.chaos.calls.rule import Call, bound, due, overdue_closings
from tests.chaos.sales.conftest import name_funnel
from tests.chaos.sales.market import STAGES, Market

if TYPE_CHECKING:
    from tests.chaos.calls.conftest import Office

SCHEDULES = int(os.environ.get("CHAOS_SCHEDULES", "30"))
FIRST_SEED = int(os.environ.get("CHAOS_SEED", "0"))
PARTS = 3
TROUBLES: tuple[RequestKind, ...] = tuple(
    kind for kind in get_args(RequestKind) if kind not in ("expired_token", "invalid_credentials")
)
LAGGING = "stale_read"
"""Not beside writes that are executed late: what a portal shows neither at once nor when the time for it is over, no
client can tell from what was never done.
"""
WRITES = "*.add *.complete *.send"
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0, 20, 100))
DAYS = tuple(timedelta(days=days) for days in (0, 1, 3, 11, 31))
QUIET_DAYS = 12
"""On which everybody finds a place who is due."""


class Schedule:
    """One life of a market and of the program beside it, as the seed chooses."""

    def __init__(self, office: "Office", seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311 — to be repeatable
        self._office, self._seed = office, seed
        office.open_anew(self._chance.choice((REST_2, REST_3)))
        self.market = Market(office.world)
        self._plant()
        self.ever_due: set[Call] = set()
        self.deleted: set[int] = set()
        self._alone = True

    def play(self) -> None:
        """Disturbed runs while people live, one after another or inside another."""
        for _ in range(self._chance.randint(3, 6)):
            for _ in range(self._chance.randint(1, 5)):
                self._chance.choice(self._acts)()
            self._order_faults()
            self._run(nested=False)
            self.assert_within_bounds()
            self._office.pass_by(self._chance.choice(DAYS) + self._chance.choice(PAUSES))

    def calm_down(self) -> None:
        """No trouble any more; everything is read anew, and days go by until everybody due has found a place."""
        self._office.calm_down()
        assert self._office.run("rebuild")
        for _ in range(QUIET_DAYS):
            self.run_in_peace()
            if not self.forgotten():
                return
            self._office.pass_by(timedelta(days=1))

    def run_in_peace(self) -> None:
        self._note_due()
        assert self._office.run()
        self.assert_within_bounds()

    def forgotten(self) -> set[Call]:
        """Who is due, was never asked about and waits for no other task of the client."""
        rows = call_tasks.in_state(connections.store(), connections.portal_host())
        asked = {row.deal_id for row in rows if row.task_id}
        waiting = {row.client for row in rows if row.state in PENDING}
        return {(client, deal) for client, deal in due(self.market) if deal not in asked and client not in waiting}

    def assert_within_bounds(self) -> None:
        """One task for a client and its deal, and no more open ones a day than agreed if no two runs chose at once."""
        assert_nothing_twice(Ends(self._office.world))
        tasks = list(self._office.world.portal.tasks)
        assert max(Counter(bound(task.bindings)[1] for task in tasks).values(), default=0) <= 1
        days = calls_a_day(self._office.world)
        assert not self._alone or max(days.values(), default=0) <= POLICY.per_day, days

    @property
    def _acts(self) -> list[Callable[[], None]]:
        sells = [self._sell] * 4
        moves = [self._move, self._move, self._hand_over, self._delete_deal] if self.market.deals else []
        works = [self._call, self._delete_task] if len(self._office.world.portal.tasks) else []
        return [*sells, *moves, *works, *works, self._merge, self._delete_client, self._refuse]

    def _plant(self) -> None:
        """Some who have bought once, a while ago."""
        shop = self.market.shop
        self.market.clients += [shop.company(f"Лавка {number}") for number in range(4)]
        self.market.clients += [shop.person("Ким", f"Вера {number}") for number in range(4)]
        for number in range(len(self.market.clients)):
            days_ago = self._chance.choice((25, 35, 45, 90))
            self.market.sell((number, number), "WON", days_ago, elsewhere=False)

    def _sell(self) -> None:
        stage = self._chance.choice(("WON", "WON", *STAGES))
        clients = (self._number(), self._number())
        self.market.sell(
            clients, stage, self._chance.choice((5, 20, 33, 40, 90)), elsewhere=self._chance.random() < 0.1
        )

    def _move(self) -> None:
        self.market.move(self._number(), self._chance.choice(STAGES), elsewhere=self._chance.random() < 0.1)

    def _hand_over(self) -> None:
        self.market.hand_over(self._number(), self._number())

    def _delete_deal(self) -> None:
        self.market.delete_deal(self._number())

    def _merge(self) -> None:
        self.market.merge(self._chance.choice(("C_", "CO")))

    def _delete_client(self) -> None:
        self.market.delete_client(self._number())

    def _refuse(self) -> None:
        self.market.shop.refuse_calls(self._chance.choice(self.market.clients))

    def _call(self) -> None:
        waiting = [task.id for task in self._office.world.portal.tasks if task.status != COMPLETED]
        for task_id in waiting[: self._chance.randint(0, 2)]:
            self.market.shop.complete(task_id)

    def _delete_task(self) -> None:
        """What no run has learnt of yet cannot be missed by any."""
        task = self._chance.choice(list(self._office.world.portal.tasks))
        rows = call_tasks.in_state(connections.store(), connections.portal_host())
        self.deleted |= {row.deal_id for row in rows if row.task_id == task.id}
        self._office.world.portal.tasks.delete(task)

    def _number(self) -> int:
        return self._chance.randint(0, 12)

    def _order_faults(self) -> None:
        faults = [self._fault() for _ in range(self._chance.choice((0, 0, 1, 2)))]
        if "late_write" in {fault.kind for fault in faults}:
            faults = [fault for fault in faults if fault.kind != LAGGING]
        self._office.world.faults.order(*faults)

    def _fault(self) -> Fault:
        return Fault(
            kind=self._chance.choice(TROUBLES),
            methods=self._chance.choice(("*", WRITES)),
            probability=self._chance.choice((0.2, 0.5, 1)),
            start=self._chance.randint(1, 4),
            times=self._chance.randint(1, 3),
            seed=str(self._seed),
        )

    def _run(self, *, nested: bool) -> None:
        between = None if nested or self._chance.random() < 0.8 else (self._chance.randint(1, 50), self._beside)
        dies_at = self._chance.randint(1, 60) if self._chance.random() < 0.5 else None
        which = self._chance.choice(("due", "due", "due", "due", "rebuild"))
        self._note_due()
        with suppress(*TROUBLE):
            self._office.run(which, dies_at, between)
        self._note_due()

    def _beside(self) -> None:
        self._alone = False
        self._run(nested=True)

    def _note_due(self) -> None:
        self.ever_due |= due(self.market)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_schedule_ends_with_the_tasks_of_the_rule(
    office: "Office", part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One task for each who is due and no other, closed where the client has bought again, and nothing left to do."""
    name_funnel(tmp_path, monkeypatch)
    for seed in range(FIRST_SEED + part, FIRST_SEED + SCHEDULES, PARTS):
        try:
            play(office, seed)
        except Exception as fault:
            fault.add_note(f"CHAOS_SEED={seed} CHAOS_SCHEDULES=1")
            raise


def play(office: "Office", seed: int) -> None:
    schedule = Schedule(office, seed)
    schedule.play()
    schedule.calm_down()
    asked = {bound(task.bindings) for task in office.world.portal.tasks}
    assert schedule.forgotten() == set()
    assert asked <= schedule.ever_due
    assert not {deal for _, deal in asked} & schedule.deleted
    assert overdue_closings(schedule.market) == []
    assert office.writes_of_another() == 0
