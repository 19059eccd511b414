"""Outgoing webhooks: the portal tells an address that something changed, once, and does not look back.

Official sources: events/index.md, local-integrations/local-webhooks.md (form-encoded, no signature, no retry).
"""

import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from backoffice.sandbox.bitrix24.config import APPLICATION_TOKEN
from backoffice.sandbox.clock import Clock

MEMBER_ID = "5b6e6b0d4c0f4e5a9e0e2a6f1f6d0a11"
PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class OutgoingWebhook:
    """As configured in the portal's interface; an empty `events` means all of them."""

    id: int
    url: str
    events: frozenset[str]
    application_token: str = APPLICATION_TOKEN


@dataclass(frozen=True)
class Delivery:
    """What became of one call; status 0 when there was no answer, the event is lost then."""

    url: str
    event: str
    status: int


def _good_line(_event: str, send: Callable[[], None]) -> None:
    send()


class Hooks:
    """Deliveries go out one after another from a thread of their own, as `line(event, send)` lets them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: queue.Queue[tuple[OutgoingWebhook, dict[str, str]] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self.line: Callable[[str, Callable[[], None]], object] = _good_line
        self.configured: list[OutgoingWebhook] = []
        self.deliveries: deque[Delivery] = deque(maxlen=1000)

    def configure(
        self, url: str, events: frozenset[str] = frozenset(), application_token: str = APPLICATION_TOKEN
    ) -> OutgoingWebhook:
        """Call `url` for these events (upper case, empty: all) from now on."""
        wanted = frozenset(event.upper() for event in events)
        webhook = OutgoingWebhook(len(self.configured) + 1, url, wanted, application_token)
        self.configured.append(webhook)
        return webhook

    def announce(self, event: str, fields: dict[str, Any]) -> None:
        """Queue the event of a CRM object for every address that wants it; returns at once."""
        self.tell(event, {f"[FIELDS][{name}]": str(value) for name, value in fields.items()})

    def tell(self, event: str, data: dict[str, str]) -> None:
        """The same for an event with data of its own, by the rest of their names: `[FIELDS_AFTER][ID]`."""
        for webhook in self.configured:
            if not webhook.events or event in webhook.events:
                self.line(event, partial(self._put, webhook, self._payload(webhook, event, data)))

    def wait(self) -> None:
        """Until everything announced so far has been tried."""
        self._queue.join()

    def stop(self) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def clear(self) -> None:
        self.configured.clear()
        self.deliveries.clear()

    def _payload(self, webhook: OutgoingWebhook, event: str, data: dict[str, str]) -> dict[str, str]:
        return {
            "event": event,
            "event_handler_id": str(webhook.id),
            **{f"data{name}": value for name, value in data.items()},
            "ts": str(int(self._clock.now().timestamp())),
            "auth[domain]": "sandbox.bitrix24.ru",
            "auth[client_endpoint]": "https://sandbox.bitrix24.ru/rest/",
            "auth[server_endpoint]": "https://oauth.bitrix.info/rest/",
            "auth[member_id]": MEMBER_ID,
            "auth[application_token]": webhook.application_token,
        }

    def _put(self, webhook: OutgoingWebhook, payload: dict[str, str]) -> None:
        self._start()
        self._queue.put((webhook, payload))

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._deliver, name="outgoing-webhooks", daemon=True)
            self._thread.start()

    def _deliver(self) -> None:
        with httpx.Client(timeout=PATIENCE_SECONDS) as client:
            while (task := self._queue.get()) is not None:
                webhook, payload = task
                self.deliveries.append(Delivery(webhook.url, payload["event"], _post(client, webhook.url, payload)))
                self._queue.task_done()
        self._queue.task_done()


def _post(client: httpx.Client, url: str, payload: dict[str, str]) -> int:
    try:
        return client.post(url, data=payload).status_code
    except httpx.HTTPError:
        return 0
