"""A working day in two lanes, played on a clock of its own: long bulks, and short runs that arrive at random times."""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from statistics import median, quantiles
from typing import Protocol

import pytest
from sqlalchemy import Engine

from backoffice.store.portal_budget import Bucket, Lane, SharedBudget, book, wait

SIZE, DRAIN = 50.0, 2.0
RUNS_EVERY_SECONDS = 12.0
ANSWER_SECONDS = (0.1, 1.2)

Play = Iterator[float]
MostInBucket = Callable[[list[tuple[float, int]], float], float]


class Budget(Protocol):
    def take(self, requests: int = 1, lane: Lane = "live") -> float: ...


@dataclass
class Clock:
    now: float = 0.0

    def time(self) -> float:
        return self.now


@dataclass
class Arithmetic:
    """The budget without its table."""

    clock: Clock
    bucket: Bucket = field(default_factory=lambda: Bucket(0.0, 0.0))

    def take(self, requests: int = 1, lane: Lane = "live") -> float:
        self.bucket = book(self.bucket, self.clock.now, requests, DRAIN)
        return wait(self.bucket.level, requests, lane, SIZE, DRAIN)


@dataclass
class Day:
    """The actors sleep by yielding seconds; what they did is in `sent` (moment, who) and `first_waits` of the runs."""

    budget: Budget
    clock: Clock
    chance: random.Random
    sent: list[tuple[float, str]] = field(default_factory=list)
    first_waits: list[float] = field(default_factory=list)
    _due: list[tuple[float, int, Play]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def bulk(self, name: str) -> Play:
        while True:
            yield self.budget.take(lane="bulk")
            self.sent.append((self.clock.now, name))
            yield self.chance.uniform(*ANSWER_SECONDS)

    def short_run(self) -> Play:
        for place in range(self.chance.randint(1, 10)):
            asked = self.clock.now
            yield self.budget.take()
            if place == 0:
                self.first_waits.append(self.clock.now - asked)
            self.sent.append((self.clock.now, "live"))
            yield self.chance.uniform(*ANSWER_SECONDS)

    def webhooks(self) -> Play:
        while True:
            yield self.chance.expovariate(1 / RUNS_EVERY_SECONDS)
            self.begin(self.short_run())

    def begin(self, play: Play) -> None:
        heapq.heappush(self._due, (self.clock.now, next(self._numbers), play))

    def pass_until(self, end: float) -> None:
        while self._due[0][0] <= end:
            self.clock.now, _, play = heapq.heappop(self._due)
            pause = next(play, None)
            if pause is not None:
                heapq.heappush(self._due, (self.clock.now + pause, next(self._numbers), play))


def lived(budget: Budget, clock: Clock, seed: int, bulks: int, seconds: float) -> Day:
    """A day after its last moment."""
    day = Day(budget, clock, random.Random(seed))  # noqa: S311 chance of a test, repeatable
    for number in range(bulks):
        day.begin(day.bulk(f"bulk {number}"))
    day.begin(day.webhooks())
    day.pass_until(seconds)
    return day


def check(day: Day, most_in_bucket: MostInBucket, seconds: float) -> None:
    """Never over the portal's bucket, nine tenths of it used, a share for every bulk, a run's first call in 3 s."""
    assert most_in_bucket([(moment, 1) for moment, _ in day.sent], DRAIN) <= SIZE + 1e-6
    assert len(day.sent) >= 0.9 * (SIZE + DRAIN * seconds)
    shares = Counter(who for _, who in day.sent if who != "live")
    assert max(shares.values()) <= 1.2 * min(shares.values())
    assert median(day.first_waits) == 0
    assert quantiles(day.first_waits, n=20, method="inclusive")[-1] <= 3.0


@pytest.mark.parametrize("bulks", [3, 6])
@pytest.mark.parametrize("seed", range(5))
def test_short_runs_go_before_bulks(most_in_bucket: MostInBucket, seed: int, bulks: int) -> None:
    """An hour of bulks, while short runs ask for a quarter of what the portal lets through."""
    clock = Clock()
    day = lived(Arithmetic(clock), clock, seed, bulks, 3600)
    assert len(day.first_waits) > 200
    check(day, most_in_bucket, 3600)


def test_short_runs_go_before_bulks_through_the_store(engine: Engine, most_in_bucket: MostInBucket) -> None:
    """Three bulks and the short runs on the row that processes share."""
    clock = Clock(1_800_000_000.0)
    budget = SharedBudget(engine, "portal", SIZE, DRAIN, clock.time)
    start = clock.now
    day = lived(budget, clock, 7, 3, start + 240)
    day.sent = [(moment - start, who) for moment, who in day.sent]
    check(day, most_in_bucket, 240)


def test_nobody_waits_when_only_runs_come(most_in_bucket: MostInBucket) -> None:
    """Without a bulk the whole bucket is the runs'."""
    clock = Clock()
    day = lived(Arithmetic(clock), clock, 1, 0, 3600)
    assert max(day.first_waits) == 0
