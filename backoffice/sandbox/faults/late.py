"""What happens later, on the sandbox's clock."""

import heapq
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from backoffice.sandbox.clock import Clock

Act = Callable[[], object]


class Late:
    """Acts that wait for their time. On a frozen clock they are done when it is moved past it or a request comes in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()  # held while an act is done, so that nobody overtakes what is due
        self._waiting: list[tuple[datetime, int, Act]] = []
        self._numbers = count()
        clock.on_move(self.catch_up)

    def after(self, seconds: float, act: Act) -> None:
        """Do it so many seconds from now."""
        with self._lock:
            due = self._clock.now() + timedelta(seconds=seconds)
            heapq.heappush(self._waiting, (due, next(self._numbers), act))
        if not self._clock.frozen:
            timer = threading.Timer(seconds, self.catch_up)
            timer.daemon = True
            timer.start()

    def catch_up(self) -> None:
        """Do everything that is due, in the order of its time; whoever comes meanwhile waits."""
        with self._lock:
            while self._waiting and self._waiting[0][0] <= self._clock.now():
                heapq.heappop(self._waiting)[2]()

    def clear(self) -> None:
        """What waits will not happen."""
        with self._lock:
            self._waiting.clear()
