"""Timepad's events and the tickets of one."""

from typing import Any

from starlette.requests import Request

from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.pages.render import NoSuchPage
from backoffice.sandbox.timepad.forms import Answers
from backoffice.sandbox.timepad.questions import MAIL, NAME, SURNAME
from backoffice.sandbox.timepad.state import Event, Order, Ticket
from backoffice.sandbox.timepad.statuses import PAID_STATUSES, TICKET_STATUSES, status_title
from backoffice.sandbox.world import World

WAITING = frozenset({"booked", "booked_offline", "pending"})


def event_table(world: World, _: Request) -> tuple[str, dict[str, Any]]:
    """Events by their start."""
    events = sorted(world.timepad.events.values(), key=lambda event: event.starts_at)
    return "events.html", {"rows": [_event(world, event) for event in events]}


def ticket_table(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    event = world.timepad.events.get(int(request.path_params["event_id"]))
    if event is None:
        raise NoSuchPage("Такого мероприятия в Таймпаде нет.")
    tickets = paged(list(event.tickets()), request)
    rows = [_ticket(order, ticket) for order, ticket in tickets.rows]
    return "event.html", {**_event(world, event), "tickets": tickets, "rows": rows}


def _event(world: World, event: Event) -> dict[str, Any]:
    ended = event.ends_at is not None and event.ends_at <= world.clock.now()
    begun = event.starts_at <= world.clock.now()
    return {
        "event": event,
        "phase": "завершено" if ended else "идёт" if begun else "впереди",
        "orders": len(event.orders),
        "sold": sum(1 for _ in event.tickets()),
        "came": sum(1 for _, ticket in event.tickets() if ticket.came_at),
    }


def _ticket(order: Order, ticket: Ticket) -> dict[str, Any]:
    status = ticket.status or order.status
    return {
        "ticket": ticket,
        "order": order,
        "name": _name(ticket.answers),
        "mail": ticket.answers.get(MAIL.field_id, ""),
        "status": status_title(status),
        "tone": _tone(status),
    }


def _name(answers: Answers) -> str:
    return " ".join(answers[field] for field in (SURNAME.field_id, NAME.field_id) if field in answers)


def _tone(status: str) -> str:
    """The colour of a status: a good ticket, a waiting one, one nobody knows, a lost one."""
    if status == "ok" or status in PAID_STATUSES:
        return "good"
    if status in WAITING:
        return "waiting"
    return "lost" if status in TICKET_STATUSES else "unknown"
