"""Any number of commands sent in requests of up to 50, several of them under way at once.

What holds however many are under way:
* a command is in one request at a time, and its outcome stands at its own place;
* a command is sent again only where the portal said that it was not executed;
* when a request got no answer, no further one is begun; those under way are waited for and their outcomes noted;
* only the caller's thread waits, counts and asks the caller's guard, just before a request leaves.

The first requests with writes go one by one: they teach how long a request takes, and a work that is over after
ten of them gains little from more being in doubt at once.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import islice
from typing import Generic, TypeVar

from backoffice.bitrix24.batch import Command, Outcome, batch_params, chunks, put_off, read_outcomes
from backoffice.bitrix24.errors import (
    AmbiguousWrite,
    OperatingTimeSpent,
    PortalBusy,
    PortalError,
    PortalUnreachable,
    RequestRefused,
    TokenRenewed,
    TryLater,
)
from backoffice.bitrix24.failures import not_sent, seen_by
from backoffice.bitrix24.flight import Flight
from backoffice.bitrix24.limiter import Clock
from backoffice.bitrix24.line import Line
from backoffice.bitrix24.methods import is_reading
from backoffice.bitrix24.pace import Pace, nearly_done

T = TypeVar("T")
Guard = Callable[[list[T]], None]

END_OF_BATCH = (AmbiguousWrite, PortalUnreachable, PortalBusy, OperatingTimeSpent)
"""What one request ran into the next would run into as well."""
READS_AT_ONCE, WRITES_AT_ONCE = 40, 8
READS_ALONE, WRITES_ALONE = 1, 10


class Bulk(Generic[T]):
    """One sending of commands; `run` gives their outcomes."""

    def __init__(
        self, line: Line, pace: Pace, clock: Clock, commands: Sequence[Command[T]], before_send: Guard[T] | None
    ) -> None:
        self._line = line
        self._pace = pace
        self._clock = clock
        self._commands = commands
        self._before_send = before_send
        self._writes = any(not is_reading(command.method) for command in commands)
        self._waiting = deque(range(len(commands)))
        self._outcomes: dict[int, Outcome[T]] = {}
        self._sent = self._answered = 0
        self._waited = 0.0
        self._stopped = False

    def run(self) -> list[Outcome[T]]:
        """One outcome for each command, in their order; those whose turn never came are NotSent."""
        with Flight(self._carry, WRITES_AT_ONCE if self._writes else READS_AT_ONCE) as flight:
            while len(flight) or self._has_more():
                if self._may_send(flight):
                    self._send_next(flight)
                else:
                    self._take_in(*flight.receive())
        self._outcomes |= {index: not_sent(self._commands[index]) for index in self._waiting}
        return [self._outcomes[index] for index in range(len(self._commands))]

    def _has_more(self) -> bool:
        return bool(self._waiting) and not self._stopped

    def _may_send(self, flight: Flight[list[int], list[Outcome[T]]]) -> bool:
        return self._has_more() and not flight.landed and len(flight) < self._most()

    def _most(self) -> int:
        if self._answered < (WRITES_ALONE if self._writes else READS_ALONE):
            return 1
        seconds = sum(self._pace.times.seconds_of(self._commands[index].method) for index in self._next())
        return min(WRITES_AT_ONCE if self._writes else READS_AT_ONCE, self._pace.most_under_way(seconds))

    def _next(self) -> list[int]:
        chunk = next(chunks((self._commands[index] for index in self._waiting), self._pace.times))
        return list(islice(self._waiting, len(chunk)))

    def _send_next(self, flight: Flight[list[int], list[Outcome[T]]]) -> None:
        chunk = self._next()
        last = nearly_done(self._sent, len(self._waiting) / len(chunk))
        self._pace.wait_for_place({self._commands[index].method for index in chunk}, last=last)
        while flight.landed:
            self._take_in(*flight.receive())
        if not self._has_more():
            return
        chunk = [self._waiting.popleft() for _ in self._next()]
        try:
            if self._before_send is not None:
                self._before_send([self._commands[index].item for index in chunk])
        except (AmbiguousWrite, TryLater, RequestRefused) as error:
            self._fail(chunk, error)
            return
        self._sent += 1
        flight.send(chunk, alone=not len(flight) and (not self._waiting or self._most() == 1))

    def _carry(self, chunk: list[int]) -> list[Outcome[T]]:
        commands = [self._commands[index] for index in chunk]
        writes = any(not is_reading(command.method) for command in commands)
        times = self._pace.times
        return self._line.ask(
            "batch", batch_params(commands), lambda answer: read_outcomes(commands, answer.result, times), writes=writes
        )

    def _take_in(self, chunk: list[int], landed: Future[list[Outcome[T]]]) -> None:
        self._answered += 1
        try:
            outcomes = dict(zip(chunk, landed.result(), strict=True))
        except TokenRenewed:
            self._waiting.extendleft(reversed(chunk))
        except (PortalBusy, OperatingTimeSpent) as later:
            self._put_back(chunk, "batch", later)
        except (AmbiguousWrite, TryLater, RequestRefused) as error:
            self._suspect(chunk, error)
            self._fail(chunk, error)
        else:
            self._note(outcomes)

    def _note(self, outcomes: dict[int, Outcome[T]]) -> None:
        later = put_off(outcomes)
        self._outcomes |= {index: outcome for index, outcome in outcomes.items() if index not in later}
        if len(later) < len(outcomes):
            self._waited = 0.0
        for index, error in islice(later.items(), 1):
            self._put_back(list(later), self._commands[index].method, error)

    def _put_back(self, chunk: list[int], method: str, later: TryLater) -> None:
        try:
            self._waited = self._pace.wait_as_told(method, later, self._waited)
        except TryLater as error:
            self._fail(chunk, error)
            return
        self._waiting.extendleft(reversed(chunk))

    def _suspect(self, chunk: list[int], error: PortalError) -> None:
        if isinstance(error, AmbiguousWrite):
            seconds = self._clock.time() - error.sent_at.timestamp()
            self._pace.times.suspect((self._commands[index].method for index in chunk), seconds / len(chunk))

    def _fail(self, chunk: list[int], error: PortalError) -> None:
        for index in chunk:
            command = self._commands[index]
            self._outcomes[index] = Outcome(command, error=seen_by(command, error))
        self._stopped = self._stopped or isinstance(error, END_OF_BATCH)
