"""The bodies of Timepad's hooks: the documented ticket change and, seen by two receivers, the order change."""

import json
from typing import Any

from backoffice.sandbox.timepad.answers import as_hooked
from backoffice.sandbox.timepad.moments import MOSCOW
from backoffice.sandbox.timepad.order_body import order_body
from backoffice.sandbox.timepad.questions import MAIL, NAME, SURNAME
from backoffice.sandbox.timepad.state import Event, Order, Ticket
from backoffice.sandbox.timepad.statuses import status_title
from backoffice.sandbox.timepad.switches import Switches


def ticket_change(event: Event, order: Order, ticket: Ticket) -> dict[str, Any]:
    """The sample of the official hooks page: `order_id` a string, `reg_date` naive (Moscow's, unverified)."""
    status, code = ticket.status or order.status, ticket.number.partition(":")[2]
    return {
        "id": ticket.number,
        "event_id": event.id,
        "organization_id": event.organization_id,
        "order_id": str(order.id),
        "reg_date": order.created_at.astimezone(MOSCOW).strftime("%Y-%m-%d %H:%M:%S"),
        "reg_id": ticket.id,
        "status": status_title(status),
        "status_raw": status,
        "email": ticket.answers.get(MAIL.field_id, order.mail),
        "surname": ticket.answers.get(SURNAME.field_id),
        "name": ticket.answers.get(NAME.field_id),
        "attended": ticket.came_at is not None,
        "code": code,
        "barcode": f"1000{code}0",
        "price_nominal": ticket.price,
        "answers": as_hooked(ticket.answers, event.questions),
        "aux": [],
    }


def order_change(event: Event, order: Order, switches: Switches) -> dict[str, Any]:
    """The order as the API shows it; its `event.id` names the event."""
    return order_body(event, order, switches)


def raw(body: dict[str, Any]) -> bytes:
    """The bytes sent and signed, escaped as PHP escapes them."""
    return json.dumps(body, separators=(",", ":")).encode("ascii")
