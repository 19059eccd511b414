"""A program that may die at any of its steps, beside which others may do something, and a site that may be down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from backoffice.sandbox.clock import Clock
from tests.chaos.lessons.life import Killed, Life, Meanwhile, MortalTransport

IN_A_TRANSACTION = "commit before"
"""The step at which our store waits for the program: nobody else could write into it."""


PATIENCE_SECONDS = 8
"""For so long a program may stand still while another one runs: with the slowest answer, shorter than the time after
which that one takes its claims for those of a dead."""


class Lives(Life):
    """The life of a program, and the lives of others between two of its steps. Time is that of `clock`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        super().__init__()

    def begin(self, dies_at: int | str | None = None, meanwhile: Meanwhile | None = None) -> None:
        """What others do waits for a step at which our store waits for nobody."""
        super().begin(dies_at)
        self._others = meanwhile
        self._until: datetime | None = None

    def step(self, what: str) -> None:
        self.wait(0)
        super().step(what)
        if self._others and self._others[0] <= len(self.steps) and what != IN_A_TRANSACTION:
            (_, act), self._others = self._others, None
            with self.another():
                self._until = self.clock.now() + timedelta(seconds=PATIENCE_SECONDS)
                act()

    def wait(self, seconds: float) -> None:
        """Time passes; who would wait longer than the program beside can stand still is killed."""
        if self._until and self.clock.now() + timedelta(seconds=seconds) > self._until:
            self.dead = True
            raise Killed("waits")
        if seconds:
            self.clock.advance(seconds)

    @contextmanager
    def another(self, dies_at: int | str | None = None, meanwhile: Meanwhile | None = None) -> Iterator[None]:
        """Inside, somebody else lives."""
        before = {name: value for name, value in vars(self).items() if name != "_lock"}
        self.begin(dies_at, meanwhile)
        self._until = before["_until"]
        try:
            yield
        finally:
            vars(self).update(before)


@dataclass
class SiteLine:
    """The line to the fund's site."""

    up: bool = True


class SiteTransport(httpx.BaseTransport):
    """Two steps a request to the site; nobody answers while the line is down."""

    def __init__(self, mortal: MortalTransport, line: SiteLine) -> None:
        self._mortal, self._line = mortal, line

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self._line.up:
            raise httpx.ConnectError("nobody is there")
        return self._mortal.handle_request(request)


@dataclass(frozen=True)
class Waits:
    """The clock of the programs."""

    life: Lives

    def time(self) -> float:
        return self.life.clock.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self.life.wait(seconds)
