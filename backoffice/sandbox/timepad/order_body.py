"""An order as the API shows it (help.timepad.ru, get-v1-events-event-id-orders and its single-order page)."""

from typing import Any

from backoffice.sandbox.timepad.answers import as_sent
from backoffice.sandbox.timepad.moments import spelled, spelled_or_none
from backoffice.sandbox.timepad.state import Event, Order, Ticket
from backoffice.sandbox.timepad.statuses import PAID_STATUSES, status_title
from backoffice.sandbox.timepad.switches import Switches


def order_body(event: Event, order: Order, switches: Switches) -> dict[str, Any]:
    """The order with its tickets; `payment` only where money came in, `mail` only where an e-mail was given."""
    body: dict[str, Any] = {
        "id": order.id,
        "created_at": spelled(order.created_at, switches.times),
        "status": {"name": order.status, "title": status_title(order.status)},
        "tickets": [_ticket_body(event, order, ticket, switches) for ticket in order.tickets],
        "answers": as_sent(order.answers, switches.answers_as or order.answers_as, event.questions),
        "promocodes": [],
        "event": {"id": event.id},
        "referrer": {"campaign": None, "medium": None, "source": None},
        "subscribed_to_newsletter": False,
    }
    if order.mail is not None:
        body["mail"] = order.mail
    if order.status in PAID_STATUSES:
        body["payment"] = _payment(order, switches)
    return body


def _ticket_body(event: Event, order: Order, ticket: Ticket, switches: Switches) -> dict[str, Any]:
    code = ticket.number.partition(":")[2]
    body: dict[str, Any] = {
        "id": ticket.id,
        "number": ticket.number,
        "price_nominal": _number(ticket.price, switches),
        "answers": as_sent(ticket.answers, switches.answers_as or order.answers_as, event.questions),
        "ticket_type": {"id": event.id * 10 + 1, "name": "Участник"},
        "place": {"id": None, "description": []},
        "codes": {"ean13": f"1000{code}0", "ean8": code, "printed_code": ticket.number},
    }
    if ticket.came_at or switches.not_attended != "missing":
        body["attendance"] = _attendance(ticket, switches)
    if ticket.status is not None:
        body["status_raw_name"] = ticket.status
    return body


def _attendance(ticket: Ticket, switches: Switches) -> Any:
    if ticket.came_at is None and switches.not_attended == "list":
        return []
    return {
        "starts_at": spelled_or_none(ticket.came_at, switches.times),
        "ends_at": spelled_or_none(ticket.left_at, switches.times),
    }


def _payment(order: Order, switches: Switches) -> dict[str, Any]:
    kind: Any = {"name": "card", "title": "Банковская карта"}
    return {
        "amount": _number(float(sum(ticket.price for ticket in order.tickets)), switches),
        "paid_at": spelled(order.created_at, switches.times),
        "payment_type": kind if switches.payment_type_as == "object" else kind["name"],
    }


def _number(number: float, switches: Switches) -> Any:
    return str(number) if switches.numbers_as_strings else number
