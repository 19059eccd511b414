"""A Bitrix24 portal over its REST API: one call, a listing, many commands.

The client keeps inside the portal's limits and obeys the portal's own «later», where the request was not executed.
It repeats nothing else: what is worth another try is decided by the flow's tasks (`backoffice.retries`).
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from backoffice.bitrix24.batch import (
    BatchResult,
    Command,
    Outcome,
    batch_params,
    chunks,
    not_executed,
    read_outcomes,
)
from backoffice.bitrix24.errors import (
    BROKEN_PORTAL_CODES,
    AmbiguousWrite,
    NotSent,
    OperatingTimeSpent,
    PortalBusy,
    PortalError,
    PortalUnreachable,
    RequestRefused,
    TryLater,
)
from backoffice.bitrix24.limiter import Budget, Clock, OperatingTime, WallClock
from backoffice.bitrix24.listing import read_by_id, read_by_offset
from backoffice.bitrix24.methods import is_reading, listing_of
from backoffice.bitrix24.transport import Webhook, WebhookTransport
from backoffice.bitrix24.wire import Answer, plain, read_envelope

T = TypeVar("T")
Row = dict[str, Any]
Guard = Callable[[list[T]], None]

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1800.0
TIMEOUT = httpx.Timeout(65.0, connect=10.0)
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def _no_guard() -> None:
    """Nothing to check before sending."""


class Portal:
    """One portal behind one inbound webhook; safe to use from many threads."""

    def __init__(
        self,
        webhook: Webhook,
        budget: Budget,
        *,
        clock: Clock | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.host = webhook.host
        self.clock: Clock = clock or WallClock()
        self._budget = budget
        self._times = OperatingTime()
        self._http = httpx.Client(
            base_url=webhook.origin,
            transport=WebhookTransport(webhook, transport),
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
        the commands after it are NotSent. `before_send` is told the items of a request when all waiting is over and
        it is about to leave; it raises TryLater to hold the request back.
        """
        outcomes: list[Outcome[T]] = []
        remaining = list(commands)
        while remaining:
            chunk = next(chunks(remaining, self._times))
            del remaining[: len(chunk)]
            sent = self._batch_chunk(chunk, before_send)
            outcomes += sent
            if any(isinstance(outcome.error, AmbiguousWrite | PortalUnreachable) for outcome in sent):
                outcomes += [_not_sent(command) for command in remaining]
                break
        return BatchResult(tuple(outcomes))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _batch_chunk(self, chunk: list[Command[T]], before_send: Guard[T] | None) -> list[Outcome[T]]:
        """One request, and further ones for the commands that the portal itself put off."""
        outcomes: dict[int, Outcome[T]] = {}
        todo = list(enumerate(chunk))
        waited = 0.0
        while todo:
            sent = self._batch_request([command for _, command in todo], before_send)
            outcomes.update(zip((index for index, _ in todo), sent, strict=True))
            put_off = [(i, outcomes[i]) for i, _ in todo if not_executed(outcomes[i])]
            later = put_off[0][1].error if put_off else None
            if not isinstance(later, PortalBusy | OperatingTimeSpent):
                break
            waited = self._wait_for(put_off[0][1].command.method, later, waited)
            todo = [(index, chunk[index]) for index, _ in put_off]
        return [outcomes[index] for index in range(len(chunk))]

    def _batch_request(self, chunk: list[Command[T]], before_send: Guard[T] | None) -> list[Outcome[T]]:
        writes = any(not is_reading(command.method) for command in chunk)
        items = [command.item for command in chunk]
        guard = (lambda: before_send(items)) if before_send else _no_guard
        try:
            answer = self._send_patiently("batch", batch_params(chunk), writes=writes, guard=guard)
        except (AmbiguousWrite, TryLater, RequestRefused) as error:
            return [Outcome(command, error=_seen_by(command, error)) for command in chunk]
        return read_outcomes(chunk, answer.result, self._times)

    def _send_patiently(
        self, method: str, params: dict[str, Any], *, writes: bool, guard: Callable[[], None] = _no_guard
    ) -> Answer:
        """Send until the portal says something else than «later», pacing before each attempt."""
        waited = 0.0
        while True:
            self._pause(self._budget.take())
            guard()
            try:
                return self._send(method, params, writes=writes)
            except (PortalBusy, OperatingTimeSpent) as later:
                waited = self._wait_for(method, later, waited)

    def _send(self, method: str, params: dict[str, Any], *, writes: bool) -> Answer:
        request_id = str(uuid.uuid4())
        sent_at = self.clock.time()
        label = f"{method} at {self.host} (request {request_id})"
        try:
            response = self._http.post(f"/{method}.json", json=plain(params), headers={"X-Request-ID": request_id})
        except UNSENT as error:
            raise PortalUnreachable(f"{label}: no connection: {type(error).__name__}") from None
        except httpx.TransportError as error:
            raise _unanswered(label, type(error).__name__, sent_at, writes=writes) from None
        envelope = read_envelope(label, response)
        if isinstance(envelope, Answer):
            self._times.learn(method, envelope.time)
            return envelope
        raise _failure(label, response, envelope, sent_at, writes=writes)

    def _wait_for(self, method: str, later: TryLater, waited: float) -> float:
        """Sleep until the portal may be asked again; gives the sum waited, or raises when that is enough."""
        pause = max(later.wait, 1.0 + waited / 2)
        if isinstance(later, OperatingTimeSpent):
            pause = max(later.wait, self._times.reset_at(method) - self.clock.time())
        if waited + pause > PATIENCE_SECONDS:
            raise later
        log.info("%s: waiting %.0f s, as the portal asks", method, pause)
        self._pause(pause)
        return waited + pause

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self.clock.sleep(seconds)


def _unanswered(label: str, reason: str, sent_at: float, *, writes: bool) -> PortalError:
    if writes:
        return AmbiguousWrite(f"{label}: no answer: {reason}", sent_at=datetime.fromtimestamp(sent_at, UTC))
    return PortalUnreachable(f"{label}: no answer: {reason}")


def _failure(
    label: str, response: httpx.Response, error: PortalError | None, sent_at: float, *, writes: bool
) -> PortalError:
    """Tell the portal's own refusal from a server that broke on the way."""
    broken = isinstance(error, RequestRefused) and error.code.casefold() in BROKEN_PORTAL_CODES
    if error is not None and not broken:
        return error
    if error is None and response.status_code == 429:
        return PortalBusy(f"{label}: HTTP 429", wait=_retry_after(response))
    return _unanswered(label, f"HTTP {response.status_code}", sent_at, writes=writes)


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 1.0


def _seen_by(command: Command[T], error: PortalError) -> PortalError:
    """What a request's failure means for one of its commands: a reading one is never ambiguous."""
    if isinstance(error, AmbiguousWrite) and is_reading(command.method):
        return PortalUnreachable(str(error))
    return error


def _not_sent(command: Command[T]) -> Outcome[T]:
    return Outcome(command, error=NotSent(f"{command.method}: not sent, the portal did not answer the request before"))
