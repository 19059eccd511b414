"""Answers that take their time, for whoever measures clients."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

from backoffice.sandbox.bitrix24.limits import OperatingTime
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.world import World, new_world

Ask = Callable[..., httpx.Response]


@pytest.fixture
def world() -> World:
    """Its clock ticks."""
    return new_world()


def test_an_answer_leaves_no_sooner_than_told(ask: Ask, world: World) -> None:
    """So long for a request, and so long for each command of it; a refusal takes its time as well."""
    world.portal.config.request_seconds, world.portal.config.command_seconds = 0.1, 0.05
    assert seconds(lambda: ask("batch", cmd={"a": "profile", "b": "profile"})) >= 0.2
    world.portal.config.bucket_size = 1
    assert seconds(lambda: ask("profile")) >= 0.15
    assert world.log.counters()["rejected"]["503"] == 1


def test_the_sandbox_knows_by_how_much_it_was_late(ask: Ask, world: World) -> None:
    world.portal.config.request_seconds = 1e-9
    ask("profile")
    assert 0 < world.portal.pace.behind < 10


def test_the_time_told_is_the_time_a_command_takes(ask: Ask, world: World) -> None:
    """`duration` is what clients go by when they choose how much to put into a batch."""
    world.portal.config.command_seconds = 0.05
    told = ask("batch", cmd={"a": "profile"}).json()["result"]["result_time"]["a"]
    assert told["duration"] >= 0.05


def test_counting_costs_as_much_as_there_is_to_count(ask: Ask, call: Callable[..., Any], world: World) -> None:
    """settings/performance/huge-data.md: with `start` = -1 nothing is counted."""
    for _ in range(3):
        call("crm.deal.add", fields={"TITLE": "Сделка"})
    world.portal.config.count_seconds = 1.0
    for start, cost in ((-1, 0.07), (0, 3.07)):
        world.portal.operating = OperatingTime(world.clock, world.portal.config)
        assert ask("crm.deal.list", start=start).json()["time"]["operating"] == pytest.approx(cost)


def test_what_nobody_waits_for_is_still_under_way(webhook: httpx.Client, world: World) -> None:
    """Until it is executed."""
    world.faults.order(Fault(kind="slow", seconds=0.5))
    with pytest.raises(httpx.ReadTimeout):
        webhook.post("user.current", timeout=0.1)
    assert world.log.under_way == 1
    ended = monotonic() + 10
    while world.log.under_way and monotonic() < ended:
        sleep(0.01)
    assert world.log.under_way == 0


def seconds(act: Callable[[], object]) -> float:
    began = monotonic()
    act()
    return monotonic() - began
