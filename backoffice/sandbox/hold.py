"""Stops one portal request half-way, so that a test can kill the program that sent it at a known point."""

import threading
from typing import Literal

When = Literal["before", "after"]


class Hold:
    """The n-th writing portal request from now waits: not executed yet ("before") or not answered yet ("after")."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._remaining = 0
        self._when: When = "before"
        self._held = False
        self._dropped = False

    @property
    def held(self) -> bool:
        """Whether a request is being held at this moment."""
        with self._changed:
            return self._held

    def arm(self, write_request: int, when: When) -> None:
        """Hold the `write_request`-th (from 1) request with a writing method from now on."""
        with self._changed:
            self._remaining, self._when = write_request, when

    def release(self, *, drop: bool = False) -> None:
        """Let the held request go on and forget what was armed; `drop` makes one held "before" never execute."""
        with self._changed:
            self._remaining, self._held, self._dropped = 0, False, drop
            self._changed.notify_all()

    def claim(self) -> When | None:
        """Count one writing request; the moment at which this one has to wait, if it is the chosen one."""
        with self._changed:
            if self._remaining == 0:
                return None
            self._remaining -= 1
            return self._when if self._remaining == 0 else None

    def wait(self) -> bool:
        """Block until released; False if the request must be dropped."""
        with self._changed:
            self._held = True
            self._changed.wait_for(lambda: not self._held)
            return not self._dropped
