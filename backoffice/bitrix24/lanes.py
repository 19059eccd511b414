"""Who asks little goes before who asks much: the lane of a request follows from what its program asked lately.

A program here is what Prefect starts for one run, or the gateway. The length of one batch tells nothing: a long work
is cut into many tasks, each with a short batch of its own.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from backoffice.bitrix24.limiter import Lane

LIVE_REQUESTS = 10
"""As many as the headroom of the usual portal holds, and enough for a run about one person."""
QUIET_SECONDS = 120.0
"""Longer than a bulk ever waits between ten requests, unless twenty bulks share the portal."""


class Lanes:
    """What one program asked of one portal lately; shared by all its clients and threads."""

    def __init__(self) -> None:
        self._asked: deque[float] = deque(maxlen=LIVE_REQUESTS)
        self._asking = threading.Lock()
        self._bulk_turn = threading.Lock()

    @contextmanager
    def turn(self, now: float, *, last: bool = False) -> Iterator[Lane]:
        """The lane of the next request, to be held while it waits for its place in the budget.

        Live are the first ten requests in any two minutes. The others are bulk and wait one at a time, so that a
        program with many threads holds one bulk place, as any other program does. The `last` of a long work may use
        the room that bulk leaves free: nothing follows them.
        """
        if self._is_live(now) or last:
            yield "live"
            return
        with self._bulk_turn:
            yield "bulk"

    def next_is_bulk(self, now: float) -> bool:
        """Whether a request asked for now would go in the bulk lane."""
        with self._asking:
            return not self._has_room_for_live(now)

    def _is_live(self, now: float) -> bool:
        with self._asking:
            live = self._has_room_for_live(now)
            self._asked.append(now)
        return live

    def _has_room_for_live(self, now: float) -> bool:
        return len(self._asked) < LIVE_REQUESTS or now - self._asked[0] > QUIET_SECONDS
