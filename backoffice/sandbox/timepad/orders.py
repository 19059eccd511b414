"""`/v1/events/{id}/orders` and one order (help.timepad.ru, get-v1-events-event-id-orders)."""

from typing import Any

from backoffice.sandbox.timepad.call import Call
from backoffice.sandbox.timepad.errors import Refused
from backoffice.sandbox.timepad.events import find_event
from backoffice.sandbox.timepad.order_body import order_body
from backoffice.sandbox.timepad.state import Event

# The page of 2025 has no `fields` here although a swagger of 2019 had it.
LIST_PARAMETERS = frozenset({"limit", "skip", "email"})


def list_orders(call: Call) -> dict[str, Any]:
    """A page of the event's orders, oldest first; past the end `values` is empty or missing."""
    event, switches = _registrations(call), call.state.switches
    skip, limit = call.whole("skip", 0, least=0), call.whole("limit", 10, least=1, most=250)
    mail = call.query.get("email")
    found = [order for order in list(event.orders.values()) if mail is None or order.mail == mail]
    values = [order_body(event, order, switches) for order in found[skip : skip + limit]]
    if not values and switches.past_the_end == "missing":
        return {"total": len(found)}
    return {"total": len(found), "values": values}


def show_order(call: Call) -> dict[str, Any]:
    """One order; Refused 404 if the event has no such order."""
    event = _registrations(call)
    order = event.orders.get(call.path["order_id"])
    if order is None:
        raise Refused(404, "order not found")
    return order_body(event, order, call.state.switches)


def _registrations(call: Call) -> Event:
    if not call.known:
        raise Refused(401, "a token is needed")
    event = find_event(call)
    if not call.may("view_visitors", event):
        raise Refused(403, "no right view_visitors in this organization")
    return event
