"""The line to the portal: one request there, one answer back, and what to make of it if there is none."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import httpx

from backoffice.bitrix24.errors import PortalError
from backoffice.bitrix24.failures import failure, unanswered, unconnected
from backoffice.bitrix24.limiter import Clock, OperatingTime
from backoffice.bitrix24.transport import Access, third_path
from backoffice.bitrix24.wire import Answer, plain, read_text

T = TypeVar("T")

TIMEOUT = httpx.Timeout(65.0, connect=5.0)
"""TCP and TLS together take 10 s at most: a write counts as sent before them, and as settled 70 s later."""
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Line:
    """Connections to one portal, kept alive; safe to use from many threads."""

    def __init__(
        self, access: Access, clock: Clock, times: OperatingTime, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._host = access.host
        self._clock = clock
        self._times = times
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="portal-answers")
        self._http = httpx.Client(
            base_url=access.origin,
            transport=access.transport(transport),
            timeout=TIMEOUT,
            headers={"User-Agent": "Backoffice/0.1", "Accept": "application/json"},
        )

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        read: Callable[[Answer], T],
        *,
        writes: bool,
        long: bool = False,
        key: str = "",
    ) -> T:
        """Send one request and give what `read` makes of the answer. Raises what errors.py lists.

        With an idempotency `key` the method is one of REST 3.0, which alone minds it (rest_3.py).
        Of `long` answers forty may come at the same time. They are read one after another, by one thread: the others
        wait in the network, and what they take is one thread's memory.
        """
        request_id = str(uuid.uuid4())
        sent_at = self._clock.time()
        label = f"{method} at {self._host} (request {request_id})"
        path, header = (third_path(method), {"Idempotency-Key": key}) if key else (f"/{method}.json", {})
        asked = {"json": plain(params), "headers": {"X-Request-ID": request_id, **header}}
        try:
            with self._http.stream("POST", path, **asked) as response:
                work = partial(self._read, method, label, response, read)
                envelope = self._reader.submit(work).result() if long else work()
        except UNSENT as error:
            raise unconnected(label, self._host, type(error).__name__) from None
        except httpx.RequestError as error:
            raise unanswered(label, type(error).__name__, sent_at, writes=writes) from None
        if isinstance(envelope, PortalError) or envelope is None:
            raise failure(label, response, envelope, sent_at, writes=writes)
        return envelope

    def _read(
        self, method: str, label: str, response: httpx.Response, read: Callable[[Answer], T]
    ) -> T | PortalError | None:
        # Not response.read(): a response would keep its text until the garbage is collected.
        envelope = read_text(label, response.status_code, b"".join(response.iter_bytes()))
        if not isinstance(envelope, Answer):
            return envelope
        self._times.learn(method, envelope.time)
        return read(envelope)

    def close(self) -> None:
        """Close the connections."""
        self._reader.shutdown(wait=False)
        self._http.close()
