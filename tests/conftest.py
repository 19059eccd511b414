"""The outside world for every test: a sandbox on a frozen clock, in strict mode."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.server import running
from backoffice.sandbox.timepad.state import ORGANIZATION_ID
from backoffice.sandbox.timepad.state import TOKEN as TIMEPAD_TOKEN
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


@pytest.fixture
def connected(world: World, sandbox: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of an installation beside the sandbox: a store of its own, and the portal.toml of the repository."""
    from backoffice import connections  # opens the store, which the pure tests can do without
    from backoffice.settings import settings

    class SandboxClock:
        """The clients' waits pass on the sandbox's clock."""

        def time(self) -> float:
            return world.clock.now().timestamp()

        def sleep(self, seconds: float) -> None:
            world.clock.advance(seconds)

    monkeypatch.setenv("BITRIX24_WEBHOOK_URL", f"{sandbox}/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.db'}")
    monkeypatch.setenv("TIMEPAD_API_URL", f"{sandbox}/timepad")
    monkeypatch.setenv("TIMEPAD_TOKEN", TIMEPAD_TOKEN)
    monkeypatch.setenv("TIMEPAD_ORGANIZATION_ID", str(ORGANIZATION_ID))
    monkeypatch.setenv("PORTAL_TOML", str(Path(__file__).parents[1] / "portal.toml"))
    monkeypatch.setattr(connections, "_resolved", {})
    monkeypatch.setattr(connections, "CLOCK", SandboxClock())
    remembered = (settings, connections.store, connections.words)
    for one in remembered:
        one.cache_clear()
    yield
    connections.store().dispose()
    for one in remembered:
        one.cache_clear()
