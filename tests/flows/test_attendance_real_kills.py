"""A run's process dies of `kill -9` while the portal holds its request; a new process finishes the import."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from prefect.settings import PREFECT_API_URL

from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World, new_world

Start = Callable[[int], subprocess.Popen[bytes]]
RUN = "import sys; from flows.attendance_import import attendance_import; attendance_import(event_id=int(sys.argv[1]))"
# Prefect's server on SQLite may leave a request unanswered for a minute before its client asks again.
PATIENCE_SECONDS = 180


@pytest.fixture
def world() -> World:
    """Time passes in the portal as it does for the processes."""
    return new_world(frozen=False)


@pytest.fixture
def event_id(world: World, prefect: None, below_the_engine: None, quick_settling: None) -> int:
    """The seminar, over since an hour, on a portal that is set up."""
    from flows.portal_setup import portal_setup

    seed = plant(world, "seminar")
    portal_setup.fn()
    world.clock.advance(timedelta(hours=3).total_seconds())
    return int(seed["event_id"])


@pytest.fixture
def quick_settling(connected: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal that never works on a request for longer than two seconds."""
    usual = Path(os.environ["PORTAL_TOML"]).read_text(encoding="utf-8")
    quick = tmp_path / "portal.toml"
    quick.write_text(usual.replace("settle_seconds = 70", "settle_seconds = 2"), encoding="utf-8")
    monkeypatch.setenv("PORTAL_TOML", str(quick))


@pytest.fixture
def start(prefect: None) -> Iterator[Start]:
    """Starts an import of the event in a process of its own; none is left behind."""
    started: list[subprocess.Popen[bytes]] = []

    def start(event_id: int) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PREFECT_API_URL": str(PREFECT_API_URL.value())}
        started.append(subprocess.Popen([sys.executable, "-c", RUN, str(event_id)], env=environment))  # noqa: S603 — ours
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("write_request", "when", "executed"),
    [(2, "before", False), (2, "before", True), (3, "after", True)],
    ids=["contacts, never done", "contacts, done late", "elements, done"],
)
def test_a_killed_process_is_followed_by_one_that_finishes(
    world: World, start: Start, event_id: int, write_request: int, when: Literal["before", "after"], executed: bool
) -> None:
    """The portal is the same as after an import that nobody killed, with nothing lost and nothing twice."""
    world.hold.arm(write_request, when)
    first = start(event_id)
    _until_held(world, first)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    world.hold.release(drop=not executed)

    assert start(event_id).wait(PATIENCE_SECONDS) == 0
    _assert_whole(world.portal.dump())


def _until_held(world: World, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not world.hold.held:
        assert process.poll() is None, "the run ended before the portal held its request"
        assert time.monotonic() < deadline, "the portal never held a request"
        time.sleep(0.05)


def _assert_whole(portal: dict[str, Any]) -> None:
    """Every confirmed ticket has one element, and every newcomer one contact."""
    elements = portal["lists"][0]["elements"]
    codes = [element["code"] for element in elements]
    assert len(codes) == len(set(codes)) == 16
    origins = [contact["ORIGIN_ID"] for contact in portal["contacts"] if contact.get("ORIGIN_ID")]
    assert len(origins) == len(set(origins)) == 8
    assert len(portal["contacts"]) == 12 + 8
