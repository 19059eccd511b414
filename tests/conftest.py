"""The outside world for every test: a sandbox on a frozen clock, in strict mode."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings as hypothesis_settings
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.sandbox.app import create_app
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.leyka.state import SECRET
from backoffice.sandbox.mail.reception import Reception
from backoffice.sandbox.mail.server import receiving
from backoffice.sandbox.seeds.fund import Fund
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.server import at_rest, serving
from backoffice.sandbox.timepad.state import ORGANIZATION_ID
from backoffice.sandbox.timepad.state import TOKEN as TIMEPAD_TOKEN
from backoffice.sandbox.world import World, new_world

if TYPE_CHECKING:
    from sqlalchemy import Engine


# How long an example takes says more about the machine than about us.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")


@pytest.fixture
def world() -> World:
    """An empty portal and an empty Timepad; the clock stands unless moved or spent by the portal's work."""
    return new_world(frozen=True)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator["Engine"]:
    """An empty store in a file of SQLite."""
    from backoffice.store.engine import open_engine, upgrade  # which the pure tests can do without

    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


class Stage:
    """What the one server of a test session shows: the world of the test that runs."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def stage() -> Iterator[tuple[Stage, str]]:
    """The server and its base URL; started once, because a start and a stop cost a quarter of a second."""
    stage = Stage()
    with serving(stage) as base_url:
        yield stage, base_url


@pytest.fixture
def sandbox(world: World, stage: tuple[Stage, str]) -> Iterator[str]:
    """The base URL of a server over `world`."""
    shown, base_url = stage
    shown.app = create_app(world)
    with at_rest(world):
        yield base_url


@pytest.fixture(scope="session")
def reception() -> Iterator[tuple[Reception, tuple[str, int]]]:
    """The mail server and where it listens; started once, and shown the world of the test that runs."""
    reception = Reception(new_world(frozen=True))
    with receiving(reception) as address:
        yield reception, address


@pytest.fixture
def mail_server(world: World, reception: tuple[Reception, tuple[str, int]]) -> tuple[str, int]:
    """Host and port of an SMTP server, plain and without a login, whose letters come into `world.mailbox`."""
    taking, address = reception
    taking.world = world
    return address


@pytest.fixture
def connected(world: World, sandbox: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of an installation beside the sandbox: a store of its own, and the portal.toml of the repository."""
    from backoffice import connections  # opens the store, which the pure tests can do without
    from backoffice.bitrix24.lanes import Lanes
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
    monkeypatch.setattr(connections, "LANES", Lanes())
    monkeypatch.setenv("PORTAL_FACTS", str(tmp_path / "portal.facts.json"))
    remembered = (settings, connections.store, connections.words, connections.facts)
    for one in remembered:
        one.cache_clear()
    yield
    connections.store().dispose()
    for one in remembered:
        one.cache_clear()


@pytest.fixture
def below_the_engine(connected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flows call the code of their tasks directly, without Prefect; what would be published goes nowhere."""
    from prefect import Task  # takes seconds to import, which the pure tests can do without

    from flows import (
        attendance_import,
        donation_reconciliation,
        lesson_reminders,
        message_desk,
        portal_probe,
        portal_setup,
        preview_letter,
        repeat_sale_calls,
    )

    processes = (attendance_import, donation_reconciliation, lesson_reminders, repeat_sale_calls)
    for flow in (*processes, message_desk, portal_probe, portal_setup, preview_letter):
        for name, value in list(vars(flow).items()):
            if isinstance(value, Task):
                silent = name.startswith(("publish_", "name_"))
                monkeypatch.setattr(flow, name, (lambda *_: None) if silent else value.fn)


@pytest.fixture
def run_import(world: World, below_the_engine: None) -> Callable[[int], None]:
    """Import one event as the flow does it."""
    from backoffice.rules.attendance_facts import CONFIRMED_STATUSES
    from backoffice.rules.attendance_plan import Policy
    from flows.attendance_import import import_event
    from tasks.events import read_event

    def run(event_id: int, **policy: Any) -> None:
        confirmed = Policy(frozenset(CONFIRMED_STATUSES), **policy)
        import_event.fn(read_event.fn(event_id), confirmed, world.clock.now(), dry_run=False)

    return run


@pytest.fixture
def school(world: World) -> School:
    """The portal of a school: its funnel, its fields; no courses and no deals yet."""
    return School(world)


@pytest.fixture
def letters_go(mail_server: tuple[str, int], connected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters leave by the sandbox's mail server."""
    from backoffice.settings import settings

    host, port = mail_server
    monkeypatch.setenv("SMTP_HOST", host)
    monkeypatch.setenv("SMTP_PORT", str(port))
    monkeypatch.setenv("SMTP_SECURITY", "none")
    settings.cache_clear()


@pytest.fixture
def sweep(school: School, letters_go: None, below_the_engine: None) -> Callable[..., None]:
    """One sweep of lesson reminders, letters by the sandbox's mail server."""
    from flows.lesson_reminders import lesson_reminders

    return lesson_reminders.fn


@pytest.fixture
def fund(world: World) -> Fund:
    """The portal of a fund: its funnel, its fields; no donors and no deals yet."""
    return Fund(world)


@pytest.fixture
def reconcile(
    fund: Fund, sandbox: str, letters_go: None, below_the_engine: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """One run of donation reconciliation; the site's deliveries wait where nobody takes them to the gateway."""
    from backoffice.settings import settings
    from flows.donation_reconciliation import donation_reconciliation

    monkeypatch.setenv("LEYKA_SITE_URL", f"{sandbox}/leyka")
    monkeypatch.setenv("LEYKA_SECRET", SECRET)
    settings.cache_clear()
    return donation_reconciliation.fn


@pytest.fixture
def wholesale(world: World) -> Wholesale:
    """The portal of a wholesaler: the fields of its cards; no clients and no deals yet."""
    return Wholesale(world)


@pytest.fixture
def call_clients(wholesale: Wholesale, below_the_engine: None) -> Callable[..., None]:
    """One run of repeat-sale calls."""
    from flows.repeat_sale_calls import repeat_sale_calls

    return repeat_sale_calls.fn
