"""Delivery as the plugin does it: one worker, strict order, until the first that fails; then again after a while."""

import json
import ssl
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial

import httpx

from backoffice.sandbox.faults.deliveries import Deliveries
from backoffice.sandbox.faults.late import Late
from backoffice.sandbox.leyka.signature import EVENT_HEADER, HEADER, signature
from backoffice.sandbox.leyka.state import Event, LeykaState

PATIENCE_SECONDS = 15
FIRST_RETRY_SECONDS = 60
LONGEST_WAIT_SECONDS = 3600


@dataclass(frozen=True)
class Told:
    """What the receiver answered to an event; 0 when there was no answer."""

    seq: int
    status: int


@lru_cache
def _authorities() -> ssl.SSLContext:
    """Loaded once, because that takes longer than a delivery."""
    return httpx.create_ssl_context(trust_env=False)


class Bridge:
    """Takes the outbox to the receiver over a line that may be bad."""

    def __init__(self, site: LeykaState, line: Deliveries, late: Late) -> None:
        self._site, self._line, self._late = site, line, late

    def deliver(self, *, wait: bool = True) -> list[Told]:
        """Everything that waits, in its order; what was told. Without `wait`, nothing if somebody is at it already."""
        if not self._site.delivering.acquire(blocking=wait):
            return []
        try:
            return self._deliver()
        finally:
            self._site.delivering.release()

    def _deliver(self) -> list[Told]:
        told: list[Told] = []
        with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False, verify=_authorities()) as http:
            for event in [event for event in self._site.outbox if not event.delivered]:
                if not self._site.switches.url:
                    return told
                told.append(Told(event.seq, self._tell(http, event)))
                if not event.delivered:
                    self._try_later(event)
                    return told
        return told

    def _tell(self, http: httpx.Client, event: Event) -> int:
        answers = self._line.send(f"leyka.{event.kind}", partial(self._send, event, http))
        event.attempts += 1
        event.delivered = any(200 <= answer < 300 for answer in answers)
        if not answers and self._site.switches.proxy_answers:
            event.delivered = True
        return answers[-1] if answers else 0

    def _send(self, event: Event, http: httpx.Client) -> int:
        switches = self._site.switches
        raw = json.dumps(event.body(), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            HEADER: signature(switches.secret, raw, self._site.signing_moment()),
            EVENT_HEADER: event.event_id,
        }
        try:
            if http.is_closed:  # what is late comes when nobody waits for it any more
                with httpx.Client(trust_env=False, verify=_authorities()) as late:
                    return late.post(switches.url, content=raw, headers=headers).status_code
            return http.post(switches.url, content=raw, headers=headers).status_code
        except httpx.TransportError:
            return 0

    def _try_later(self, event: Event) -> None:
        now, planned = self._site.clock.now(), self._site.retry_at
        if planned is not None and planned > now:
            return
        delay = min(LONGEST_WAIT_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(event.attempts - 1, 10))
        self._site.retry_at = now + timedelta(seconds=delay)
        self._late.after(delay, partial(self.deliver, wait=False))
