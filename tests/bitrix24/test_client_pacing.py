"""Keeping inside the portal's request limit, together with everybody else who calls it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.sandbox.world import World
from backoffice.store.portal_budget import SharedBudget

if TYPE_CHECKING:
    from tests.bitrix24.conftest import WorldClock

Adding = Callable[[int], list[Command[str]]]


@pytest.fixture
def paced(engine: Engine, new_portal: Callable[..., Portal], clock: "WorldClock") -> Callable[[], Portal]:
    """Makes clients that share the portal's budget, of 50 requests and 2 a second."""
    return lambda: new_portal(SharedBudget(engine, "portal", 50, 2.0, clock.time))


def test_two_clients_on_one_budget_are_never_refused(
    world: World, paced: Callable[[], Portal], clock: "WorldClock"
) -> None:
    """200 requests in turns: no 503, and the time that the 160 beyond what bulk may fill take at 2 a second."""
    world.portal.config.costs["profile"] = 0.0
    one, other = paced(), paced()
    start = clock.time()
    for _ in range(100):
        one.call("profile")
        other.call("profile")
    assert world.log.counters()["portal_requests"] == 200
    assert world.log.counters()["rejected"]["503"] == 0
    assert 78 <= clock.time() - start <= 82


def test_a_quiet_portal_is_asked_without_waiting(
    world: World, paced: Callable[[], Portal], clock: "WorldClock"
) -> None:
    """Forty requests go at once; ten more are left to whoever comes with a few."""
    world.portal.config.costs["profile"] = 0.0
    bulk, live = paced(), paced()
    for portal, requests in ((bulk, 40), (live, 10)):
        for _ in range(requests):
            portal.call("profile")
    assert clock.waits == []
    bulk.call("profile")
    assert clock.waits == [5.5]


def test_a_stranger_in_the_bucket_is_waited_for(
    world: World, paced: Callable[[], Portal], new_portal: Callable[..., Portal]
) -> None:
    """An unpaced program fills the bucket; ours is refused, waits, and gets its answers all the same."""
    world.portal.config.costs["profile"] = 0.0
    stranger, ours = new_portal(), paced()
    for _ in range(50):
        stranger.call("profile")
    assert ours.batch([Command("profile", {}, place) for place in range(3)]).failed == []
    assert world.log.counters()["rejected"]["503"] > 0


def test_many_threads_share_one_client(
    world: World, portal: Portal, adding: Adding, origins: Callable[[], list[str]]
) -> None:
    """Eight threads write at once through one client: every answer goes to who asked."""
    world.clock.run()
    commands = adding(64)
    start = threading.Barrier(8)

    def write(place: int) -> list[tuple[str, int]]:
        start.wait()
        return portal.batch(commands[place * 8 : place * 8 + 8]).done

    with ThreadPoolExecutor(8) as threads:
        answers = [pair for done in threads.map(write, range(8)) for pair in done]
    standing = {origin: place for place, origin in enumerate(origins(), start=1)}
    assert dict(answers) == standing
    assert len(standing) == 64
