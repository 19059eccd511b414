"""One child process of the stand: started in a group of its own, its words in a log, gone afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deployments.errors import ProgramFailed

PATIENCE_SECONDS = 10.0
TAIL_LINES = 15
LOOK_EVERY_SECONDS = 0.2


@dataclass(frozen=True)
class Program:
    """What to start: arguments of this Python interpreter, and where its output goes."""

    name: str
    arguments: tuple[str, ...]
    log: Path


class Running:
    """A started program. In a group of its own: Ctrl-C on the terminal reaches only us, and we stop things in order."""

    def __init__(self, program: Program, environment: Mapping[str, str], folder: Path) -> None:
        self.program = program
        with program.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter with our own arguments
                [sys.executable, *program.arguments],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is the id of the group too."""
        return self._process.pid

    def wait_until(self, ready: Callable[[], bool], deadline: float) -> None:
        """Return when `ready()` says so; ProgramFailed if the program ends first, or at time.monotonic() `deadline`."""
        while not ready():
            self.demand_alive()
            if time.monotonic() > deadline:
                raise ProgramFailed(self._complaint("не ответила вовремя"))
            time.sleep(LOOK_EVERY_SECONDS)

    def demand_alive(self) -> None:
        """ProgramFailed if the program has ended."""
        if (code := self._process.poll()) is not None:
            raise ProgramFailed(self._complaint(f"завершилась с кодом {code}"))

    def wait(self, deadline: float) -> int:
        """The exit code of a program that ends by itself; ProgramFailed if not before time.monotonic() `deadline`."""
        try:
            return self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise ProgramFailed(self._complaint("не закончила вовремя")) from None

    def stop(self, patience: float = PATIENCE_SECONDS) -> None:
        """Ask the group to end, wait, then end whatever of it is left."""
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._signal(signal.SIGKILL)
        self._process.wait()

    def tail(self) -> str:
        """The last lines of the log, or that it has none."""
        with self.program.log.open(encoding="utf-8", errors="replace") as log:
            return "".join(deque(log, TAIL_LINES)).rstrip() or "(журнал пуст)"

    def _complaint(self, what: str) -> str:
        return f"Программа «{self.program.name}» {what}. Конец журнала {self.program.log}:\n{self.tail()}"

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return
