"""Several requests with writes under way at once: order, pairing, and what is known when one of them goes wrong."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from backoffice.bitrix24.batch import BatchResult, Command
from backoffice.bitrix24.bulk import WRITES_ALONE
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import AmbiguousWrite, NotSent
from backoffice.bitrix24.limiter import MAX_COMMANDS
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

Adding = Callable[[int], list[Command[str]]]
Origins = Callable[[], list[str]]

ALONE = WRITES_ALONE * MAX_COMMANDS
"""So many writes go in requests one by one."""
PATIENCE = 30.0


@pytest.fixture
def together(wire: "Wire") -> Callable[[httpx.Request], httpx.Response]:
    """A mishap for two requests: neither goes on before both are under way."""
    both = threading.Barrier(2)

    def meet(request: httpx.Request) -> httpx.Response:
        both.wait(PATIENCE)
        return wire.through(request)

    return meet


def standing(world: World) -> dict[int, str]:
    """The origin of each contact that stands in the portal, by id."""
    return {item.id: str(item.values["ORIGIN_ID"]) for item in world.portal.crm.tables["CONTACT"]}


def kinds(result: BatchResult[str], error: type[Exception]) -> list[str]:
    """The items that met the error."""
    return [item for item, met in result.failed if type(met) is error]


def test_a_long_work_has_several_requests_under_way(
    world: World, portal: Portal, wire: "Wire", adding: Adding, together: Callable[[httpx.Request], httpx.Response]
) -> None:
    """After ten requests one by one; every id stands beside its own input, in the order of the inputs."""
    wire.plan(*[wire.through] * WRITES_ALONE, together, together)
    commands = adding(ALONE + 200)
    result = portal.batch(commands)
    assert [item for item, _ in result.done] == [command.item for command in commands]
    assert {contact: item for item, contact in result.done} == standing(world)


def test_a_short_work_has_one_request_under_way(portal: Portal, wire: "Wire", adding: Adding) -> None:
    """What is over after ten requests is never in doubt with more than one of them."""
    threads = set()

    def noted(request: httpx.Request) -> httpx.Response:
        threads.add(threading.current_thread())
        return wire.through(request)

    wire.plan(*[noted] * WRITES_ALONE)
    portal.batch(adding(ALONE)).values()
    assert threads == {threading.current_thread()}


@pytest.mark.parametrize("executed", [True, False])
def test_a_cut_stops_the_work_and_leaves_in_doubt_one_request(
    world: World, portal: Portal, wire: "Wire", adding: Adding, executed: bool
) -> None:
    """What was under way beside it is known with its ids, what was not begun is not done."""
    wire.plan(*[wire.through] * (WRITES_ALONE + 1), wire.cut_after if executed else wire.cut_before)
    result = portal.batch(adding(ALONE + 600))
    doubted, left = kinds(result, AmbiguousWrite), kinds(result, NotSent)
    held = standing(world)
    assert len(doubted) == MAX_COMMANDS
    assert len(result.done) + len(doubted) + len(left) == len(result.outcomes)
    assert {contact: held.pop(contact) for _, contact in result.done} == {number: item for item, number in result.done}
    assert sorted(held.values()) == (sorted(doubted) if executed else [])


def test_a_guard_is_asked_by_the_caller_before_each_request_and_no_more_after_a_cut(
    portal: Portal, wire: "Wire", adding: Adding
) -> None:
    """It may touch what belongs to the caller's thread alone; it is told of all that left and of nothing else."""
    told: list[str] = []

    def guard(items: list[str]) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.extend(items)

    wire.plan(*[wire.through] * (WRITES_ALONE + 1), wire.cut_after)
    result = portal.batch(adding(ALONE + 600), guard)
    left = set(kinds(result, NotSent))
    assert sorted(told) == sorted(item for outcome in result.outcomes if (item := outcome.item) not in left)


def test_a_guard_that_holds_a_request_back_stops_nobody_else(portal: Portal, adding: Adding, origins: Origins) -> None:
    """Its writes are NotSent; those under way and those after it are done."""

    def guard(items: list[str]) -> None:
        if f"person-{ALONE + 51}" in items:
            raise NotSent("held back")

    result = portal.batch(adding(ALONE + 200), guard)
    held = [f"person-{place}" for place in range(ALONE + 51, ALONE + 101)]
    assert kinds(result, NotSent) == held
    assert sorted([*origins(), *held]) == sorted(outcome.item for outcome in result.outcomes)


def test_writes_put_off_while_others_are_under_way_are_done_later_exactly_once(
    world: World, portal: Portal, adding: Adding
) -> None:
    """The operating time is spent in the midst of requests side by side."""
    world.portal.config.operating_limit = 0.3 * (ALONE + 120)
    commands = adding(ALONE + 300)
    result = portal.batch(commands)
    assert [item for item, _ in result.done] == [command.item for command in commands]
    assert {contact: item for item, contact in result.done} == standing(world)
