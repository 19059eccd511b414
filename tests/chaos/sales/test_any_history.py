"""Whatever people do in the portal, and whichever readings die: the copy of its deals says what the portal does."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.chaos.sales.market import STAGES

if TYPE_CHECKING:
    from tests.chaos.sales.conftest import Program

EXAMPLES, STEPS = 30, 25
NUMBERS, ELSEWHERE = st.integers(0, 9), st.sampled_from([False, False, False, True])
BUYERS, STAGE, DAYS_AGO = st.tuples(NUMBERS, NUMBERS), st.sampled_from(STAGES), st.sampled_from([0, 29, 30, 31, 61, 62])
SALES = st.lists(st.tuples(BUYERS, STAGE, DAYS_AGO), min_size=3, max_size=8)
HOURS = (0.01, 0.7, 25.0, 31 * 24.0)
GONE_ON_WITH_FOR = timedelta(hours=12)


class Trading(RuleBasedStateMachine):
    """`covered`: how many of the untraced changes the last whole reading has seen for certain."""

    program: "Program"

    @initialize(sales=SALES)
    def begin(self, sales: list[tuple[tuple[int, int], str, int]]) -> None:
        self.market = self.program.open_anew()
        for sale in sales:
            self.market.sell(*sale, elsewhere=False)
        self.began: datetime | None = None
        self.seen_by_reading = self.covered = 0

    @property
    def now(self) -> datetime:
        return self.program.world.clock.now()

    @rule(buyers=BUYERS, stage=STAGE, days_ago=DAYS_AGO, elsewhere=ELSEWHERE)
    def sell(self, buyers: tuple[int, int], stage: str, days_ago: int, elsewhere: bool) -> None:
        self.market.sell(buyers, stage, days_ago, elsewhere=elsewhere)

    @precondition(lambda self: self.market.deals)
    @rule(number=NUMBERS, stage=STAGE, elsewhere=ELSEWHERE)
    def move(self, number: int, stage: str, elsewhere: bool) -> None:
        self.market.move(number, stage, elsewhere=elsewhere)

    @precondition(lambda self: self.market.deals)
    @rule(number=NUMBERS, client=NUMBERS)
    def hand_over(self, number: int, client: int) -> None:
        self.market.hand_over(number, client)

    @precondition(lambda self: self.market.deals)
    @rule(number=NUMBERS)
    def delete_deal(self, number: int) -> None:
        self.market.delete_deal(number)

    @rule(number=NUMBERS)
    def delete_client(self, number: int) -> None:
        self.market.delete_client(number)

    @rule(kind=st.sampled_from(["C_", "CO"]))
    def merge(self, kind: str) -> None:
        self.market.merge(kind)

    @rule(hours=st.sampled_from(HOURS))
    def pass_by(self, hours: float) -> None:
        self.program.world.clock.advance(hours * 3600)

    @rule()
    def refresh(self) -> None:
        """By cursors alone the copy is right, unless something happened that no cursor shows."""
        self.program.refresh()
        if self.covered == self.market.untraced:
            self.is_right()

    @rule(dies_after=st.none() | st.integers(0, 3))
    def rebuild(self, dies_after: int | None) -> None:
        """One that was left under way has passed by what happened since; one begun now sees everything."""
        if self.began is None or self.now - self.began > GONE_ON_WITH_FOR:
            self.began, self.seen_by_reading = self.now, self.market.untraced
        if self.program.rebuild(dies_after):
            self.began, self.covered = None, self.seen_by_reading

    def teardown(self) -> None:
        """Whatever was left under way: it is ended, changes are taken in, and a night later all is read anew."""
        if not hasattr(self, "market"):
            return
        self.rebuild(None)
        self.refresh()
        self.rebuild(None)
        self.is_right()

    def is_right(self) -> None:
        """The copy is what a new one would be, and those who are due are those of the rule."""
        assert self.program.copied() == self.program.copied_anew()
        ripe, study = self.program.ripe()
        assert ripe == self.market.due(study.start_from, study.today)


def test_no_history_leads_the_copy_astray(program: "Program") -> None:
    """Won, lost, opened again, taken back, moved, handed over, deleted, merged; readings killed at any portion."""
    machine = type("TradingHere", (Trading,), {"program": program})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)
    )
