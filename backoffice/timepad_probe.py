"""Looking at Timepad's live answers for their forms. Read only; nothing personal leaves this module.

Closes the marks of what the sources leave unverified: one page of events, one event, one page of orders, the refusals.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from backoffice.rules.timepad_facts import compared_statuses, shape_of, time_form
from backoffice.timepad import ACCESS, EVENT_FIELDS, MODERATION, TimepadUnavailable

Found = dict[str, Any]

NEEDED = ("ends_at", "questions", "ticket_types")
"""Fields asked for that the import goes by."""
EVENTS, ORDERS, LOOKS = 20, 25, 10
NO_EVENT = 2_147_483_647


@dataclass(frozen=True)
class Reply:
    """HTTP status and body of an answer."""

    status: int
    body: Mapping[str, Any]

    @property
    def code(self) -> int:
        """The error's code, in the body first; the HTTP status if there is none."""
        inner = self.body.get("response_status")
        code = str(inner.get("error_code") or "") if isinstance(inner, Mapping) else ""
        return int(code) if code.isdigit() else self.status

    @property
    def rows(self) -> list[Any]:
        """`values`, where there are any."""
        return list(self.body.get("values") or [])


@dataclass(frozen=True)
class TimepadProbe:
    """The organization's Timepad; `stranger` asks with a token that is nobody's."""

    http: httpx.Client
    stranger: httpx.Client
    organization_id: int

    def look(self, found: Found, shapes: Found) -> None:
        """Fill in the facts and the shapes; what there was nothing to tell by stays out. TimepadUnavailable."""
        events = self._look_at_events(found, shapes)
        self._look_at_orders(events, found, shapes)
        self._look_at_refusals(events, found, shapes)
        statuses = _ask(self.http, "/v1/dictionary/tickets_statuses", {})
        shapes["tickets_statuses"] = shape_of(statuses.body)
        if statuses.rows:
            found |= compared_statuses(str(row.get("name")) for row in statuses.rows)

    def _look_at_events(self, found: Found, shapes: Found) -> list[Mapping[str, Any]]:
        params = {
            "fields": EVENT_FIELDS,
            "organization_ids": str(self.organization_id),
            "moderation_statuses": MODERATION,
            "access_statuses": ACCESS,
            "starts_at_min": "2000-01-01T00:00:00",
            "sort": "-id",
            "limit": str(EVENTS),
            "skip": "0",
        }
        page = _ask(self.http, "/v1/events", params)
        shapes["events"] = shape_of(page.body)
        events: list[Mapping[str, Any]] = page.rows
        if events:
            found["times"] = time_form(str(events[0].get("starts_at") or "")) or "other"
            found["event_lacks"] = tuple(name for name in NEEDED if not any(name in event for event in events))
            one = _ask(self.http, f"/v1/events/{events[0]['id']}", {"fields": EVENT_FIELDS})
            shapes["event"] = shape_of(one.body)
        return events

    def _look_at_orders(self, events: list[Mapping[str, Any]], found: Found, shapes: Found) -> None:
        """A page of orders of each of the latest events, until there are enough to tell by."""
        orders: list[Mapping[str, Any]] = []
        for event in events[:LOOKS]:
            path = f"/v1/events/{event['id']}/orders"
            page = _ask(self.http, path, {"limit": str(ORDERS), "skip": "0"})
            orders += page.rows
            if page.rows and "past_the_end" not in found:
                beyond = {"limit": "1", "skip": str(int(page.body.get("total") or 0) + 1)}
                found["past_the_end"] = "empty" if "values" in _ask(self.http, path, beyond).body else "missing"
            if len(orders) >= ORDERS:
                break
        if orders:
            shapes["orders"] = shape_of(orders)
            found |= _ticket_facts([ticket for order in orders for ticket in order.get("tickets") or []])

    def _look_at_refusals(self, events: list[Mapping[str, Any]], found: Found, shapes: Found) -> None:
        for fact, refusal in self._refusals(events):
            if refusal.code >= 400:
                found[fact] = refusal.code
                shapes[fact] = shape_of(refusal.body)
                found["errors_with_200"] = refusal.status == httpx.codes.OK

    def _refusals(self, events: list[Mapping[str, Any]]) -> Iterator[tuple[str, Reply]]:
        yield "no_event", _ask(self.http, f"/v1/events/{NO_EVENT}", {})
        for event in events[:1]:
            yield "wrong_token", _ask(self.stranger, f"/v1/events/{event['id']}/orders", {"limit": "1"})
        everybody = _ask(self.http, "/v1/events", {"fields": "organization", "limit": str(EVENTS)})
        owners = {row["id"]: (row.get("organization") or {}).get("id") for row in everybody.rows}
        for event_id in [own for own, owner in owners.items() if owner not in (None, self.organization_id)][:1]:
            yield "foreign_orders", _ask(self.http, f"/v1/events/{event_id}/orders", {"limit": "1"})


def _ask(http: httpx.Client, path: str, params: Mapping[str, str]) -> Reply:
    try:
        response = http.get(path, params=dict(params))
    except httpx.RequestError as error:
        raise TimepadUnavailable(f"Timepad {path}: no answer: {type(error).__name__}") from None
    try:
        body = response.json()
    except ValueError:
        body = {}
    reply = Reply(response.status_code, body if isinstance(body, dict) else {})
    if reply.code == httpx.codes.TOO_MANY_REQUESTS or reply.code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise TimepadUnavailable(f"Timepad {path}: {reply.code}")
    return reply


def _ticket_facts(tickets: list[Mapping[str, Any]]) -> Found:
    found: Found = {}
    forms = {
        "object" if isinstance(ticket["answers"], Mapping) else "array" for ticket in tickets if ticket.get("answers")
    }
    if forms:
        found["answers_as"] = forms.pop() if len(forms) == 1 else "both"
    prices = [ticket["price_nominal"] for ticket in tickets if "price_nominal" in ticket]
    if prices:
        found["numbers_as_strings"] = any(isinstance(price, str) for price in prices)
    if absent := {form for ticket in tickets if (form := _attendance(ticket))}:
        found["not_attended"] = ", ".join(sorted(absent))
    return found


def _attendance(ticket: Mapping[str, Any]) -> str:
    """How the ticket says that nobody was let in with it; empty if somebody was."""
    mark = ticket.get("attendance")
    if isinstance(mark, Mapping):
        return "" if mark.get("starts_at") else "nulls"
    return "list" if isinstance(mark, list) else "missing"
