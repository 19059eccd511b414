"""The faults ordered for a world, and those that struck."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from backoffice.sandbox.faults.dice import Dice, Strike
from backoffice.sandbox.faults.fault import Fault


class Faults:
    """Safe to use from many threads. The first fault in the order that strikes wins; one thing meets one fault."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Order nothing, forget what struck."""
        self.order()

    def order(self, *faults: Fault) -> None:
        """These faults from now on instead of those before; counting begins anew."""
        with self._lock:
            self._dice = [Dice(fault) for fault in faults]
            self.history: list[str] = []
            self.fired: Counter[str] = Counter()

    def wants(self, kind: str) -> bool:
        """Whether a fault of the kind is ordered."""
        return any(dice.fault.kind == kind for dice in self._dice)

    def meet(self, what: str, fits: Callable[[Fault], bool]) -> Strike | None:
        """What the next request or delivery meets, if anything; `what` names it in the history."""
        with self._lock:
            for dice in self._dice:
                if fits(dice.fault) and (strike := dice.throw()):
                    self.fired[dice.fault.kind] += 1
                    self.history.append(f"{dice.fault.kind} {strike.position}: {what}")
                    return strike
        return None

    def shown(self) -> dict[str, Any]:
        """As JSON. Ordering the same faults again and asking the same makes the same history."""
        with self._lock:
            return {
                "faults": [dice.fault.model_dump() for dice in self._dice],
                "fired": dict(sorted(self.fired.items())),
                "history": list(self.history),
            }
