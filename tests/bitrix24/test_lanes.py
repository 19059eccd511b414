"""The first requests of a program are live, those of a long work are bulk."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import sleep

import pytest

from backoffice import connections
from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.lanes import LIVE_REQUESTS, QUIET_SECONDS, Lanes
from backoffice.bitrix24.limiter import Lane
from backoffice.sandbox.world import World


class Ledger:
    """A budget that never runs out and remembers the lanes."""

    def __init__(self) -> None:
        self.lanes: list[Lane] = []

    def take(self, requests: int = 1, lane: Lane = "live") -> float:
        self.lanes += [lane] * requests
        return 0.0

    def found_full(self) -> None:
        """Nothing to take note of."""


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def ask(lanes: Lanes, moments: list[float]) -> list[Lane]:
    """The lanes of requests at these moments."""
    asked = []
    for now in moments:
        with lanes.turn(now) as lane:
            asked.append(lane)
    return asked


def test_who_asks_little_is_live_and_who_asks_much_is_bulk() -> None:
    """The first ten requests are live, those that follow bulk, however slowly a busy portal lets them through."""
    asked = ask(Lanes(), [1000.0 + 10 * place for place in range(100)])
    assert asked == ["live"] * LIVE_REQUESTS + ["bulk"] * 90


def test_after_a_quiet_time_a_program_is_live_again() -> None:
    """A program that lives long, as the gateway does, is judged by the last two minutes."""
    lanes = Lanes()
    ask(lanes, [1000.0] * 50)
    assert ask(lanes, [1000.0 + QUIET_SECONDS]) == ["bulk"]
    assert ask(lanes, [1001.0 + 2 * QUIET_SECONDS] * 11) == ["live"] * 10 + ["bulk"]


def test_many_short_batches_are_a_bulk(new_portal: Callable[..., Portal], ledger: Ledger) -> None:
    """A long work cut into batches of one request each, as tasks cut it, is bulk all the same."""
    portal = new_portal(ledger)
    for _ in range(20):
        portal.batch([Command("profile", {}, place) for place in range(20)])
    assert ledger.lanes == ["live"] * 10 + ["bulk"] * 10


def test_listings_become_bulk(
    portal: Portal, new_portal: Callable[..., Portal], ledger: Ledger, adding: Callable[[int], list[Command[str]]]
) -> None:
    """The requests of a listing are counted as any others."""
    portal.batch(adding(600))
    ours = new_portal(ledger)
    for _ in range(7):
        assert len(list(ours.rows("crm.contact.list", select=["ID"]))) == 600
    assert ledger.lanes == ["live"] * 10 + ["bulk"] * 4


def test_the_bulk_threads_of_a_program_wait_one_at_a_time() -> None:
    """Eight threads of one program never stand together in the bulk lane."""
    lanes, standing, most = Lanes(), threading.Semaphore(1), []
    ask(lanes, [1000.0] * LIVE_REQUESTS)

    def wait(_: int) -> None:
        with lanes.turn(1000.0) as lane:
            most.append((lane, standing.acquire(blocking=False)))
            sleep(0.002)
            standing.release()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(wait, range(40)))
    assert most == [("bulk", True)] * 40


def test_a_failed_wait_lets_the_next_one_stand() -> None:
    """An interruption while waiting does not keep the program's place occupied."""
    lanes = Lanes()
    ask(lanes, [1000.0] * LIVE_REQUESTS)
    with suppress(InterruptedError), lanes.turn(1000.0):
        raise InterruptedError
    assert ask(lanes, [1000.0]) == ["bulk"]


@pytest.mark.usefixtures("connected")
def test_the_tasks_of_a_run_are_one_program(world: World) -> None:
    """Every task opens a client of its own; forty tasks leave the headroom free, the next waits until it is."""
    world.portal.config.costs["profile"] = 0.0
    moments = [world.clock.now()]
    for _ in range(41):
        with connections.portal() as portal:
            portal.call("profile")
        moments.append(world.clock.now())
    assert moments[40] == moments[0]
    assert moments[41] > moments[0]
