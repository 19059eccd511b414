"""A run's process dies of `kill -9` while the portal holds its request; a new process finishes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL

from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World, new_world
from backoffice.store import call_tasks
from tests.flows.sales import bindings, tasks

Start = Callable[[], subprocess.Popen[bytes]]
RUN = "from flows.repeat_sale_calls import repeat_sale_calls; repeat_sale_calls()"
# Prefect's server on SQLite may leave a request unanswered for a minute before its client asks again.
PATIENCE_SECONDS = 180
CLIENTS = 3


@pytest.fixture
def world() -> World:
    """Time passes in the portal as it does for the processes."""
    return new_world(frozen=False)


@pytest.fixture
def due(wholesale: Wholesale, connected: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Clients to be called, by what their tasks are to be bound to; a request takes the portal two seconds at most."""
    usual = Path(os.environ["PORTAL_TOML"]).read_text(encoding="utf-8")
    quick = tmp_path / "portal.toml"
    quick.write_text(usual.replace("settle_seconds = 70", "settle_seconds = 2"), encoding="utf-8")
    monkeypatch.setenv("PORTAL_TOML", str(quick))
    clients = [wholesale.company(f"Лавка {number}") for number in range(CLIENTS)]
    return [{client, f"D_{wholesale.deal(client)}"} for client in clients]


@pytest.fixture
def start(prefect: None, due: list[set[str]]) -> Iterator[Start]:
    """Starts a run in a process of its own; none is left behind."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PREFECT_API_URL": str(PREFECT_API_URL.value())}
        started.append(subprocess.Popen([sys.executable, "-c", RUN], env=environment))  # noqa: S603 — ours
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_killed_process_is_followed_by_one_that_finishes(world: World, start: Start, due: list[set[str]]) -> None:
    """The tasks were made and nobody was told: the next process finds them, and makes none again."""
    world.hold.arm(1, "after")
    first = start()
    _until_held(world, first)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    world.hold.release()
    assert _known() == {("planned", None)}

    assert start().wait(PATIENCE_SECONDS) == 0
    assert sorted(bindings(world), key=sorted) == sorted(due, key=sorted)
    assert _known() == {("open", task.id) for task in tasks(world)}


def _known() -> set[tuple[str, int | None]]:
    """State and task of the rows of our table."""
    from backoffice import connections  # opens the store

    rows = call_tasks.in_state(connections.store(), connections.portal_host())
    return {(row.state, row.task_id) for row in rows}


def _until_held(world: World, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not world.hold.held:
        assert process.poll() is None, "the run ended before the portal held its request"
        assert time.monotonic() < deadline, "the portal never held a request"
        time.sleep(0.05)
