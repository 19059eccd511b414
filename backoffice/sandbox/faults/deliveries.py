"""Outgoing webhooks on a bad line: lost, doubled, overtaken, late."""

from collections.abc import Callable
from typing import TypeVar

from backoffice.sandbox.clock import Clock
from backoffice.sandbox.faults.fault import DELIVERY_KINDS, Fault
from backoffice.sandbox.faults.late import Act, Late
from backoffice.sandbox.faults.plan import Faults
from backoffice.sandbox.request_log import Request, RequestLog

T = TypeVar("T")


class Deliveries:
    """Every delivery of Bitrix24, of Timepad and of Leyka passes here."""

    def __init__(self, faults: Faults, late: Late, log: RequestLog, clock: Clock) -> None:
        self._faults, self._late, self._log, self._clock = faults, late, log, clock
        self._overtaken: list[Act] = []

    def send(self, event: str, send: Callable[[], T]) -> list[T]:
        """Deliver as often as the faults let it; what `send` gave for each time that it happened at once."""
        waiting = list(self._overtaken)
        sent = [send() for _ in range(self._times_now(event, send))]
        if sent:
            self._go(waiting)
        return sent

    def _times_now(self, event: str, send: Act) -> int:
        strike = self._faults.meet(event, lambda fault: _fits(fault, event))
        if strike is None:
            return 1
        self._log.note(Request(self._clock.now(), "webhook", event, 0, fault=strike.fault.kind))
        if strike.fault.kind == "hook_doubled":
            return 2
        if strike.fault.kind == "hook_late":
            self._late.after(strike.seconds, send)
        if strike.fault.kind == "hook_reordered":
            self._hold_back(strike.seconds, send)
        return 0

    def _hold_back(self, seconds: float, send: Act) -> None:
        self._overtaken.append(send)
        self._late.after(seconds, lambda: self._go([send]))

    def _go(self, waiting: list[Act]) -> None:
        for send in waiting:
            if send in self._overtaken:
                self._overtaken.remove(send)
                send()


def _fits(fault: Fault, event: str) -> bool:
    return fault.kind in DELIVERY_KINDS and fault.matches(event)
