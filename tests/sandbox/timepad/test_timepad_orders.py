"""Orders, tickets and answers. Source: help.timepad.ru, get-v1-events-event-id-orders [H, S, T]."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from backoffice.sandbox.timepad.forms import Form, Person
from backoffice.sandbox.timepad.state import Event, Order
from backoffice.sandbox.world import World

Switch = Callable[..., None]
Orders = Callable[..., dict[str, Any]]
Register = Callable[..., Order]

CAME_AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def orders(api: httpx.Client, seminar: Event) -> Orders:
    """A page of the seminar's orders."""

    def read(**params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = api.get(f"/timepad/v1/events/{seminar.id}/orders", params=params).json()
        return answer

    return read


@pytest.fixture
def register(world: World, seminar: Event) -> Register:
    """Place an order at the seminar."""

    def place(*people: Person, form: Form = Form.SINGLE, customer: Person | None = None) -> Order:
        return world.timepad.place_order(seminar, people, form, customer=customer)

    return place


def test_an_order_has_what_the_documents_require(
    orders: Orders, register: Register, anna: Person, seminar: Event
) -> None:
    """id, created_at, status, tickets, answers; the status has a name and a title [S, T, H]."""
    register(anna)
    order = orders()["values"][0]
    assert {"id", "created_at", "status", "tickets", "answers"} <= order.keys()
    assert (order["status"]["name"], order["event"]) == ("ok", {"id": seminar.id})


def test_pages_hold_ten_orders_unless_asked(orders: Orders, register: Register, anna: Person) -> None:
    """`limit` 10 by default, `skip` moves on, `total` counts orders, not tickets [H]."""
    placed = [register(anna, anna).id for _ in range(12)]
    first, second = orders(), orders(skip=10, limit=250)
    assert [row["id"] for page in (first, second) for row in page["values"]] == placed
    assert first["total"] == len(placed)


@pytest.mark.parametrize("params", [{"limit": 251}, {"limit": 0}, {"fields": "mail"}, {"skip": -1}])
def test_orders_refuse_what_their_page_does_not_have(orders: Orders, params: dict[str, Any]) -> None:
    """`limit` 1..250; `fields` stood in the swagger of 2019 and is gone [H]."""
    assert orders(**params)["response_status"]["error_code"] == 400


def test_past_the_end_values_may_be_empty_or_missing(orders: Orders, switch: Switch) -> None:
    """G saw the key missing; an empty list is as plausible."""
    empty = orders(skip=10)
    switch(past_the_end="missing")
    assert (empty, orders(skip=10)) == ({"total": 0, "values": []}, {"total": 0})


def test_orders_are_found_by_their_mail(orders: Orders, register: Register, anna: Person, boris: Person) -> None:
    """`email` filters orders [H]."""
    register(anna)
    wanted = register(boris).id
    assert [row["id"] for row in orders(email=boris.mail)["values"]] == [wanted]


def test_one_order_is_the_same_as_in_the_list(
    api: httpx.Client, orders: Orders, register: Register, anna: Person, seminar: Event
) -> None:
    """`GET /v1/events/{id}/orders/{order_id}` [H]; another id is 404."""
    path = f"/timepad/v1/events/{seminar.id}/orders/{register(anna).id}"
    assert api.get(path).json() == orders()["values"][0]
    assert api.get(f"{path}0").status_code == 404


def test_a_single_form_repeats_its_answers_on_every_ticket(orders: Orders, register: Register, anna: Person) -> None:
    """Simple and multi-registration: `mail` is the form's [H]."""
    register(anna, anna)
    order = orders()["values"][0]
    assert order["mail"] == anna.mail
    assert [ticket["answers"] for ticket in order["tickets"]] == [order["answers"]] * 2


def test_a_participants_form_keeps_answers_on_tickets(
    orders: Orders, register: Register, anna: Person, boris: Person
) -> None:
    """«Мультианкета»: every ticket has its own answers, `mail` is the first participant's [H]."""
    register(anna, boris, form=Form.PER_PARTICIPANT)
    order = orders()["values"][0]
    assert [ticket["answers"]["mail"] for ticket in order["tickets"]] == [anna.mail, boris.mail]
    assert (order["mail"], order["answers"]) == (anna.mail, [])


def test_a_customers_form_separates_who_pays_from_who_comes(
    orders: Orders, register: Register, anna: Person, boris: Person
) -> None:
    """Order answers and `mail` are the customer's, the ticket's are the participant's [H]."""
    register(boris, form=Form.CUSTOMER, customer=anna)
    order = orders()["values"][0]
    assert (order["mail"], order["answers"]["name"]) == (anna.mail, anna.name)
    assert order["tickets"][0]["answers"]["name"] == boris.name


def test_answers_may_be_an_array(orders: Orders, register: Register, anna: Person) -> None:
    """The old format, `{field_id, value, name}` [N]."""
    register(anna).answers_as = "array"
    assert {"field_id": "mail", "value": anna.mail, "name": "E-mail"} in orders()["values"][0]["answers"]


def test_one_shape_may_be_forced_on_all_orders(
    orders: Orders, register: Register, anna: Person, switch: Switch
) -> None:
    """A switch makes the same event come in the other shape."""
    register(anna)
    switch(answers_as="array")
    assert isinstance(orders()["values"][0]["tickets"][0]["answers"], list)


def test_what_an_organizer_asks_has_a_number_for_a_key(
    api: httpx.Client, orders: Orders, register: Register, anna: Person, seminar: Event
) -> None:
    """Only mail, surname and name have words for keys; the phone is found by its question's title [G, N, PS]."""
    register(anna)
    questions = api.get(f"/timepad/v1/events/{seminar.id}", params={"fields": "questions"}).json()["questions"]
    key = next(question["field_id"] for question in questions if question["name"] == "Телефон")
    assert orders()["values"][0]["answers"][key] == anna.phone


@pytest.mark.parametrize(
    ("variant", "absent"), [("missing", None), ("nulls", {"starts_at": None, "ends_at": None}), ("list", [])]
)
def test_a_check_in_is_the_start_of_attendance(
    *, orders: Orders, register: Register, anna: Person, switch: Switch, variant: str, absent: Any
) -> None:
    """`attendance.starts_at` is when the person was let in [H]; its absence is unverified and has three forms."""
    switch(not_attended=variant)
    register(anna, anna).tickets[0].came_at = CAME_AT
    came, absentee = orders()["values"][0]["tickets"]
    assert (came["attendance"]["starts_at"], absentee.get("attendance")) == ("2026-03-02T13:00:00+0300", absent)


def test_the_number_is_printed_with_its_code(orders: Orders, register: Register, anna: Person) -> None:
    """`"<number>:<code>"`, the code again in `codes` [H]."""
    register(anna)
    ticket = orders()["values"][0]["tickets"][0]
    assert ticket["number"].partition(":")[2] == ticket["codes"]["ean8"]


def test_money_may_be_numbers_or_strings(
    *, orders: Orders, register: Register, seminar: Event, anna: Person, switch: Switch
) -> None:
    """N types `amount` and `price_nominal` as strings and `payment_type` as an object; S as numbers and a string."""
    seminar.price = 1000
    register(anna)
    number = orders()["values"][0]
    switch(numbers_as_strings=True, payment_type_as="object")
    string = orders()["values"][0]
    assert (number["payment"]["amount"], number["tickets"][0]["price_nominal"]) == (1000.0, 1000)
    assert (string["payment"]["amount"], string["tickets"][0]["price_nominal"]) == ("1000.0", "1000")
    assert string["payment"]["payment_type"].keys() == {"name", "title"}
