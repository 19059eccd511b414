"""Reading events and tickets from Timepad in every shape they come in."""

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from backoffice.rules.attendance_facts import Ticket
from backoffice.sandbox.timepad.forms import Form, Person
from backoffice.sandbox.timepad.questions import MAIL, NAME, PHONE, SURNAME, Question
from backoffice.sandbox.timepad.state import ORGANIZATION_ID, TOKEN, Event
from backoffice.sandbox.world import World
from backoffice.timepad import (
    NoEvents,
    Timepad,
    TimepadError,
    TimepadRefused,
    TimepadUnavailable,
    read_event,
    read_ticket,
)

ANNA = Person("Петрова", "Анна", "anna@example.org", "+7 999 000 01 01", "ООО «Ромашка»")
BORIS = Person("Белов", "Борис", "boris@example.org")
NAMELESS = Person(None, None, "somebody@example.org")
WITHOUT_MAIL = Person("Зимин", "Глеб")
PAYER = Person("Кассир", "Ольга", "pay@example.org", "+7 999 000 09 09")
MOSCOW = ZoneInfo("Europe/Moscow")
Switch = Callable[..., None]
Read = Callable[[], list[Ticket]]


@pytest.fixture
def new_timepad(sandbox: str) -> Iterator[Callable[..., Timepad]]:
    """new_timepad(token, transport=…, organization=…): a client of the sandbox's Timepad."""
    opened: list[httpx.Client] = []

    def make(
        token: str = TOKEN, transport: httpx.BaseTransport | None = None, organization: int = ORGANIZATION_ID
    ) -> Timepad:
        headers = {"Authorization": f"Bearer {token}"}
        opened.append(httpx.Client(base_url=f"{sandbox}/timepad", headers=headers, transport=transport))
        return Timepad(opened[-1], organization, MOSCOW)

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def timepad(new_timepad: Callable[..., Timepad]) -> Timepad:
    return new_timepad()


@pytest.fixture
def seminar(world: World) -> Event:
    """Ended an hour ago."""
    ended = world.clock.now() - timedelta(hours=1)
    return world.timepad.add_event("Налоги для всех", ended - timedelta(hours=2), ended)


@pytest.fixture
def switch(world: World) -> Switch:
    def set_switches(**switches: Any) -> None:
        world.timepad.switches = replace(world.timepad.switches, **switches)

    return set_switches


@pytest.fixture
def read(timepad: Timepad, seminar: Event) -> Read:
    """The seminar's tickets."""
    return lambda: timepad.tickets(timepad.event(seminar.id))


def _people(tickets: list[Ticket]) -> list[tuple[str, str, str]]:
    return [(ticket.last_name, ticket.first_name, ticket.email) for ticket in tickets]


def _person(person: Person, mail: str | None = None) -> tuple[str, str, str]:
    return (person.surname or "", person.name or "", mail if mail is not None else person.mail or "")


@pytest.mark.parametrize("times", ["+0300", "+03:00", "naive"])
def test_times_are_the_same_moment_in_every_spelling(
    world: World, timepad: Timepad, seminar: Event, switch: Switch, times: str
) -> None:
    """With an offset of either spelling, or without one, which is the portal's zone."""
    switch(times=times)
    order = world.timepad.place_order(seminar, [ANNA], Form.PER_PARTICIPANT)
    order.tickets[0].came_at = seminar.starts_at
    event = timepad.event(seminar.id)
    assert (event.starts_at, event.ends_at) == (seminar.starts_at, seminar.ends_at)
    assert timepad.tickets(event)[0].came_at == seminar.starts_at


def test_an_event_is_read_whole(world: World, timepad: Timepad, seminar: Event) -> None:
    """Title, questions by field id, and whether anybody was let in at the door."""
    event = timepad.event(seminar.id)
    assert (event.id, event.title, event.counts_check_ins) == (seminar.id, "Налоги для всех", False)
    assert event.questions == {question.field_id: question.name for question in seminar.questions}
    world.timepad.place_order(seminar, [ANNA]).tickets[0].came_at = seminar.starts_at
    assert timepad.event(seminar.id).counts_check_ins


def test_an_event_without_an_end_has_none(timepad: Timepad, seminar: Event) -> None:
    """The key is missing when the organizer did not say."""
    seminar.ends_at = None
    assert timepad.event(seminar.id).ends_at is None


def test_an_event_without_a_start_is_an_error() -> None:
    """Nothing can be decided about it."""
    with pytest.raises(TimepadError, match="event 5: starts_at is empty"):
        read_event({"id": 5, "name": "x", "starts_at": ""}, MOSCOW)


def test_all_events_of_the_organization_are_listed(world: World, timepad: Timepad) -> None:
    """Hidden, private and unmoderated ones too; none of strangers; beyond one page; those that start after a moment."""
    now = world.clock.now()
    for place in range(120):
        event = world.timepad.add_event(f"№ {place}", now - timedelta(hours=place + 1), now)
        event.access_status = ("public", "private", "draft", "link_only")[place % 4]
        event.moderation_status = ("shown", "featured", "hidden", "not_moderated")[place // 4 % 4]
    world.timepad.add_event("чужое", now, now).organization_id = ORGANIZATION_ID + 1
    listed = [event.id for event in timepad.events(now - timedelta(days=30))]
    assert listed == sorted(event.id for event in world.timepad.events.values() if event.name != "чужое")
    recent = {event.title for event in timepad.events(now - timedelta(hours=10))}
    assert {f"№ {place}" for place in range(10)} <= recent
    assert "№ 60" not in recent


@pytest.mark.parametrize("answers_as", ["object", "array"])
@pytest.mark.parametrize("form", list(Form))
def test_one_visitor_is_read_from_any_form(
    world: World, seminar: Event, read: Read, switch: Switch, form: Form, answers_as: str
) -> None:
    """Whatever the form and the shape of its answers: names, e-mail, and the phone found by its question's title."""
    switch(answers_as=answers_as)
    world.timepad.place_order(seminar, [ANNA], form)
    [ticket] = read()
    assert _people([ticket]) == [_person(ANNA)]
    assert (ticket.phone, ticket.status) == (ANNA.phone, "ok")


@pytest.mark.parametrize("answers_as", ["object", "array"])
def test_everybody_who_fills_in_a_form_has_an_address_of_their_own(
    world: World, seminar: Event, read: Read, switch: Switch, answers_as: str
) -> None:
    """The order's e-mail is the first one's: the second keeps theirs, the third has none."""
    switch(answers_as=answers_as)
    world.timepad.place_order(seminar, [ANNA, BORIS, WITHOUT_MAIL], Form.PER_PARTICIPANT)
    assert _people(read()) == [_person(ANNA), _person(BORIS), _person(WITHOUT_MAIL)]


@pytest.mark.parametrize("people", [[WITHOUT_MAIL], [WITHOUT_MAIL, BORIS]])
def test_the_customers_address_is_never_a_participants(
    world: World, seminar: Event, read: Read, people: list[Person]
) -> None:
    """The customer has a form of its own and pays: neither name, nor e-mail, nor phone is lent."""
    world.timepad.place_order(seminar, people, Form.CUSTOMER, customer=PAYER)
    tickets = read()
    assert _people(tickets) == [_person(person) for person in people]
    assert {ticket.phone for ticket in tickets} == {""}


def test_a_customer_who_left_only_an_address_lends_nothing(world: World, seminar: Event, read: Read) -> None:
    """The order has an answer, the e-mail of somebody without a name; the ticket has a name without an e-mail."""
    world.timepad.place_order(seminar, [WITHOUT_MAIL], Form.CUSTOMER, customer=Person(None, None, "pay@example.org"))
    assert _people(read()) == [_person(WITHOUT_MAIL)]


def test_a_customer_who_comes_is_the_participant(world: World, seminar: Event, read: Read) -> None:
    """The same names on the order and on the ticket: what the ticket leaves out is taken from the order."""
    alone = Person("Петрова", "Анна")
    world.timepad.place_order(seminar, [alone, BORIS], Form.CUSTOMER, customer=ANNA)
    assert _people(read()) == [_person(ANNA), _person(BORIS)]


def test_a_blank_ticket_beside_filled_ones_borrows_nothing(world: World, seminar: Event, read: Read) -> None:
    """Three tickets, the second left blank, the third with a phone alone: they are not the first one's."""
    nobody, phone_only = Person(None, None), Person(None, None, None, "+7 999 000 02 02")
    world.timepad.place_order(seminar, [ANNA, nobody, phone_only], Form.PER_PARTICIPANT)
    tickets = read()
    assert _people(tickets) == [_person(ANNA), ("", "", ""), ("", "", "")]
    assert [ticket.phone for ticket in tickets] == [ANNA.phone, "", phone_only.phone]


def test_a_blank_ticket_beside_filled_ones_is_not_the_customers(world: World, seminar: Event, read: Read) -> None:
    """Nor does the customer become a visitor."""
    world.timepad.place_order(seminar, [ANNA, Person(None, None)], Form.CUSTOMER, customer=PAYER)
    assert _people(read()) == [_person(ANNA), ("", "", "")]


def test_answers_on_the_order_alone_are_every_tickets(world: World, seminar: Event, read: Read) -> None:
    """One form for the order, nothing on the tickets: all tickets are that person's."""
    order = world.timepad.place_order(seminar, [ANNA, ANNA], Form.SINGLE)
    for ticket in order.tickets:
        ticket.answers = {}
    assert _people(read()) == [_person(ANNA)] * 2


def test_an_order_with_an_address_and_nothing_else(world: World, seminar: Event, read: Read) -> None:
    """No answers anywhere (`[]`), only the order's e-mail: it is the visitor's."""
    order = world.timepad.place_order(seminar, [ANNA], Form.PER_PARTICIPANT)
    order.tickets[0].answers = {}
    assert _people(read()) == [("", "", "anna@example.org")]


def test_names_on_the_ticket_and_the_address_on_the_order(world: World, seminar: Event, read: Read) -> None:
    """One ticket, no answers on the order: its e-mail is the first participant's, who is this one."""
    order = world.timepad.place_order(seminar, [WITHOUT_MAIL], Form.PER_PARTICIPANT)
    order.mail = "gleb@example.org"
    assert _people(read()) == [_person(WITHOUT_MAIL, "gleb@example.org")]


def test_a_visitor_without_a_name_keeps_the_address(world: World, seminar: Event, read: Read) -> None:
    """Reported by the import later; not mixed with anybody here."""
    world.timepad.place_order(seminar, [NAMELESS, BORIS], Form.PER_PARTICIPANT)
    assert _people(read()) == [("", "", "somebody@example.org"), _person(BORIS)]


def test_questions_of_the_organizers_own_are_known_by_their_titles(world: World, seminar: Event, read: Read) -> None:
    """A form without the standard keys: fields are numbers, titles are words in any case."""
    own = {"71": ("E-Mail ", MAIL), "72": ("ФАМИЛИЯ", SURNAME), "73": ("Имя", NAME), "74": ("Номер телефона", PHONE)}
    seminar.questions = tuple(Question(int(field), field, title) for field, (title, _) in own.items())
    order = world.timepad.place_order(seminar, [ANNA], Form.PER_PARTICIPANT)
    given = ANNA.answers()
    order.tickets[0].answers = {field: given[standard.field_id] for field, (_, standard) in own.items()}
    order.mail = None
    [ticket] = read()
    assert _people([ticket]) == [_person(ANNA)]
    assert ticket.phone == ANNA.phone


@pytest.mark.parametrize("not_attended", ["missing", "nulls", "list"])
def test_who_was_not_let_in_has_no_mark(
    world: World, seminar: Event, read: Read, switch: Switch, not_attended: str
) -> None:
    """`attendance` may be missing, hold nulls or be an empty list."""
    switch(not_attended=not_attended)
    world.timepad.place_order(seminar, [ANNA, BORIS], Form.PER_PARTICIPANT).tickets[1].came_at = seminar.starts_at
    assert [ticket.came_at for ticket in read()] == [None, seminar.starts_at]


def test_a_tickets_own_status_goes_before_its_orders(world: World, seminar: Event, read: Read) -> None:
    """One ticket of a paid order was returned."""
    seminar.price = 1000
    world.timepad.place_order(seminar, [ANNA, BORIS], Form.PER_PARTICIPANT).tickets[1].status = "return_org"
    assert [ticket.status for ticket in read()] == ["paid", "return_org"]


@pytest.mark.parametrize("options", [{"numbers_as_strings": True}, {"payment_type_as": "object"}])
def test_shapes_that_do_not_matter_do_not_matter(
    world: World, seminar: Event, read: Read, switch: Switch, options: dict[str, Any]
) -> None:
    """Prices as text, kinds of payment as objects."""
    switch(**options)
    seminar.price = 1000
    world.timepad.place_order(seminar, [ANNA])
    assert _people(read()) == [_person(ANNA)]


@pytest.mark.parametrize("number", [0, 1, 249, 250, 251, 510])
def test_every_ticket_is_read_once_and_in_order(world: World, seminar: Event, read: Read, number: int) -> None:
    """Pages of 250 orders, the last one full or not."""
    for _ in range(number):
        world.timepad.place_order(seminar, [BORIS])
    tickets = read()
    assert [int(ticket.id) for ticket in tickets] == list(range(9001, 9001 + number))
    assert {ticket.event_id for ticket in tickets} <= {seminar.id}


class Pages(httpx.BaseTransport):
    """Gives the event and then prepared pages of orders, the last one for ever."""

    def __init__(self, event: dict[str, Any], *pages: dict[str, Any]) -> None:
        self._answers = [event, *pages]
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.params.get("skip", ""))
        return httpx.Response(200, json=self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])


def _order(number: int) -> dict[str, Any]:
    return {"id": number, "status": {"name": "ok"}, "tickets": [{"id": number, "answers": []}], "answers": []}


EVENT = {"id": 7, "name": "x", "starts_at": "2026-03-02T10:00:00+0300", "ends_at": "2026-03-02T12:00:00"}


@pytest.mark.parametrize(
    ("pages", "ids"),
    [
        ([{"total": 3, "values": [_order(1), _order(2)]}, {"total": 3}], ["1", "2"]),
        ([{"total": "2", "values": [_order(1)]}, {"total": "2", "values": [_order(2)]}], ["1", "2"]),
        ([{"values": [_order(1)]}, {"values": [_order(2)]}, {"values": None}], ["1", "2"]),
        ([{"total": 9, "values": [_order(1)]}, {"total": 9, "values": []}], ["1"]),
        ([{"total": 3, "values": [_order(1), _order(2)]}, {"total": 3, "values": [_order(2)]}], ["1", "2"]),
    ],
    ids=["values missing", "numbers as text", "no total", "total too high", "shifted by a new order"],
)
def test_paging_ends(new_timepad: Callable[..., Timepad], pages: list[dict[str, Any]], ids: list[str]) -> None:
    """At an empty or missing page, or at the total; a ticket seen twice is one."""
    timepad = new_timepad(transport=Pages(EVENT, *pages))
    assert [ticket.id for ticket in timepad.tickets(timepad.event(7))] == ids


@pytest.mark.parametrize("past_the_end", ["empty", "missing"])
def test_an_order_deleted_during_paging_ends_the_reading(
    world: World, new_timepad: Callable[..., Timepad], seminar: Event, switch: Switch, past_the_end: str
) -> None:
    """The next page lies past the end, where `values` is empty or missing."""
    switch(past_the_end=past_the_end)
    for _ in range(251):
        world.timepad.place_order(seminar, [BORIS])

    class Deleting(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.url.path.endswith("/orders"):
                seminar.orders.popitem()
            return response

    timepad = new_timepad(transport=Deleting())
    assert len(timepad.tickets(timepad.event(seminar.id))) == 250


@pytest.mark.parametrize("with_200", [True, False])
@pytest.mark.parametrize(
    ("token", "permissions", "event_id", "message"),
    [
        ("wrong", ("view_visitors",), None, "401: токен не действует: проверьте TIMEPAD_TOKEN"),
        (TOKEN, (), None, "403: у токена нет права view_visitors"),
        (TOKEN, ("view_visitors",), 404404, "404: такого мероприятия"),
    ],
)
def test_refusals_say_what_to_do(  # noqa: PLR0913 - what the fixtures give, and the cases
    new_timepad: Callable[..., Timepad],
    seminar: Event,
    switch: Switch,
    token: str,
    permissions: tuple[str, ...],
    event_id: int | None,
    message: str,
    with_200: bool,
) -> None:
    """With their HTTP status, or with 200 and an error in the body: the remedy is in the message, the token is not."""
    switch(permissions=permissions, errors_with_200=with_200)
    timepad = new_timepad(token)
    event = read_event({"id": event_id or seminar.id, "name": "x", "starts_at": "2026-03-02T10:00:00"}, MOSCOW)
    with pytest.raises(TimepadRefused, match=message) as refused:
        timepad.tickets(event)
    assert token not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("with_200", [True, False])
def test_too_many_requests_are_worth_another_try(
    timepad: Timepad, seminar: Event, switch: Switch, with_200: bool
) -> None:
    """429 is TimepadUnavailable, as an outage is."""
    switch(requests_per_minute=1, errors_with_200=with_200)
    timepad.event(seminar.id)
    with pytest.raises(TimepadUnavailable, match="429"):
        timepad.event(seminar.id)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "<html>"),
        (502, ""),
        (503, '{"response_status": {"error_code": 503}}'),
        (200, "<html>maintenance</html>"),
        (200, ""),
        (200, "[]"),
        (200, '{"response_status": {"error_code": "500", "message": "x"}}'),
    ],
)
def test_a_broken_timepad_is_unavailable(new_timepad: Callable[..., Timepad], status: int, body: str) -> None:
    """A page, nothing, or the code of a breakdown: never an event without tickets."""
    timepad = new_timepad(transport=httpx.MockTransport(lambda _: httpx.Response(status, text=body)))
    with pytest.raises(TimepadUnavailable):
        timepad.event(7)


@pytest.mark.parametrize(
    "body",
    [{"response_status": {"error_code": "limit", "message": "x"}}, {"response_status": "error"}, {"error": "x"}],
)
def test_a_refusal_of_unknown_form_is_a_refusal(new_timepad: Callable[..., Timepad], body: dict[str, Any]) -> None:
    """The HTTP status decides where the body does not say."""
    timepad = new_timepad(transport=httpx.MockTransport(lambda _: httpx.Response(400, json=body)))
    with pytest.raises(TimepadRefused, match="400"):
        timepad.event(7)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.DecodingError])
def test_no_answer_is_unavailable_and_tells_no_token(
    new_timepad: Callable[..., Timepad], caplog: pytest.LogCaptureFixture, error: type[httpx.RequestError]
) -> None:
    """An outage is never an empty list of events."""

    def mishap(_: httpx.Request) -> httpx.Response:
        raise error("cut")

    caplog.set_level(logging.DEBUG)
    with pytest.raises(TimepadUnavailable, match=error.__name__) as failed:
        list(new_timepad(transport=httpx.MockTransport(mishap)).events(datetime(2026, 3, 1, tzinfo=MOSCOW)))
    assert TOKEN not in "".join(traceback.format_exception(failed.value)) + caplog.text


def test_the_log_of_the_connection_has_no_token(
    timepad: Timepad, seminar: Event, caplog: pytest.LogCaptureFixture
) -> None:
    """All loggers at DEBUG: the token travels in a header, which nobody logs."""
    caplog.set_level(logging.DEBUG)
    timepad.event(seminar.id)
    assert "HTTP Request: GET" in caplog.text
    assert TOKEN not in caplog.text


def test_a_tickets_repr_names_nobody(timepad: Timepad) -> None:
    """Names, addresses and phones stay out of logs that print a ticket."""
    event = read_event(EVENT, MOSCOW)
    ticket = read_ticket({"id": 1, "answers": ANNA.answers()}, {"id": 2, "tickets": []}, event, MOSCOW)
    assert ticket.email == ANNA.mail
    assert not [word for word in ("anna", "Петрова", "Анна", "999") if word in repr(ticket)]


def test_an_organization_without_any_event_is_suspected(new_timepad: Callable[..., Timepad], world: World) -> None:
    """Its number may be mistyped: the setting is named. One event of long ago is enough to know better."""
    with pytest.raises(NoEvents, match=r"40401 .*TIMEPAD_ORGANIZATION_ID"):
        new_timepad(organization=ORGANIZATION_ID + 1).demand_events()
    long_ago = world.clock.now() - timedelta(days=4000)
    world.timepad.add_event("Первая встреча", long_ago, long_ago)
    new_timepad().demand_events()
    with pytest.raises(NoEvents):
        new_timepad(organization=ORGANIZATION_ID + 1).demand_events()
