"""The whole of Timepad as JSON."""

from dataclasses import asdict
from typing import Any

from backoffice.sandbox.timepad.moments import spelled_or_none
from backoffice.sandbox.timepad.state import Event, Order, Ticket, TimepadState


def dump_timepad(state: TimepadState, *, with_times: bool = False) -> dict[str, Any]:
    """Events with orders and tickets in the order of their ids; without times equal histories give equal dumps."""
    return {
        "events": [_event(event, with_times=with_times) for _, event in sorted(state.events.items())],
        "hooks": [hook.url for hook in state.hooks],
    }


def _event(event: Event, *, with_times: bool) -> dict[str, Any]:
    body = {
        "id": event.id,
        "name": event.name,
        "organization_id": event.organization_id,
        "access_status": event.access_status,
        "moderation_status": event.moderation_status,
        "orders": [_order(order, with_times=with_times) for _, order in sorted(event.orders.items())],
    }
    times = ("starts_at", "ends_at") if with_times else ()
    return body | {name: spelled_or_none(getattr(event, name), "+03:00") for name in times}


def _order(order: Order, *, with_times: bool) -> dict[str, Any]:
    body = asdict(order)
    created_at = body.pop("created_at")
    times = {"created_at": spelled_or_none(created_at, "+03:00")} if with_times else {}
    return body | {"tickets": [_ticket(ticket, with_times=with_times) for ticket in order.tickets], **times}


def _ticket(ticket: Ticket, *, with_times: bool) -> dict[str, Any]:
    body = asdict(ticket)
    came_at, left_at = body.pop("came_at"), body.pop("left_at")
    times = {"came_at": came_at, "left_at": left_at} if with_times else {}
    return {**body, "came": came_at is not None} | {
        name: spelled_or_none(moment, "+03:00") for name, moment in times.items()
    }
