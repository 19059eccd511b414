"""What reached the sandbox: the last requests one by one, and counters since the last reset."""

import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

KEPT = 20_000


@dataclass(frozen=True)
class Request:
    """One request, by HTTP or SMTP; `commands` are the methods called in it (one, or `batch` and those inside it).

    `writes` counts the writing ones among them if the request as a whole was executed. `seconds` passed on the
    sandbox's clock, so a batch that a real portal would cut at 60 s can be seen here. `fault` is the kind of the
    ordered fault that it met. A status of 0 means that there was no answer.
    """

    at: datetime
    system: str  # "portal", "timepad", "leyka", "sms", "smtp", or "webhook" for an outgoing one that met a fault
    method: str
    status: int
    commands: tuple[str, ...] = ()
    writes: int = 0
    error: str = ""
    seconds: float = 0.0
    fault: str = ""


class RequestLog:
    """Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[Request] = deque(maxlen=KEPT)
        self._under_way = 0
        self._start_counting()

    @contextmanager
    def following(self) -> Iterator[None]:
        """Around the work at a request."""
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    @property
    def under_way(self) -> int:
        """How many requests to the portal are being worked at, whether or not somebody still waits for the answer."""
        with self._lock:
            return self._under_way

    def note(self, request: Request) -> None:
        with self._lock:
            self._requests.append(request)
            self._by_system[request.system] += 1
            self._by_method.update(request.commands or (request.method,))
            self._writes += request.writes
            if request.fault:
                self._faults[request.fault] += 1
            if request.status in (429, 503):
                self._rejected[str(request.status)] += 1

    def counters(self) -> dict[str, Any]:
        """Requests by system and by method (those inside a batch under their own names), writes, refusals, faults."""
        with self._lock:
            return {
                "http_requests": self._by_system["portal"] + self._by_system["timepad"],
                "portal_requests": self._by_system["portal"],
                "timepad_requests": self._by_system["timepad"],
                "by_method": dict(sorted(self._by_method.items())),
                "writes": self._writes,
                "rejected": {status: self._rejected[status] for status in ("503", "429")},
                "faults": dict(sorted(self._faults.items())),
            }

    def reset_counters(self) -> None:
        with self._lock:
            self._start_counting()

    def rows(self) -> list[dict[str, Any]]:
        """The requests kept, oldest first, ready for JSON."""
        with self._lock:
            return [{**asdict(request), "at": request.at.isoformat()} for request in self._requests]

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()
            self._start_counting()

    def _start_counting(self) -> None:
        self._by_system: Counter[str] = Counter()
        self._by_method: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._writes = 0
