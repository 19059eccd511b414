"""Hooks of ticket changes. Source: help.timepad.ru api/hooks [H] and the receivers B, C, D, F."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from backoffice.sandbox.timepad.forms import Person
from backoffice.sandbox.timepad.hooks import Delivery, Manner, bodies, deliver
from backoffice.sandbox.timepad.state import HOOK_SECRET, Event, Hook, Order, Ticket
from backoffice.sandbox.world import World


@dataclass
class Receiver:
    """A program that takes hooks: what it got, and the status it answers."""

    url: str = ""
    status: int = 202
    got: list[tuple[str | None, bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((self.headers["X-Hub-Signature"], body))
            self.send_response(receiver.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


@pytest.fixture
def order(world: World, seminar: Event, anna: Person) -> Order:
    """One order of two tickets."""
    return world.timepad.place_order(seminar, [anna, anna])


def changes(order: Order) -> Sequence[tuple[Order, Ticket]]:
    return [(order, ticket) for ticket in order.tickets]


def test_a_ticket_change_looks_like_the_documented_sample(world: World, seminar: Event, order: Order) -> None:
    """Every key of the sample; `order_id` is a string, `reg_date` is naive [D, C]."""
    order.status = "booked"
    raw = bodies(world.timepad, seminar, changes(order), "ticket")[0]
    ticket = order.tickets[0]
    assert json.loads(raw) == {
        "id": ticket.number,
        "event_id": seminar.id,
        "organization_id": 40400,
        "order_id": str(order.id),
        "reg_date": "2026-03-02 12:00:00",
        "reg_id": ticket.id,
        "status": "забронировано",
        "status_raw": "booked",
        "email": "anna@example.org",
        "surname": "Кузнецова",
        "name": "Анна",
        "attended": False,
        "code": ticket.number.partition(":")[2],
        "barcode": f"1000{ticket.number.partition(':')[2]}0",
        "price_nominal": 0,
        "answers": [
            {"id": 88001, "type": "text", "name": "E-mail", "mandatory": None, "value": "anna@example.org"},
            {"id": 88002, "type": "text", "name": "Фамилия", "mandatory": None, "value": "Кузнецова"},
            {"id": 88003, "type": "text", "name": "Имя", "mandatory": None, "value": "Анна"},
            {"id": 88004, "type": "text", "name": "Телефон", "mandatory": None, "value": "+7 999 000 01 01"},
        ],
        "aux": [],
    }


def test_an_order_change_is_the_order_itself(world: World, seminar: Event, order: Order) -> None:
    """One body for the whole order; `event.id` names the event [F]."""
    (raw,) = bodies(world.timepad, seminar, changes(order), "order")
    body = json.loads(raw)
    assert (body["event"]["id"], len(body["tickets"])) == (seminar.id, 2)


def test_every_changed_ticket_is_told_with_a_signature(
    world: World, seminar: Event, order: Order, receiver: Receiver
) -> None:
    """`X-Hub-Signature: sha1=` and the HMAC-SHA1 of the raw body in hex [B, D, F]."""
    deliver([Hook(receiver.url)], bodies(world.timepad, seminar, changes(order), "ticket"), Manner())
    assert [json.loads(body)["reg_id"] for _, body in receiver.got] == [ticket.id for ticket in order.tickets]
    for signature, body in receiver.got:
        assert signature == "sha1=" + hmac.new(HOOK_SECRET.encode(), body, hashlib.sha1).hexdigest()


def test_without_a_secret_nothing_is_signed(receiver: Receiver) -> None:
    """With a secret phrase set the message is signed [H], hence without one it is not."""
    deliver([Hook(receiver.url, secret="")], [b"{}"], Manner())
    assert receiver.got == [(None, b"{}")]


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_hook_may_be_lost_or_doubled(receiver: Receiver, times: int) -> None:
    """Nothing is promised about deliveries; receivers treat repeats as normal [D, F]."""
    deliver([Hook(receiver.url)], [b"{}"], Manner(deliver=times))
    assert len(receiver.got) == times


def test_a_forged_hook_has_another_signature(receiver: Receiver) -> None:
    """For receivers that must refuse it."""
    deliver([Hook(receiver.url)], [b"{}"], Manner(signature="wrong"))
    assert receiver.got[0][0] != "sha1=" + hmac.new(HOOK_SECRET.encode(), b"{}", hashlib.sha1).hexdigest()


def test_a_refused_hook_is_not_repeated(receiver: Receiver) -> None:
    """No second attempt was ever seen; the status is reported to whoever made the change."""
    receiver.status = 503
    assert deliver([Hook(receiver.url)], [b"{}"], Manner()) == [Delivery(receiver.url, 503)]
    assert len(receiver.got) == 1


def test_an_unreachable_receiver_is_reported() -> None:
    """A closed port loses the hook and says so."""
    (delivery,) = deliver([Hook("http://127.0.0.1:9/")], [b"{}"], Manner())
    assert (delivery.status, "ConnectError" in (delivery.error or "")) == (None, True)
