"""What a person reads while the stand works: steps with their time, and expectations with their outcome."""

import sys
import time


class Story:
    """Tells a sequence of steps and remembers which expectations failed."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self.failed: list[str] = []

    def step(self, title: str) -> None:
        """A new step, with the seconds since the beginning."""
        _write(f"\n[{time.monotonic() - self._begun:3.0f} с] {title}")

    def say(self, line: str) -> None:
        """A line of the current step."""
        _write(f"        {line}")

    def expect(self, holds: bool, claim: str) -> None:
        """A line saying whether the claim holds; if not, it is told again at the end."""
        self.say(f"{'верно' if holds else 'НЕВЕРНО'}: {claim}")
        if not holds:
            self.failed.append(claim)

    def fail(self, reason: str) -> None:
        """The story cannot go on; the reason is told at the end."""
        self.failed.append(reason)

    def end(self) -> int:
        """The verdict; 0 if every expectation held."""
        _write("")
        for claim in self.failed:
            _write(f"НЕ ВЫПОЛНЕНО: {claim}")
        spent = f"{time.monotonic() - self._begun:.0f} с"
        _write(f"Не выполнено ожиданий: {len(self.failed)}, {spent}" if self.failed else f"Всё выполнено, {spent}")
        return 1 if self.failed else 0


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
