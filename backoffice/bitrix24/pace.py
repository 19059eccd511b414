"""How fast one program may ask: places in the portal's budget, and what the portal itself says about waiting."""

import logging
from collections.abc import Collection
from math import ceil

from backoffice.bitrix24.errors import OperatingTimeSpent, PortalBusy, TryLater
from backoffice.bitrix24.lanes import Lanes
from backoffice.bitrix24.limiter import (
    BULK_SHARE,
    MAX_COMMANDS,
    OPERATING_WINDOW_SECONDS,
    REQUEST_SECONDS,
    Budget,
    Clock,
    OperatingTime,
)

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1800.0
LAST_PART, LAST_REQUESTS = 4, 10
LOOK_SECONDS, LEAST_LOOK = 0.3, 10


class Pace:
    """The waiting of one client; what it has learnt about the portal's methods stands in `times`."""

    def __init__(self, budget: Budget, lanes: Lanes, clock: Clock, operating_seconds: float) -> None:
        self.times = OperatingTime()
        self._budget = budget
        self._lanes = lanes
        self._clock = clock
        self._operating_seconds = operating_seconds

    def wait_for_place(self, methods: Collection[str] = (), *, last: bool = False) -> None:
        """Wait until a request with these methods may leave; `last`: one of the last of a long work."""
        now = self._clock.time()
        if methods and self._lanes.next_is_bulk(now):
            self._pause(self.times.rest(methods, self._operating_seconds, now))
        with self._lanes.turn(self._clock.time(), last=last) as lane:
            self._pause(self._budget.take(lane=lane))

    def wait_as_told(self, method: str, later: TryLater, waited: float) -> float:
        """Sleep until the portal may be asked again; gives the sum waited, or raises when that is enough."""
        if isinstance(later, PortalBusy):
            self._budget.found_full()
        pause = max(later.wait, 1.0 + waited / 2)
        if isinstance(later, OperatingTimeSpent):
            left = self.times.reset_at(method) - self._clock.time()
            pause = max(later.wait, min(left, OPERATING_WINDOW_SECONDS))
        if waited + pause > PATIENCE_SECONDS:
            raise later
        log.info("%s: waiting %.0f s, as the portal asks", method, pause)
        self._pause(pause)
        return waited + pause

    def room(self, method: str) -> int:
        """How many commands of a method fit into one request that ends well inside the portal's 60 seconds."""
        return max(1, min(MAX_COMMANDS, int(REQUEST_SECONDS / max(self.times.seconds_of(method), 1e-3))))

    def look(self, method: str) -> int:
        """How many commands of a method fit into a request that is waited for with nothing else to do."""
        return max(LEAST_LOOK, min(MAX_COMMANDS, int(LOOK_SECONDS / max(self.times.seconds_of(method), 1e-3))))

    def most_under_way(self, request_seconds: float) -> int:
        """How many requests of a length may be under way at once without spending what bulk leaves to others."""
        return max(1, int((1 - BULK_SHARE) * self._operating_seconds / max(request_seconds, 1e-3)))

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self._clock.sleep(seconds)


def nearly_done(sent: int, left: float) -> bool:
    """Whether the next request is one of the last of a work of which so many are `sent` and `left`.

    Those need not leave the headroom of the bucket free, because nothing follows them: a quarter of the work, and no
    more than the headroom holds. A short work has none, however many of them a run is cut into.
    """
    return ceil(left) <= min(LAST_REQUESTS, int(sent + left) // LAST_PART) and sent + left >= 2 * LAST_PART
