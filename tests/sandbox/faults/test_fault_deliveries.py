"""Outgoing webhooks on a bad line, received by a real HTTP server."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from backoffice.sandbox.faults.fault import Kind
from backoffice.sandbox.timepad.forms import Person
from backoffice.sandbox.world import World

Add = Callable[[str], httpx.Response]
Order = Callable[..., None]


class Receiver(ThreadingHTTPServer):
    """Keeps the bodies posted to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Body)
        self.bodies: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def ids(self) -> list[str]:
        """Which contacts were told of, in the order of arrival."""
        return [parse_qs(body)["data[FIELDS][ID]"][0] for body in self.bodies]


class _Body(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def receiver(world: World) -> Iterator[Receiver]:
    """Wants to hear of new contacts."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    world.portal.hooks.configure(server.url, frozenset({"ONCRMCONTACTADD"}))
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "at_once", "in_the_end"),
    [
        ("hook_lost", ["1", "3"], ["1", "3"]),
        ("hook_doubled", ["1", "2", "2", "3"], ["1", "2", "2", "3"]),
        ("hook_reordered", ["1", "3", "2"], ["1", "3", "2"]),
        ("hook_late", ["1", "3"], ["1", "3", "2"]),
    ],
)
def test_the_second_of_three_events_has_trouble(  # noqa: PLR0913 - what the fixtures give, and the three parameters
    world: World,
    order: Order,
    add: Add,
    receiver: Receiver,
    kind: Kind,
    at_once: list[str],
    in_the_end: list[str],
) -> None:
    """The portal itself holds all three; the log has a row for the delivery that met the fault."""
    order(kind, methods="oncrmcontact*", start=2, seconds=30)
    for name in "АБВ":
        add(name)
    world.portal.hooks.wait()
    assert receiver.ids() == at_once
    world.clock.advance(30)
    world.portal.hooks.wait()
    assert receiver.ids() == in_the_end
    [row] = [row for row in world.log.rows() if row["fault"]]
    assert (row["system"], row["method"], row["fault"]) == ("webhook", "ONCRMCONTACTADD", kind)
    assert world.log.counters()["faults"] == {kind: 1}


def test_what_nothing_overtakes_comes_in_its_time(world: World, order: Order, add: Add, receiver: Receiver) -> None:
    """A reordered delivery is never lost."""
    order("hook_reordered", seconds=30)
    add("А")
    world.clock.advance(30)
    world.portal.hooks.wait()
    assert receiver.ids() == ["1"]


@pytest.mark.parametrize(
    ("kind", "at_once", "in_the_end"), [("hook_lost", 0, 0), ("hook_doubled", 2, 2), ("hook_late", 0, 1)]
)
def test_timepads_hooks_go_over_the_same_line(  # noqa: PLR0913 - what the fixtures give, and the three parameters
    world: World,
    order: Order,
    control: httpx.Client,
    receiver: Receiver,
    kind: Kind,
    at_once: int,
    in_the_end: int,
) -> None:
    """`timepad.ticket` is the event's name; the answer tells of a delivery that did not happen now."""
    starts_at = world.clock.now() - timedelta(hours=1)
    event = world.timepad.add_event("Налоги", starts_at)
    [ticket] = world.timepad.place_order(event, [Person("Кузнецова", "Анна", "anna@example.org")]).tickets
    control.post("timepad/hook_target", json={"url": receiver.url})
    order(kind, methods="timepad.*", seconds=30)
    body = {"event_id": event.id, "ticket_id": ticket.id}
    told = control.post("timepad/check_in", json=body).json()["deliveries"]
    assert [one["status"] or 0 for one in told] == ([200] * at_once or [0])
    assert len(receiver.bodies) == at_once
    world.clock.advance(30)
    assert len(receiver.bodies) == in_the_end
