"""A client of the portal in a box, the line between them with its mishaps, and the clock both go by."""

import heapq
import json
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.limiter import Budget, Lane
from backoffice.bitrix24.transport import read_webhook
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.world import World

Mishap = Callable[[httpx.Request], httpx.Response]


class NoLimit:
    """A budget that never runs out."""

    def take(self, requests: int = 1, lane: Lane = "live") -> float:  # noqa: ARG002 - the protocol's signature
        return 0.0

    def found_full(self) -> None:
        """Nothing to take note of."""


class WorldClock:
    """The client's waits pass on the sandbox's clock; what is due meanwhile happens at its time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count()
        self.waits: list[float] = []

    def time(self) -> float:
        return self._world.clock.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        end = self.time() + seconds
        while self._due and self._due[0][0] <= end:
            at, _, happen = heapq.heappop(self._due)
            self._world.clock.advance(max(0.0, at - self.time()))
            happen()
        self._world.clock.advance(max(0.0, end - self.time()))

    def later(self, seconds: float, happen: Callable[[], object]) -> None:
        """Let something happen when so much time has passed."""
        heapq.heappush(self._due, (self.time() + seconds, next(self._numbers), happen))


class Wire(httpx.BaseTransport):
    """Remembers what was sent through it; each next request meets the mishap planned for it, if any."""

    def __init__(self, clock: WorldClock) -> None:
        self._inner = httpx.HTTPTransport()
        self._clock = clock
        self._mishaps: deque[Mishap] = deque()
        self.sent: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.sent.append(request)
        return (self._mishaps.popleft() if self._mishaps else self.through)(request)

    def close(self) -> None:
        """Live on for the next client; `hang_up` closes."""

    def hang_up(self) -> None:
        self._inner.close()

    def plan(self, *mishaps: Mishap) -> None:
        self._mishaps.extend(mishaps)

    def methods(self) -> list[str]:
        """What was asked for, request by request."""
        return [request.url.path.rsplit("/", 1)[-1].removesuffix(".json") for request in self.sent]

    def commands(self, position: int) -> list[str]:
        """The commands of a batch sent."""
        return list(json.loads(self.sent[position].read())["cmd"].values())

    def through(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        response.read()
        return response

    def cut_before(self, request: httpx.Request) -> httpx.Response:
        """The connection breaks and the request never arrives."""
        raise httpx.WriteError(f"broken pipe to {request.url.host}")

    def cut_after(self, request: httpx.Request) -> httpx.Response:
        """The portal executes the request and its answer is lost."""
        self.through(request)
        raise httpx.ReadError("connection reset by peer")

    def no_connection(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"{request.url.host} refused")

    def lands(self, seconds: float) -> Mishap:
        """The connection breaks at once, and the portal executes the request so many seconds later."""

        def mishap(request: httpx.Request) -> httpx.Response:
            self._clock.later(seconds, lambda: self.through(request))
            raise httpx.ReadError("connection reset by peer")

        return mishap

    def answers(self, status: int, body: Any, **headers: str) -> Mishap:
        """Something on the way answers instead of the portal: JSON, or a page when the body is text."""
        content = {"text": body} if isinstance(body, str) else {"json": body}
        return lambda _: httpx.Response(
            status, headers={name.replace("_", "-"): headers[name] for name in headers}, **content
        )

    def edits(self, edit: Callable[[Any], Any]) -> Mishap:
        """The portal executes the request and its answer arrives edited."""

        def mishap(request: httpx.Request) -> httpx.Response:
            response = self.through(request)
            return httpx.Response(response.status_code, json=edit(response.json()))

        return mishap


@pytest.fixture
def clock(world: World) -> WorldClock:
    return WorldClock(world)


@pytest.fixture
def wire(clock: WorldClock) -> Iterator[Wire]:
    wire = Wire(clock)
    yield wire
    wire.hang_up()


@pytest.fixture
def webhook_url(sandbox: str) -> str:
    return f"{sandbox}/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/"


@pytest.fixture
def new_portal(webhook_url: str, clock: WorldClock, wire: Wire) -> Iterator[Callable[..., Portal]]:
    """Makes clients of the portal in a box; without a budget of its own a client is not paced."""
    made: list[Portal] = []

    def make(
        budget: Budget | None = None, url: str = webhook_url, transport: httpx.BaseTransport | None = wire
    ) -> Portal:
        made.append(Portal(read_webhook(url), budget or NoLimit(), clock=clock, transport=transport))
        return made[-1]

    yield make
    for portal in made:
        portal.close()


@pytest.fixture
def portal(new_portal: Callable[..., Portal]) -> Portal:
    return new_portal()


@pytest.fixture
def adding() -> Callable[[int], list[Command[str]]]:
    """Commands that add contacts, each with its origin «person-1», «person-2», … as the item."""

    def commands(number: int) -> list[Command[str]]:
        origins = [f"person-{place}" for place in range(1, number + 1)]
        return [
            Command(
                "crm.contact.add", {"fields": {"NAME": "Анна", "ORIGINATOR_ID": "test", "ORIGIN_ID": origin}}, origin
            )
            for origin in origins
        ]

    return commands


@pytest.fixture
def origins(world: World) -> Callable[[], list[str]]:
    """The origins of the contacts that stand in the portal, in the order of their ids."""
    return lambda: [str(item.values.get("ORIGIN_ID") or "") for item in world.portal.crm.tables["CONTACT"]]
