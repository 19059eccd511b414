"""A way to kill a run at any request that writes."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Literal

import httpx
import pytest

from backoffice import connections
from backoffice.bitrix24 import batch
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.methods import is_reading
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from flows import attendance_import, portal_setup

COMMANDS_A_REQUEST = 4


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


class Killer(httpx.BaseTransport):
    """Passes requests on and dies at the n-th that writes: before it leaves, or after the portal has executed it."""

    death = Killed

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.at: int | None = None
        self.moment: Literal["before", "after"] = "before"
        self.writes = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        writes = _writes(request)
        self.writes += writes
        if writes and self.writes == self.at and self.moment == "before":
            raise Killed
        response = self._inner.handle_request(request)
        if writes and self.writes == self.at:
            response.read()
            raise Killed
        return response

    def close(self) -> None:
        """Live on for the next client."""


def _writes(request: httpx.Request) -> bool:
    method = request.url.path.rsplit("/", 1)[-1].removesuffix(".json")
    if method != "batch":
        return not is_reading(method)
    commands = json.loads(request.read())["cmd"].values()
    return any(not is_reading(command.split("?")[0]) for command in commands)


@pytest.fixture
def killer(connected: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Killer]:
    """Every client of this process talks through the killer, four commands a request."""
    transport = Killer()
    monkeypatch.setattr(connections, "Portal", partial(Portal, transport=transport))
    monkeypatch.setattr(batch, "MAX_COMMANDS", COMMANDS_A_REQUEST)
    monkeypatch.setattr(attendance_import, "PORTION", 2 * COMMANDS_A_REQUEST)
    yield transport
    transport._inner.close()


@pytest.fixture
def event_id(world: World, killer: Killer, below_the_engine: None) -> int:
    """The seminar of the demonstration, over since an hour, on a portal that is set up."""
    seed = plant(world, "seminar")
    portal_setup.portal_setup.fn()
    world.clock.advance(timedelta(hours=3).total_seconds())
    killer.writes = 0
    return int(seed["event_id"])
