"""A Bitrix24 portal over its REST API: one call, a listing, many commands.

The client keeps inside the portal's limits and obeys the portal's own «later», where the request was not executed.
It repeats nothing else: what is worth another try is decided by the flow's tasks (`backoffice.retries`).
"""

import logging
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import httpx

from backoffice.bitrix24.batch import BatchResult, Command, Outcome, batch_params, chunks, put_off, read_outcomes
from backoffice.bitrix24.errors import (
    AmbiguousWrite,
    OperatingTimeSpent,
    PortalBusy,
    PortalUnreachable,
    RequestRefused,
    TokenRenewed,
    TryLater,
)
from backoffice.bitrix24.failures import failure, not_sent, seen_by, unanswered, unconnected, weighed
from backoffice.bitrix24.lanes import Lanes
from backoffice.bitrix24.limiter import OPERATING_WINDOW_SECONDS, Budget, Clock, OperatingTime, WallClock
from backoffice.bitrix24.listing import read_by_id, read_by_offset
from backoffice.bitrix24.methods import is_reading, listing_of
from backoffice.bitrix24.transport import Access
from backoffice.bitrix24.wire import Answer, plain, read_envelope

T = TypeVar("T")
Row = dict[str, Any]
Guard = Callable[[list[T]], None]

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1800.0
TIMEOUT = httpx.Timeout(65.0, connect=5.0)
"""TCP and TLS together take 10 s at most: a write counts as sent before them, and as settled 70 s later."""
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
END_OF_BATCH = (AmbiguousWrite, PortalUnreachable, PortalBusy, OperatingTimeSpent)
"""What one request ran into the next would run into as well."""


def _no_guard() -> None:
    """Nothing to check before sending."""


class Portal:
    """One portal behind one webhook or one application; safe to use from many threads."""

    def __init__(
        self,
        access: Access,
        budget: Budget,
        *,
        clock: Clock | None = None,
        lanes: Lanes | None = None,
        operating_seconds: float = 480.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.host = access.host
        self.clock: Clock = clock or WallClock()
        self._budget = budget
        self._lanes = lanes or Lanes()
        self._times = OperatingTime()
        self._operating_seconds = operating_seconds
        self._http = httpx.Client(
            base_url=access.origin,
            transport=access.transport(transport),
            timeout=TIMEOUT,
            headers={"User-Agent": "Backoffice/0.1", "Accept": "application/json"},
        )

    def call(self, method: str, **params: Any) -> Any:
        """Call one method and give its `result`. Raises what errors.py lists."""
        return self.answer(method, params).result

    def answer(self, method: str, params: dict[str, Any]) -> Answer:
        """Call one method and give the whole answer, waiting as long as the portal says «later»."""
        return self._send_patiently(method, params, writes=not is_reading(method))

    def rows(self, method: str, **params: Any) -> Iterator[Row]:
        """All rows of a listing, streamed: by an ID cursor without counting, by offsets where there is no ID filter."""
        listing = listing_of(method)
        if listing.id_key is not None:
            return read_by_id(self, method, listing.id_key, params)
        return read_by_offset(self, method, params)

    def batch(self, commands: Iterable[Command[T]], before_send: Guard[T] | None = None) -> BatchResult[T]:
        """Execute any number of commands, up to 50 a request; one outcome for each command, in their order.

        A failed command does not stop the others. When a request gets no answer, its writes are AmbiguousWrite and
        the commands after it are NotSent; so they are when the portal goes on saying «later» for half an hour.
        `before_send` is told the items of a request when all waiting is over and it is about to leave; it raises
        TryLater to hold the request back.
        """
        outcomes: list[Outcome[T]] = []
        remaining = list(commands)
        while remaining:
            chunk = next(chunks(remaining, self._times))
            del remaining[: len(chunk)]
            sent = self._batch_chunk(chunk, before_send)
            outcomes += sent
            if any(isinstance(outcome.error, END_OF_BATCH) for outcome in sent):
                outcomes += [not_sent(command) for command in remaining]
                break
        return BatchResult(tuple(weighed(outcome, self.clock.time()) for outcome in outcomes))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _batch_chunk(self, chunk: list[Command[T]], before_send: Guard[T] | None) -> list[Outcome[T]]:
        """One request, and further ones for the commands that the portal itself put off."""
        outcomes: dict[int, Outcome[T]] = {}
        todo = dict(enumerate(chunk))
        waited = 0.0
        while todo:
            try:
                sent = dict(zip(todo, self._batch_request(list(todo.values()), before_send), strict=True))
                outcomes |= sent
                later = put_off(sent)
                todo = {index: todo[index] for index in later}
                for index, error in islice(later.items(), 1):
                    waited = self._wait_for(todo[index].method, error, waited)
            except (AmbiguousWrite, TryLater, RequestRefused) as error:
                outcomes |= {index: Outcome(command, error=seen_by(command, error)) for index, command in todo.items()}
                break
        return [outcomes[index] for index in range(len(chunk))]

    def _batch_request(self, chunk: list[Command[T]], before_send: Guard[T] | None) -> list[Outcome[T]]:
        writes = any(not is_reading(command.method) for command in chunk)
        items = [command.item for command in chunk]
        guard = (lambda: before_send(items)) if before_send else _no_guard
        try:
            self._leave_time_to_others({command.method for command in chunk})
            answer = self._send_patiently("batch", batch_params(chunk), writes=writes, guard=guard)
        except AmbiguousWrite as error:
            seconds = self.clock.time() - error.sent_at.timestamp()
            self._times.suspect((command.method for command in chunk), seconds / len(chunk))
            raise
        return read_outcomes(chunk, answer.result, self._times)

    def _send_patiently(
        self, method: str, params: dict[str, Any], *, writes: bool, guard: Callable[[], None] = _no_guard
    ) -> Answer:
        """Send until the portal says something else than «later», pacing before each attempt."""
        waited = 0.0
        while True:
            self._wait_for_place()
            guard()
            try:
                return self._send(method, params, writes=writes)
            except TokenRenewed:
                log.info("%s: sending again with a newer access token", method)
            except (PortalBusy, OperatingTimeSpent) as later:
                waited = self._wait_for(method, later, waited)

    def _send(self, method: str, params: dict[str, Any], *, writes: bool) -> Answer:
        request_id = str(uuid.uuid4())
        sent_at = self.clock.time()
        label = f"{method} at {self.host} (request {request_id})"
        try:
            response = self._http.post(f"/{method}.json", json=plain(params), headers={"X-Request-ID": request_id})
        except UNSENT as error:
            raise unconnected(label, self.host, type(error).__name__) from None
        except httpx.RequestError as error:
            raise unanswered(label, type(error).__name__, sent_at, writes=writes) from None
        envelope = read_envelope(label, response)
        if isinstance(envelope, Answer):
            self._times.learn(method, envelope.time)
            return envelope
        raise failure(label, response, envelope, sent_at, writes=writes)

    def _wait_for(self, method: str, later: TryLater, waited: float) -> float:
        """Sleep until the portal may be asked again; gives the sum waited, or raises when that is enough."""
        pause = max(later.wait, 1.0 + waited / 2)
        if isinstance(later, OperatingTimeSpent):
            pause = max(later.wait, min(self._times.reset_at(method) - self.clock.time(), OPERATING_WINDOW_SECONDS))
        if waited + pause > PATIENCE_SECONDS:
            raise later
        log.info("%s: waiting %.0f s, as the portal asks", method, pause)
        self._pause(pause)
        return waited + pause

    def _wait_for_place(self) -> None:
        with self._lanes.turn(self.clock.time()) as lane:
            self._pause(self._budget.take(lane=lane))

    def _leave_time_to_others(self, methods: Collection[str]) -> None:
        now = self.clock.time()
        if self._lanes.next_is_bulk(now):
            self._pause(self._times.rest(methods, self._operating_seconds, now))

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self.clock.sleep(seconds)
