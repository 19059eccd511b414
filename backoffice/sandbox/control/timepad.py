"""`/_sandbox/timepad/…`: things happen at Timepad, and its hooks tell about them."""

from dataclasses import asdict
from typing import Any

from starlette.routing import Route

from backoffice.sandbox.control import timepad_bodies as sent
from backoffice.sandbox.control.body import Unfit, post
from backoffice.sandbox.control.overrides import Overrides, overridden
from backoffice.sandbox.timepad.hooks import bodies, deliver
from backoffice.sandbox.timepad.state import Event, Hook, Order, Ticket
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    """One address for each thing that can happen."""
    changes = TimepadChanges(world)
    place = "/_sandbox/timepad"
    return [
        post(f"{place}/check_in", sent.CheckIn, changes.check_in),
        post(f"{place}/refund", sent.Refund, changes.refund),
        post(f"{place}/add_order", sent.AddOrder, changes.add_order),
        post(f"{place}/rename", sent.Rename, changes.rename),
        post(f"{place}/add_event", sent.AddEvent, changes.add_event),
        post(f"{place}/hook_target", sent.HookTarget, changes.aim_hooks),
        post(f"{place}/switches", Overrides, changes.switch),
    ]


class TimepadChanges:
    """Each method makes one change and answers with what became of it and of its hooks."""

    def __init__(self, world: World) -> None:
        self._world = world

    def check_in(self, body: sent.CheckIn) -> dict[str, Any]:
        event = self._event(body.event_id)
        order, ticket = _ticket(event, body.ticket_id)
        ticket.came_at = body.at or self._world.clock.now()
        return self._told(event, [(order, ticket)], body)

    def refund(self, body: sent.Refund) -> dict[str, Any]:
        """With `order_id` the order's status changes, with `ticket_id` that ticket's own."""
        event = self._event(body.event_id)
        if body.ticket_id is not None:
            order, ticket = _ticket(event, body.ticket_id)
            ticket.status = body.status
            return self._told(event, [(order, ticket)], body)
        order = _order(event, body.order_id)
        order.status = body.status
        return self._told(event, [(order, ticket) for ticket in order.tickets], body)

    def add_order(self, body: sent.AddOrder) -> dict[str, Any]:
        event = self._event(body.event_id)
        people = [buyer.person() for buyer in body.people]
        customer = body.customer.person() if body.customer else None
        order = self._world.timepad.place_order(event, people, body.form, customer=customer)
        order.status, order.answers_as = body.status or order.status, body.answers_as
        told = self._told(event, [(order, ticket) for ticket in order.tickets], body)
        return {"order_id": order.id, "ticket_ids": [ticket.id for ticket in order.tickets], **told}

    def rename(self, body: sent.Rename) -> dict[str, Any]:
        self._event(body.event_id).name = body.name
        return {"deliveries": []}

    def add_event(self, body: sent.AddEvent) -> dict[str, Any]:
        event = self._world.timepad.add_event(body.name, body.starts_at, body.ends_at)
        event.price = body.price
        event.access_status, event.moderation_status = body.access_status, body.moderation_status
        return {"event_id": event.id}

    def aim_hooks(self, body: sent.HookTarget) -> dict[str, Any]:
        self._world.timepad.hooks = [Hook(body.url, body.secret)] if body.url else []
        return {"hooks": [hook.url for hook in self._world.timepad.hooks]}

    def switch(self, body: Overrides) -> dict[str, Any]:
        timepad = self._world.timepad
        timepad.switches = overridden(timepad.switches, body.root)
        return asdict(timepad.switches)

    def _event(self, event_id: int) -> Event:
        event = self._world.timepad.events.get(event_id)
        if event is None:
            raise Unfit(f"event_id: Timepad has no event {event_id}")
        return event

    def _told(self, event: Event, changed: list[tuple[Order, Ticket]], body: sent.Change) -> dict[str, Any]:
        timepad, manner = self._world.timepad, body.manner()
        messages = bodies(timepad, event, changed, manner.body)
        told = deliver(timepad.hooks, messages, manner, self._world.deliveries.send)
        return {"deliveries": [asdict(delivery) for delivery in told]}


def _ticket(event: Event, ticket_id: int) -> tuple[Order, Ticket]:
    for order, ticket in event.tickets():
        if ticket.id == ticket_id:
            return order, ticket
    raise Unfit(f"ticket_id: event {event.id} has no ticket {ticket_id}")


def _order(event: Event, order_id: int | None) -> Order:
    order = event.orders.get(order_id or 0)
    if order is None:
        raise Unfit(f"order_id: event {event.id} has no order {order_id}")
    return order
