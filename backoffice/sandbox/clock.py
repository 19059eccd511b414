"""One clock for the whole sandbox: limits, event ends and every date in an answer follow it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Ticks with the wall clock plus an offset; frozen, it moves only when told to.

    A frozen clock also moves by the cost of every portal method executed, so that limits wear off without waiting.
    """

    def __init__(self, *, frozen_at: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta()
        self._frozen_at = frozen_at
        self._listeners: list[Callable[[], None]] = []

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def now(self) -> datetime:
        """The sandbox's moment, aware, UTC."""
        with self._lock:
            return self._read()

    def advance(self, seconds: float) -> None:
        """Move the clock forward (or back, with a negative figure)."""
        with self._lock:
            self._shift(timedelta(seconds=seconds))
        self._tell()

    def move_to(self, moment: datetime) -> None:
        """Show `moment` (aware) from now on."""
        with self._lock:
            self._shift(moment - self._read())
        self._tell()

    def on_move(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever the clock has been moved; not when it ticks or spends."""
        self._listeners.append(listener)

    def freeze(self) -> None:
        with self._lock:
            self._frozen_at = self._read()

    def run(self) -> None:
        """Tick again from the moment shown."""
        with self._lock:
            self._offset = self._read() - datetime.now(UTC)
            self._frozen_at = None

    def spend(self, seconds: float) -> None:
        """Account for work done: a frozen clock moves by it, a ticking one has already moved by itself."""
        if self.frozen:
            with self._lock:
                self._shift(timedelta(seconds=seconds))

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _read(self) -> datetime:
        return self._frozen_at or datetime.now(UTC) + self._offset

    def _shift(self, step: timedelta) -> None:
        if self._frozen_at is not None:
            self._frozen_at += step
        else:
            self._offset += step
