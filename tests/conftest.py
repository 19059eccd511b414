"""The outside world for every test: a sandbox on a frozen clock, in strict mode."""

from collections.abc import Iterator

import pytest

from backoffice.sandbox.server import running
from backoffice.sandbox.world import World, new_world


@pytest.fixture
def world() -> World:
    """An empty portal and an empty Timepad; the clock stands unless moved or spent by the portal's work."""
    return new_world(frozen=True)


@pytest.fixture
def sandbox(world: World) -> Iterator[str]:
    """The base URL of a server over `world`."""
    with running(world) as base_url:
        yield base_url
