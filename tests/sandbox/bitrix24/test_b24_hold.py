"""A request stopped half-way stops nobody else."""

import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

from backoffice.sandbox.hold import When
from backoffice.sandbox.world import World

Call = Callable[..., Any]


@pytest.mark.parametrize(("when", "executed"), [("before", 1), ("after", 2)])
def test_the_second_writing_request_is_held(
    world: World, webhook: httpx.Client, call: Call, when: When, executed: int
) -> None:
    """«before»: not executed yet; «after»: executed, not answered. Reading requests and other writers go on."""
    world.hold.arm(2, when)
    call("crm.contact.add", fields={"NAME": "first"})
    call("crm.contact.list")
    command = {"cmd": {"a": "profile", "b": "crm.contact.add?fields[NAME]=held"}}
    held = threading.Thread(target=webhook.post, args=("batch",), kwargs={"json": command, "timeout": 30})
    held.start()
    _wait_until(lambda: world.hold.held)
    assert len(call("crm.contact.list")) == executed
    call("crm.contact.add", fields={"NAME": "another"})
    world.hold.release()
    held.join()
    assert sorted(row["NAME"] for row in call("crm.contact.list")) == ["another", "first", "held"]


def test_a_dropped_request_is_never_executed(world: World, webhook: httpx.Client, call: Call) -> None:
    """As if the connection had been lost on the way to the portal."""
    world.hold.arm(1, "before")
    command = {"fields": {"NAME": "held"}}
    held = threading.Thread(target=webhook.post, args=("crm.contact.add",), kwargs={"json": command, "timeout": 30})
    held.start()
    _wait_until(lambda: world.hold.held)
    world.hold.release(drop=True)
    held.join()
    assert call("crm.contact.list") == []


def _wait_until(reached: Callable[[], bool]) -> None:
    deadline = monotonic() + 10
    while not reached():
        assert monotonic() < deadline
        sleep(0.01)
