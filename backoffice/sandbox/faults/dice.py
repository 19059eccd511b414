"""Chance that can be repeated: it depends on the fault, its seed and the position of a request, and on nothing else."""

from dataclasses import dataclass
from random import Random

from backoffice.sandbox.faults.fault import Fault

SHORTEST, LONGEST = 1.0, 60.0


@dataclass(frozen=True)
class Strike:
    """A fault that struck; what is left open in the order is drawn here, at each strike anew."""

    fault: Fault
    position: int  # among what fitted the fault, from 1

    @property
    def seconds(self) -> float:
        """How late, how slow, how long."""
        if self.fault.seconds is not None:
            return self.fault.seconds
        return round(_random(self.fault, self.position, "seconds").uniform(SHORTEST, LONGEST), 3)

    def some_of(self, commands: int) -> int:
        """How many of the commands are carried out: at least one, and never all of them."""
        return _random(self.fault, self.position, "commands").randint(1, commands - 1)


class Dice:
    """One ordered fault and how far it has come."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._fitted, self._struck, self._left = 0, 0, 0

    def throw(self) -> Strike | None:
        """Count something that fits the fault; the strike, if it meets it."""
        self._fitted += 1
        if self._spent or not (self._left or self._lot_falls()):
            return None
        self._left = (self._left or self.fault.burst) - 1
        self._struck += 1
        return Strike(self.fault, self._fitted)

    @property
    def _spent(self) -> bool:
        return self._struck == self.fault.times

    def _lot_falls(self) -> bool:
        late_enough = self._fitted >= self.fault.start
        return late_enough and _random(self.fault, self._fitted, "lot").random() < self.fault.probability


def _random(fault: Fault, position: int, what: str) -> Random:
    return Random(f"{fault.seed}/{fault.kind}/{fault.methods}/{position}/{what}")  # noqa: S311 - to be repeatable
