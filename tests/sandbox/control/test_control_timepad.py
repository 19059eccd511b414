"""Changes at Timepad under `/_sandbox/timepad/`, each with its hooks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backoffice.sandbox.timepad.forms import Person
from backoffice.sandbox.timepad.state import Event
from backoffice.sandbox.world import World

Do = Callable[..., dict[str, Any]]


@pytest.fixture
def seminar(world: World) -> Event:
    """One order of two tickets."""
    event = world.timepad.add_event("Налоги для всех", world.clock.now())
    anna = Person("Кузнецова", "Анна", "anna@example.org")
    world.timepad.place_order(event, [anna, anna])
    return event


@pytest.fixture
def do(control: httpx.Client) -> Do:
    """Make a change that must succeed."""

    def change(what: str, **body: Any) -> dict[str, Any]:
        answer = control.post(f"timepad/{what}", json=body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    return change


def test_a_check_in_marks_the_ticket_now(do: Do, world: World, seminar: Event) -> None:
    """Or at the moment sent."""
    first, second = seminar.orders[6100100].tickets
    do("check_in", event_id=seminar.id, ticket_id=first.id)
    do("check_in", event_id=seminar.id, ticket_id=second.id, at="2026-03-02T15:00:00+03:00")
    assert (first.came_at, second.came_at) == (world.clock.now(), world.clock.now() + timedelta(hours=3))


def test_a_refund_is_of_an_order_or_of_one_ticket(do: Do, seminar: Event) -> None:
    """An order's status speaks for its tickets, a ticket's own for itself [B reads `status_raw_name`]."""
    order = seminar.orders[6100100]
    do("refund", event_id=seminar.id, ticket_id=order.tickets[0].id, status="return_org")
    assert (order.status, order.tickets[0].status, order.tickets[1].status) == ("ok", "return_org", None)
    do("refund", event_id=seminar.id, order_id=order.id)
    assert order.status == "returned"


def test_an_order_is_added_in_any_form(do: Do, seminar: Event) -> None:
    """The answer has the ids of the order and its tickets."""
    boris, vera = {"surname": "Белов", "name": "Борис", "mail": "b@example.org"}, {"surname": "Фомина", "name": "Вера"}
    made = do(
        "add_order",
        event_id=seminar.id,
        people=[vera, vera],
        form="customer",
        customer=boris,
        status="booked",
        answers_as="array",
    )
    order = seminar.orders[made["order_id"]]
    assert [ticket.id for ticket in order.tickets] == made["ticket_ids"]
    assert (order.mail, order.status, order.answers_as) == ("b@example.org", "booked", "array")


def test_events_are_added_and_renamed(do: Do, world: World) -> None:
    """Neither has a hook: Timepad tells about tickets only."""
    made = do("add_event", name="Черновик", starts_at="2026-05-01T10:00:00+03:00", access_status="draft")
    assert do("rename", event_id=made["event_id"], name="Черновик-2") == {"deliveries": []}
    event = world.timepad.events[made["event_id"]]
    assert (event.name, event.access_status, event.ends_at) == ("Черновик-2", "draft", None)


def test_a_change_reports_what_its_receiver_answered(do: Do, seminar: Event, sandbox: str) -> None:
    """One delivery per changed ticket; `deliver: 0` loses the hook; without a target nothing is sent."""
    order_id = next(iter(seminar.orders))
    silent = do("refund", event_id=seminar.id, order_id=order_id)
    do("hook_target", url=f"{sandbox}/nowhere")
    told = do("refund", event_id=seminar.id, order_id=order_id)
    lost = do("refund", event_id=seminar.id, order_id=order_id, deliver=0)
    assert [delivery["status"] for delivery in told["deliveries"]] == [404, 404]
    assert silent["deliveries"] == lost["deliveries"] == []


def test_the_target_may_be_taken_away(do: Do, world: World) -> None:
    """`url: null` means nowhere."""
    do("hook_target", url="http://127.0.0.1:9/", secret="other")
    assert world.timepad.hooks[0].secret == "other"
    assert do("hook_target", url=None) == {"hooks": []}


@pytest.mark.parametrize(
    ("what", "body", "names"),
    [
        ("check_in", {"ticket_id": 1}, "no ticket 1"),
        ("refund", {}, "order_id"),
        ("add_order", {"people": []}, "people"),
        ("add_order", {"people": [{"surname": "Б"}], "form": "paper"}, "form"),
        ("rename", {"name": ""}, "name"),
        ("check_in", {"ticket_id": 9001, "deliver": 3}, "deliver"),
    ],
)
def test_a_change_of_what_is_not_there_is_refused(
    control: httpx.Client, seminar: Event, what: str, body: dict[str, Any], names: str
) -> None:
    """400 naming the parameter."""
    answer = control.post(f"timepad/{what}", json={"event_id": seminar.id, **body})
    assert (answer.status_code, names in answer.json()["error"]) == (400, True)


def test_switches_change_one_by_one(do: Do, world: World) -> None:
    """What was not sent stays."""
    do("switches", answers_as="array")
    assert do("switches", times="naive")["answers_as"] == "array"
    assert world.timepad.switches.times == "naive"
