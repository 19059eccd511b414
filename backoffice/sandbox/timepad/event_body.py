"""An event as the API shows it (help.timepad.ru, get-v1-events and get-v1-events-event-id)."""

from collections.abc import Callable, Collection
from typing import Any

from backoffice.sandbox.timepad.moments import spelled, spelled_or_none
from backoffice.sandbox.timepad.organization import organization_body
from backoffice.sandbox.timepad.state import Event
from backoffice.sandbox.timepad.statuses import EVENT_CATEGORIES
from backoffice.sandbox.timepad.switches import Switches

CATEGORY = 217
PLACES = 200

ALWAYS = frozenset({"id", "starts_at", "name", "url", "poster_image", "categories", "moderation_status"})
OPTIONAL: dict[str, Callable[[Event, Switches], Any]] = {
    "ends_at": lambda event, switches: spelled_or_none(event.ends_at, switches.times),
    "created_at": lambda event, switches: spelled(event.created_at, switches.times),
    "description_short": lambda event, _: event.description,
    "description_html": lambda event, _: f"<p>{event.description}</p>",
    "locale": lambda *_: "ru",
    "location": lambda *_: {
        "country": "Россия",
        "city": "Москва",
        "address": "ул. Примерная, 1",
        "coordinates": ["55.75", "37.61"],
    },
    "organization": lambda event, _: organization_body(event.organization_id),
    "tickets_limit": lambda *_: PLACES,
    "questions": lambda event, _: [question.body() for question in event.questions],
    "age_limit": lambda *_: 0,
    "access_status": lambda event, _: event.access_status,
    "registration_data": lambda event, _: {
        "price_max": event.price,
        "price_min": event.price,
        "tickets_total": sum(1 for _ in event.tickets()),
        "tickets_limit": PLACES,
        "is_registration_open": True,
    },
}
FIELDS = ALWAYS | OPTIONAL.keys() | {"ticket_types"}


def event_body(event: Event, fields: Collection[str], switches: Switches, *, insider: bool) -> dict[str, Any]:
    """The required fields and, of the optional ones, those in `fields`; an unknown end is a missing key.

    `insider` (a visitor with `view_visitors`) also sees how many tickets of a type were sold and let in.
    """
    body = _required(event, switches)
    body |= {name: read(event, switches) for name, read in OPTIONAL.items() if name in fields}
    if "ticket_types" in fields:
        body["ticket_types"] = [_ticket_type(event, insider=insider)]
    if body.get("ends_at", ...) is None:
        del body["ends_at"]
    return body


def _required(event: Event, switches: Switches) -> dict[str, Any]:
    return {
        "id": event.id,
        "starts_at": spelled(event.starts_at, switches.times),
        "name": event.name,
        "url": f"https://school.example.org/event/{event.id}/",
        "poster_image": {"default_url": f"//posters.example.org/{event.id}.jpg", "uploadcare_url": ""},
        "categories": [{"id": CATEGORY, "name": EVENT_CATEGORIES[CATEGORY]}],
        "moderation_status": event.moderation_status,
    }


def _ticket_type(event: Event, *, insider: bool) -> dict[str, Any]:
    kind: dict[str, Any] = {
        "id": event.id * 10 + 1,
        "name": "Участник",
        "buy_amount_min": 1,
        "buy_amount_max": 30,
        "price": event.price,
        "is_promocode_locked": False,
        "remaining": PLACES - sum(1 for _ in event.tickets()),
        "is_active": True,
        "status": "ok",
    }
    if insider:
        kind["sold"] = sum(1 for _ in event.tickets())
        kind["attended"] = sum(1 for _, ticket in event.tickets() if ticket.came_at)
    return kind
