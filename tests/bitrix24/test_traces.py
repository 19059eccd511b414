"""Traces of messages in the timeline: written once, found by their marks."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.doubt import SETTLE
from backoffice.bitrix24.traces import METHOD, find_traces, trace_origin, trace_params
from backoffice.once import Creation, OnceOnly
from backoffice.sandbox.faults.fault import Fault, RequestKind
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

STAMPS = [f"{number:032x}"[::-1] for number in range(0x1000, 0x1003)]


@pytest.fixture
def deals(portal: Portal) -> list[int]:
    return [portal.call("crm.deal.add", fields={"TITLE": "Курс"}) for _ in range(2)]


@pytest.fixture
def trace(portal: Portal, engine: Engine) -> Callable[[int, str], None]:
    """trace(deal, stamp): write a trace as the processes do."""

    def write(deal: int, stamp: str) -> None:
        traces = OnceOnly(portal, engine, "trace", METHOD, partial(find_traces, portal), int, SETTLE)
        creation = Creation(trace_origin(deal, stamp), trace_params(deal, stamp, "Отправлено напоминание"))
        assert not traces.create({stamp: creation}).failures

    return write


@pytest.fixture
def comments(world: World) -> Callable[[], list[tuple[int, str]]]:
    return lambda: [(one.entity_id, one.text) for one in world.portal.crm.comments.values()]


def test_a_trace_ends_in_its_mark(
    deals: list[int], trace: Callable[[int, str], None], comments: Callable[[], list[tuple[int, str]]]
) -> None:
    """People read the text; the mark is short."""
    trace(deals[0], STAMPS[0])
    assert comments() == [(deals[0], f"Отправлено напоминание\n[backoffice:{STAMPS[0][:12]}]")]


@pytest.mark.parametrize("fault", ["cut_after", "cut_before", "broken_after", "html_500"])
def test_a_trace_stands_once_whatever_happened_to_its_request(
    world: World,
    deals: list[int],
    trace: Callable[[int, str], None],
    comments: Callable[[], list[tuple[int, str]]],
    fault: RequestKind,
) -> None:
    """The write in doubt is looked for, and done again only if it was not done."""
    world.faults.order(Fault(kind=fault, methods=METHOD, times=1))
    trace(deals[0], STAMPS[0])
    trace(deals[0], STAMPS[0])
    assert len(comments()) == 1


def test_a_trace_is_found_in_its_deal_among_many(portal: Portal, wire: "Wire", deals: list[int]) -> None:
    """Under the same mark in another deal and above 120 newer comments; deals with few comments cost one request."""
    first, second = deals
    ids = [portal.call(METHOD, **trace_params(deal, STAMPS[0], "Отправлено")) for deal in deals]
    for number in range(120):
        portal.call(METHOD, fields={"ENTITY_TYPE": "deal", "ENTITY_ID": first, "COMMENT": f"Позвонить {number}"})
    wire.sent.clear()
    wanted = [trace_origin(first, STAMPS[0]), trace_origin(second, STAMPS[0]), trace_origin(second, STAMPS[1])]
    assert find_traces(portal, wanted[1:]) == {wanted[1]: ids[1]}
    assert len(wire.sent) == 1
    assert find_traces(portal, wanted) == dict(zip(wanted[:2], ids, strict=True))


def test_marks_are_found_whatever_the_portal_makes_of_brackets(world: World, portal: Portal, deals: list[int]) -> None:
    """A portal that takes the mark for an unknown BB code may escape it."""
    number = portal.call(METHOD, **trace_params(deals[0], STAMPS[0], "Отправлено"))
    written = world.portal.crm.comments[number]
    escaped = written.text.replace("[", "&#91;").replace("]", "&#93;")
    world.portal.crm.comments[number] = replace(written, text=escaped)
    origin = trace_origin(deals[0], STAMPS[0])
    assert find_traces(portal, [origin]) == {origin: number}
