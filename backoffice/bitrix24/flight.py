"""Requests under way at the same time.

The caller's thread decides what is sent, waits for its place and takes the answers in; the threads here only carry one
request each to the portal and bring the answer back. So nothing that waits or keeps count is done by two at once.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Generic, Self, TypeVar

Sent = TypeVar("Sent")
Answered = TypeVar("Answered")


class Flight(Generic[Sent, Answered]):
    """Carries requests by `carry`; leaving it waits until the last of them has landed."""

    def __init__(self, carry: Callable[[Sent], Answered], most: int) -> None:
        self._carry = carry
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="portal")
        self._under_way: dict[Future[Answered], Sent] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def __len__(self) -> int:
        return len(self._under_way)

    @property
    def landed(self) -> bool:
        """Whether an answer is there already."""
        return any(future.done() for future in self._under_way)

    def send(self, request: Sent, *, alone: bool = False) -> None:
        """Let a request leave; one that will be alone on its way is carried by the caller's own thread, at once."""
        future = _done(self._carry, request) if alone else self._threads.submit(self._carry, request)
        self._under_way[future] = request

    def receive(self) -> tuple[Sent, Future[Answered]]:
        """The next request that has landed, and its result; of several the one that left first."""
        wait(self._under_way, return_when=FIRST_COMPLETED)
        future = next(future for future in self._under_way if future.done())
        return self._under_way.pop(future), future


def _done(carry: Callable[[Sent], Answered], request: Sent) -> Future[Answered]:
    future: Future[Answered] = Future()
    try:
        future.set_result(carry(request))
    except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for, as from a thread
        future.set_exception(error)
    return future
