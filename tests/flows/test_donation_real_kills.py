"""A run's process dies of `kill -9` at its worst moments; a new process finishes, and nothing is there twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from prefect.settings import PREFECT_API_URL

from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.seeds.fund import Fund
from backoffice.sandbox.world import World, new_world
from tests.chaos.donations.conftest import leave_twins
from tests.chaos.donations.site import BRIEFLY, Site
from tests.flows.donations import MINUTE, pass_time, stages

Start = Callable[[], subprocess.Popen[bytes]]
RUN = "from flows.donation_reconciliation import donation_reconciliation; donation_reconciliation()"
# Prefect's server on SQLite may leave a request unanswered for a minute before its client asks again.
PATIENCE_SECONDS = 180
DEALS, MERGE = 1, 3
"""Which of the writing requests makes the deals, and which merges a donor's contacts."""
ANSWER_SECONDS = 20
TICK = 10 * MINUTE


@pytest.fixture
def world() -> World:
    """Time passes in the portal as it does for the processes."""
    return new_world(frozen=False)


@pytest.fixture
def quick_settling(connected: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal that never works on a request for longer than two seconds."""
    usual = Path(os.environ["PORTAL_TOML"]).read_text(encoding="utf-8")
    quick = tmp_path / "portal.toml"
    quick.write_text(usual.replace("settle_seconds = 70", "settle_seconds = 2"), encoding="utf-8")
    monkeypatch.setenv("PORTAL_TOML", str(quick))


@pytest.fixture
def start(
    prefect: None, quick_settling: None, world: World, fund: Fund, reconcile: Callable[..., None]
) -> Iterator[Start]:
    """Starts a run in a process of its own, on a site where everything has happened; none is left behind."""
    world.leyka.switches = replace(world.leyka.switches, signs_by="wall")
    leave_twins(fund, world)
    site = Site(world, BRIEFLY)
    site.live(site.ahead)
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PREFECT_API_URL": str(PREFECT_API_URL.value()), "SMTP_CONNECTIONS": "1"}
        started.append(subprocess.Popen([sys.executable, "-c", RUN], env=environment))  # noqa: S603 — ours
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("write_request", "when", "executed"),
    [(DEALS, "after", True), (MERGE, "before", False), (MERGE, "before", True)],
    ids=["deals made and not remembered", "merge never done", "merge done late"],
)
def test_a_killed_process_is_followed_by_one_that_finishes(
    world: World, start: Start, write_request: int, when: Literal["before", "after"], executed: bool
) -> None:
    """The portal is the same as after a run that nobody killed, and everybody has one letter."""
    world.hold.arm(write_request, when)
    first = start()
    _until(lambda: world.hold.held, first)
    _kill(first)
    world.hold.release(drop=not executed)
    pass_time(world, TICK)

    assert start().wait(PATIENCE_SECONDS) == 0
    _assert_whole(world)
    assert Counter(_letters(world)) == {"olga@example.org": 1, "oleg@example.org": 1}


def test_a_letter_on_its_way_is_not_sent_again(world: World, start: Start) -> None:
    """It came, and the answer did not; the other one goes with the next run."""
    world.faults.order(Fault(kind="mail_slow", methods="smtp", times=1, seconds=ANSWER_SECONDS))
    first = start()
    _until(lambda: bool(_letters(world)), first)
    _kill(first)

    assert start().wait(PATIENCE_SECONDS) == 0
    _assert_whole(world)
    assert Counter(_letters(world)) == {"olga@example.org": 1, "oleg@example.org": 1}


def _until(reached: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert process.poll() is None, "the run ended before the moment came"
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(0.05)


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def _letters(world: World) -> list[str]:
    return [recipient for letter in world.mailbox.all() for recipient in letter.recipients]


def _assert_whole(world: World) -> None:
    """One deal each, the twin gone and its note kept, each donor one contact."""
    portal = world.portal.dump()
    assert len(portal["deals"]) == len(stages(world)) == 3
    assert Counter(row["LAST_NAME"] for row in portal["contacts"]) == {"Кузнецова": 1, "Орлов": 1, "Лебедева": 1}
    kept = [row["text"] for row in portal["comments"] if "Перезвонить в среду" in row["text"]]
    assert len(kept) == 1
