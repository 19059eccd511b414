"""A client that works as an application, its tokens in memory, and the authorization server that they come from."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from backoffice.bitrix24.application import Installation
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.oauth import Application, AuthorizationServer
from backoffice.rules.oauth_grant import Grant
from backoffice.sandbox.bitrix24 import applications
from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire, WorldClock


class Purse:
    """Tokens in memory; what the store does for processes, this does for threads."""

    def __init__(self, access_token: str, refresh_token: str, refresh: Callable[[str], Grant]) -> None:
        self.access_token, self.refresh_token = access_token, refresh_token
        self._refresh = refresh
        self._turn = threading.Lock()

    def current(self) -> str:
        return self.access_token

    def refreshed(self, used: str) -> str:
        with self._turn:
            if self.access_token == used:
                grant = self._refresh(self.refresh_token)
                self.access_token, self.refresh_token = grant.access_token, grant.refresh_token
            return self.access_token


class NoLimit:
    """A budget that never runs out, and counts what was asked of it."""

    def __init__(self) -> None:
        self.taken = 0

    def take(self, requests: int = 1, lane: str = "live") -> float:  # noqa: ARG002 - the protocol's signature
        self.taken += requests
        return 0.0

    def found_full(self) -> None:
        """Nothing to take note of."""


@pytest.fixture
def application(world: World) -> applications.Application:
    """Our application as the sandbox's portal knows it."""
    return world.portal.applications.install()


@pytest.fixture
def server(sandbox: str, clock: "WorldClock", wire: "Wire") -> AuthorizationServer:
    """The client of the authorization server, over the same line with its mishaps as the portal's."""
    return AuthorizationServer(Application(APPLICATION_ID, APPLICATION_SECRET), sandbox, clock=clock, transport=wire)


@pytest.fixture
def purse(world: World, application: applications.Application, server: AuthorizationServer) -> Purse:
    pair = world.portal.applications.open(application, user_id=1)
    return Purse(pair.access_token, pair.refresh_token, server.refresh)


@pytest.fixture
def budget() -> NoLimit:
    return NoLimit()


@pytest.fixture
def as_application(
    sandbox: str, purse: Purse, budget: NoLimit, clock: "WorldClock", wire: "Wire"
) -> Callable[..., Portal]:
    """Makes clients that work as the application."""

    def make(endpoint: str = f"{sandbox}/rest/", transport: httpx.BaseTransport | None = wire) -> Portal:
        access = Installation(httpx.URL(endpoint).netloc.decode(), endpoint, purse)
        return Portal(access, budget, clock=clock, transport=transport)

    return make


@pytest.fixture
def portal(as_application: Callable[..., Portal]) -> Portal:
    return as_application()
