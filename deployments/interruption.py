"""Ctrl-C, SIGTERM and a closed terminal end a program of ours as an exception does: what it started is stopped."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked us to stop. Not an Exception: nothing on the way out may take it for a failure to recover from."""


class _Bell:
    """Rings once; a ring while held is answered later. The next rings change nothing: stopping is not cut short."""

    def __init__(self) -> None:
        self.held = False
        self.rung: str | None = None

    def ring(self, number: int, _frame: FrameType | None) -> None:
        if self.rung is None:
            self.rung = signal.Signals(number).name
            self.answer()

    def answer(self) -> None:
        if self.rung is not None and not self.held:
            raise Interrupted(self.rung)


_bell = _Bell()


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, the first such signal raises Interrupted in the main thread.

    A signal that has a Python function is back at its default in children, even if a shell handed it to us ignored;
    Prefect's worker forwards SIGTERM as SIGINT and would never end otherwise.
    """
    before = {number: signal.signal(number, _bell.ring) for number in SIGNALS}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)
        _bell.rung = None


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Put a signal off until the end of the block: a child started but not yet written down would be left running."""
    _bell.held = True
    try:
        yield
    finally:
        _bell.held = False
    _bell.answer()
