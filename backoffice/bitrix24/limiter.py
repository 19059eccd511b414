"""Keeping inside the portal's limits (limits.md): requests per second, and seconds of work per method."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import sleep as pause
from time import time as now
from typing import Any, Literal, Protocol

Lane = Literal["live", "bulk"]

REQUEST_SECONDS = 25.0
MAX_COMMANDS = 50
FIRST_GUESS_SECONDS = 1.0
BULK_SHARE = 0.8
"""Of what the portal grants a method: the rest of its operating time bulk leaves to those who ask little."""
OPERATING_WINDOW_SECONDS = 600.0
"""Spent time comes back within ten minutes, whatever the difference between the portal's clock and ours says."""
GUESSES = {"crm.item.productrow.list": 0.3, "crm.contact.add": 0.5}
"""Rows of one owner, which the portal finds by an index; contacts, which are seldom made by automation's leave."""


class Budget(Protocol):
    """The portal's leaky bucket, shared by everyone who calls this portal from this address."""

    def take(self, requests: int = 1, lane: Lane = "live") -> float:
        """Book a place for `requests` in a lane; the answer is how many seconds to wait before sending."""

    def found_full(self) -> None:
        """The portal refused a request because its bucket is full, whoever filled it."""


class Clock(Protocol):
    """Time as the client needs it; the tests hand in the sandbox's."""

    def time(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class WallClock:
    """The machine's own time."""

    def time(self) -> float:
        return now()

    def sleep(self, seconds: float) -> None:
        pause(seconds)


@dataclass
class _Method:
    slowest: float | None = None
    spent: float = 0.0
    reset_at: float = 0.0


class OperatingTime:
    """What the portal's answers say about each method: how long one call takes, and when its spent time comes back."""

    def __init__(self) -> None:
        self._methods: dict[str, _Method] = {}
        self._lock = threading.Lock()

    def learn(self, method: str, spent: Mapping[str, Any]) -> None:
        """Take in the `time` of an answer; errors have none, and boxed portals leave the operating fields out."""
        with self._lock:
            known = self._methods.setdefault(method, _Method())
            if spent.get("duration") is not None:
                known.slowest = max(float(spent["duration"]), (known.slowest or 0.0) * 0.9)
            known.spent = float(spent.get("operating") or 0.0)
            known.reset_at = float(spent.get("operating_reset_at") or known.reset_at)

    def suspect(self, methods: Iterable[str], seconds: float) -> None:
        """No answer came for so many seconds a call: expect twice as many, so that smaller requests follow."""
        with self._lock:
            for known in [self._methods.setdefault(method, _Method()) for method in set(methods)]:
                known.slowest = max(known.slowest or FIRST_GUESS_SECONDS, 2 * seconds)

    def seconds_of(self, method: str) -> float:
        """How long one call of the method should be expected to take."""
        slowest = self._methods.get(method, _Method()).slowest
        if slowest is not None:
            return slowest
        return GUESSES.get(method, FIRST_GUESS_SECONDS)

    def reset_at(self, method: str) -> float:
        """When the oldest of the method's spent minutes is given back (epoch seconds, 0.0 if never told)."""
        return self._methods.get(method, _Method()).reset_at

    def rest(self, methods: Iterable[str], granted: float, now: float) -> float:
        """Seconds for a bulk to wait, so that of the `granted` time of these methods a fifth is left to others."""
        known = [self._methods.get(method, _Method()) for method in set(methods)]
        resets = [method.reset_at - now for method in known if method.spent >= BULK_SHARE * granted]
        return min(max([0.0, *resets]), OPERATING_WINDOW_SECONDS)
