"""How often something may happen."""

import time
from collections.abc import Callable


class Allowance:
    """A bucket of `size` that fills by `per_second`; every use takes one. For one thread."""

    def __init__(self, size: float, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._per_second, self._clock = size, per_second, clock
        self._left, self._looked = size, clock()

    def take(self) -> bool:
        """One use, if there is one left."""
        now = self._clock()
        self._left = min(self._size, self._left + (now - self._looked) * self._per_second)
        self._looked = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
