"""`make day`: a day of lesson reminders in a big school, on the sandbox's clock; fails if a bound breaks.

20,000 deals on the stage, 500 courses, 250 of them with a lesson on the day: 10,000 letters, 320 of them due in one
slot. A sweep begins every five minutes, ten seconds after its time, as a run of Prefect does, and is left out while
the one before it is not over; at 03:40 everything is read anew. Between sweeps people edit deals, join, leave, and put
lessons off. The portal keeps its strict limits. The mail server takes 0.2-0.5 s for a letter, and four connections are
served at once: the clock moves by a quarter of it. What Prefect itself costs beside the ten seconds is not in it.
"""

import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

import pytest
from aiosmtpd.smtp import Envelope, Session

from backoffice import connections
from backoffice.bitrix24.lanes import Lanes
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.limits import OperatingTime
from backoffice.sandbox.mail.connection import Connection
from backoffice.sandbox.mail.reception import Reception
from backoffice.sandbox.mail.server import receiving
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from backoffice.settings import settings
from tests.benchmarks.school_day import CROWDED, DAY, LEAD, Key, SchoolDay, Size, Span

Sweep = Callable[..., None]
EVE = datetime(2026, 3, 2, 20, 0, tzinfo=PORTAL_ZONE)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=PORTAL_ZONE)
TICK, NIGHT_READING = timedelta(minutes=5), timedelta(hours=3, minutes=40)
RUN_STARTS_AFTER = timedelta(seconds=10)
LETTER_SECONDS, CONNECTIONS = (0.2, 0.5), 4
LATE, CERTAIN = timedelta(minutes=6), timedelta(minutes=11)
IN_TIME, IDLE_REQUESTS = 0.99, 6
WHEN = re.compile(r"(\d+) марта, в (\d+):(\d+)")


class SlowReception(Reception):
    """A mail server that needs a while for each letter."""

    chance = random.Random(11)  # noqa: S311 the same day every time

    async def handle_DATA(self, connection: Connection, session: Session, envelope: Envelope) -> str:
        self.world.clock.spend(self.chance.uniform(*LETTER_SECONDS) / CONNECTIONS)
        return await super().handle_DATA(connection, session, envelope)


class CountedOperatingTime(OperatingTime):
    """Counts the calls refused for it, which stand inside the answers of batches."""

    refused = 0

    def check(self, method: str) -> None:
        try:
            super().check(method)
        except Refusal:
            self.refused += 1
            raise


@dataclass(frozen=True)
class Ran:
    """One sweep."""

    requests: int
    letters: int
    read_rows: bool
    seconds: float

    @property
    def kind(self) -> str:
        return "sending" if self.letters else "edits only" if self.read_rows else "idle"


@dataclass
class Figures:
    """What the day was like."""

    day: SchoolDay
    sweeps: list[Ran] = field(default_factory=list)
    night: Ran = Ran(0, 0, read_rows=False, seconds=0.0)
    dropped: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._promised = self.day.promised()
        self._letters: dict[Key, list[datetime]] = {}
        for letter in self.day.world.mailbox.letters:
            self._letters.setdefault(_key(letter.recipients[0], letter.subject), []).append(letter.at)

    @property
    def sent(self) -> int:
        return sum(map(len, self._letters.values()))

    @property
    def twice(self) -> int:
        return self.sent - len(self._letters)

    @property
    def missing(self) -> int:
        """Of those that were due for longer than two sweeps are apart."""
        certain = {key for key, span in self._promised.items() if span.until - span.since > CERTAIN}
        return len(certain - self._letters.keys())

    @property
    def groundless(self) -> int:
        """Letters at a moment when they were not due."""
        return sum(not _holds(self._promised.get(key), moments[0]) for key, moments in self._letters.items())

    @property
    def lateness(self) -> list[timedelta]:
        return sorted(at[0] - self._promised[key].since for key, at in self._letters.items() if key in self._promised)

    @property
    def in_time(self) -> float:
        return sum(late <= LATE for late in self.lateness) / len(self.lateness)

    @property
    def crowd(self) -> list[datetime]:
        """When the letters of the crowded slot came."""
        at = datetime.combine(MIDNIGHT, CROWDED, PORTAL_ZONE)
        return sorted(moments[0] for (_, starts_at), moments in self._letters.items() if starts_at == at)

    def of(self, kind: str) -> list[Ran]:
        return [ran for ran in self.sweeps if ran.kind == kind]

    @property
    def requests(self) -> int:
        return self.night.requests + sum(ran.requests for ran in self.sweeps)

    @property
    def kept(self) -> bool:
        """Whether every bound was kept."""
        idle = max((ran.requests for ran in self.of("idle")), default=0)
        wrong = self.twice + self.missing + self.groundless + self.refused["503"] + self.refused["429"]
        return wrong == 0 and self.in_time >= IN_TIME and idle <= IDLE_REQUESTS

    def lines(self) -> Iterator[str]:
        late, size = self.lateness, self.day.size
        config = self.day.world.portal.config
        permitted = config.bucket_size + config.drain_per_second * DAY.total_seconds()
        yield f"school     {size.deals} deals on the stage, {size.courses} courses, {size.today} lessons on the day"
        yield f"letters    {self.sent} sent; {self.twice} twice, {self.missing} missing, {self.groundless} groundless"
        shares = [f"{name} {_at(late, share):.0f} s" for name, share in _SHARES.items()]
        yield f"lateness   {', '.join(shares)}; {self.in_time:.2%} within {LATE.total_seconds():.0f} s"
        crowd, due = self.crowd, datetime.combine(MIDNIGHT, CROWDED, PORTAL_ZONE) - LEAD
        last = (crowd[-1] - due).total_seconds()
        yield f"crowd      {len(crowd)} due at {due:%H:%M}, the last one left {last:.0f} s later"
        for kind in ("idle", "edits only", "sending"):
            if ran := self.of(kind):
                yield f"{kind:<11}{len(ran)} sweeps, requests {_spread([one.requests for one in ran])}; {_longest(ran)}"
        minutes = self.night.seconds / 60
        yield f"night      {self.night.requests} requests, {minutes:.0f} min; {self.dropped} sweeps left out"
        yield f"requests   {self.requests} of {permitted:.0f} permitted ({self.requests / permitted:.1%})"
        yield f"refused    {self.refused['503']} for too many requests, {self.refused['429']} for operating time"


_SHARES = {"median": 0.5, "p95": 0.95, "p99": 0.99, "longest": 1.0}


def play(day: SchoolDay, sweep: Sweep, ticks: Iterable[int] = range(DAY // TICK)) -> Figures:
    """The whole day, or these of its five minutes; everything was read on its eve."""
    world, ran, dropped = day.world, [], 0
    world.portal.operating = operating = CountedOperatingTime(world.clock, world.portal.config)
    sweep()
    world.mailbox.clear()
    night, refused = Ran(0, 0, read_rows=False, seconds=0.0), Counter[str]()
    for number in ticks:
        tick = MIDNIGHT + number * TICK
        if world.clock.now() > tick:
            dropped += 1
            continue
        day.pass_until(tick + RUN_STARTS_AFTER)
        if tick == MIDNIGHT + NIGHT_READING:
            night = _run(world, refused, lambda: sweep(which="rebuild"))
        else:
            ran.append(_run(world, refused, sweep))
    refused["429"] += operating.refused
    return Figures(day, ran, night, dropped, refused)


def _run(world: World, refused: Counter[str], sweep: Callable[[], None]) -> Ran:
    connections.LANES = Lanes()  # every run is a program of its own
    world.log.reset_counters()
    began, letters = world.clock.now(), len(world.mailbox.letters)
    sweep()
    counters = world.log.counters()
    refused.update(counters["rejected"])
    return Ran(
        counters["portal_requests"],
        len(world.mailbox.letters) - letters,
        read_rows="crm.item.productrow.list" in counters["by_method"],
        seconds=(world.clock.now() - began).total_seconds(),
    )


@contextmanager
def slow_mail(world: World, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """The mail server of the day in place of the quick one."""
    with receiving(SlowReception(world)) as (host, port):
        patch.setenv("SMTP_HOST", host)
        patch.setenv("SMTP_PORT", str(port))
        settings.cache_clear()
        yield


def _key(address: str, subject: str) -> Key:
    when = WHEN.search(subject)
    assert when, subject
    number, hour, minute = map(int, when.groups())
    contact = int(address.removeprefix("learner-").partition("@")[0])
    return contact, datetime(2026, 3, number, hour, minute, tzinfo=PORTAL_ZONE)


def _holds(span: Span | None, moment: datetime) -> bool:
    return span is not None and span.since <= moment < span.until


def _at(late: Sequence[timedelta], share: float) -> float:
    return late[min(int(share * len(late)), len(late) - 1)].total_seconds()


def _spread(numbers: Sequence[int]) -> str:
    return f"median {median(numbers):.0f}, most {max(numbers)}"


def _longest(ran: Sequence[Ran]) -> str:
    return f"longest {max(one.seconds for one in ran):.0f} s"


def test_the_day(world: World, school: School, sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is reminded twice or of nothing, nobody is forgotten, 99 % of the letters leave within six minutes."""
    began = time.monotonic()
    world.clock.move_to(EVE - timedelta(hours=1))
    day = SchoolDay(world, school, MIDNIGHT, Size())
    world.clock.move_to(EVE)
    with slow_mail(world, monkeypatch):
        figures = play(day, sweep)
    for line in figures.lines():
        sys.stdout.write(f"\n{line}")
    sys.stdout.write(f"\nwall time  {time.monotonic() - began:.0f} s\n")
    assert figures.kept, "a bound was BROKEN"
