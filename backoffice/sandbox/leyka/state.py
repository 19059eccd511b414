"""The site: its donations, and the outbox in which leyka-bridge writes down what happens to them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from backoffice.sandbox.clock import Clock
from backoffice.sandbox.leyka.donations import Donation, body_of, spelled

SITE = "https://fund.example.org"
SECRET = "sandbox-leyka-secret"  # noqa: S105 -- opens nothing but the sandbox
FIRST_DONATION = 47


@dataclass(frozen=True)
class Switches:
    """How this site behaves."""

    proxy_answers: bool = False
    """Something before the receiver has answered 200 to a delivery that met a fault: the site counts it as taken.

    Otherwise it had no answer and tries again, so that nothing is ever lost for good."""
    empty_maps: Literal["object", "list"] = "object"
    """How an empty map is written; PHP is prone to `[]`."""
    signs_by: Literal["sandbox", "wall"] = "sandbox"
    """Whose clock stands in signatures; the wall's for a receiver that knows of no other."""
    url: str = ""
    """Where deliveries go; nowhere if empty."""
    secret: str = SECRET


@dataclass
class Event:
    """A row of the outbox. `donation` is frozen when the request that made it ends, None if it was gone by then."""

    seq: int
    event_id: str
    kind: str
    donation_id: int
    old_status: str | None
    new_status: str | None
    occurred_at: datetime
    donation: dict[str, Any] | None = None
    attempts: int = 0
    delivered: bool = False

    def body(self) -> dict[str, Any]:
        """As it is delivered and pulled."""
        return {
            "schema": 1,
            "site": SITE,
            "seq": self.seq,
            "event_id": self.event_id,
            "kind": self.kind,
            "donation_id": self.donation_id,
            "old_status": self.old_status,
            "new_status": self.new_status,
            "occurred_at": spelled(self.occurred_at, milliseconds=True),
            "donation": self.donation,
        }


class LeykaState:
    """Donations by id, and the outbox in its order."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.delivering = threading.Lock()
        self.switches = Switches()
        self.clear()

    def clear(self) -> None:
        """Forget the donations and the outbox and number from the beginning; the switches stay."""
        with self.lock:
            self.donations: dict[int, Donation] = {}
            self.outbox: list[Event] = []
            self.ids = count(FIRST_DONATION)
            self.retry_at: datetime | None = None
            self._open: list[Event] = []
            self._then: datetime | None = None

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """What happens inside happened then."""
        with self.lock:
            before, self._then = self._then, moment
            try:
                yield
            finally:
                self._then = before

    def now(self) -> datetime:
        """When what happens happens."""
        return self._then or self.clock.now()

    @contextmanager
    def request(self) -> Iterator[None]:
        """One request to the site: what happens in it is frozen at its end."""
        with self.lock:
            yield
            for event in self._open:
                event.donation = self.shown(event.donation_id)
            self._open.clear()

    def note(self, kind: str, donation: Donation, old: str | None = None, new: str | None = None) -> Event:
        """Write down that something happened."""
        seq, now = len(self.outbox) + 1, self.now()
        event = Event(seq, str(uuid5(NAMESPACE_URL, f"{SITE} {seq} {now}")), kind, donation.id, old, new, now)
        self.outbox.append(event)
        self._open.append(event)
        return event

    def freeze(self, event: Event) -> None:
        """At once, not when the request ends."""
        event.donation = self.shown(event.donation_id)
        self._open.remove(event)

    def forget_deliveries(self) -> None:
        """Everything in the outbox waits again."""
        with self.lock:
            for event in self.outbox:
                event.delivered = False

    def shown(self, donation_id: int) -> dict[str, Any] | None:
        """The donation as it is now."""
        donation = self.donations.get(donation_id)
        empty: Any = {} if self.switches.empty_maps == "object" else []
        return None if donation is None else body_of(donation, empty=empty)

    def signing_moment(self) -> datetime:
        return self.clock.now() if self.switches.signs_by == "sandbox" else datetime.now(UTC)
