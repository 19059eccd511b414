"""`/v1/events` and `/v1/events/{id}` (help.timepad.ru, get-v1-events and get-v1-events-event-id)."""

from datetime import datetime
from typing import Any

from backoffice.sandbox.timepad.call import Call
from backoffice.sandbox.timepad.errors import Refused
from backoffice.sandbox.timepad.event_body import FIELDS, event_body
from backoffice.sandbox.timepad.state import Event
from backoffice.sandbox.timepad.statuses import ACCESS_STATUSES, MODERATION_STATUSES

LIST_PARAMETERS = frozenset(
    {
        "fields",
        "limit",
        "skip",
        "sort",
        "organization_ids",
        "event_ids",
        "starts_at_min",
        "starts_at_max",
        "access_statuses",
        "moderation_statuses",
    }
)
SORTS = frozenset(sign + name for sign in "+-" for name in ("id", "name", "starts_at"))
# What the list shows when nobody asks for more; the real default is unverified.
SHOWN_ACCESS, SHOWN_MODERATION = ("public",), ("shown", "featured")


def list_events(call: Call) -> dict[str, Any]:
    """A page of the events that match and that the visitor may see, and how many there are in all."""
    found = [event for event in list(call.state.events.values()) if _matches(event, call) and visible(event, call)]
    for order in reversed(call.words("sort", SORTS) or ("+id",)):
        name = order[1:]
        found.sort(key=lambda event: getattr(event, name), reverse=order[0] == "-")
    skip, limit = call.whole("skip", 0, least=0), call.whole("limit", 10, least=1, most=100)
    fields = call.words("fields", FIELDS)
    return {"total": len(found), "values": [_shown(event, fields, call) for event in found[skip : skip + limit]]}


def show_event(call: Call) -> dict[str, Any]:
    """One event; without `fields` everything about it."""
    return _shown(find_event(call), call.words("fields", FIELDS) or tuple(FIELDS), call)


def find_event(call: Call) -> Event:
    """The event of the path; Refused 404 if there is none the visitor may see."""
    event = call.state.events.get(call.path["event_id"])
    if event is None or not visible(event, call):
        raise Refused(404, "event not found")
    return event


def visible(event: Event, call: Call) -> bool:
    """Private, draft and link-only events are for organizers with `view_private_events`."""
    return event.access_status == "public" or call.may("view_private_events", event)


def _shown(event: Event, fields: tuple[str, ...], call: Call) -> dict[str, Any]:
    return event_body(event, fields, call.state.switches, insider=call.may("view_visitors", event))


def _matches(event: Event, call: Call) -> bool:
    ids, organizations = call.numbers("event_ids"), call.numbers("organization_ids")
    access = call.words("access_statuses", ACCESS_STATUSES) or SHOWN_ACCESS
    moderation = call.words("moderation_statuses", MODERATION_STATUSES) or SHOWN_MODERATION
    return (
        (not ids or event.id in ids)
        and (not organizations or event.organization_id in organizations)
        and event.access_status in access
        and event.moderation_status in moderation
        and _between(event.starts_at, call.moment("starts_at_min"), call.moment("starts_at_max"))
    )


def _between(moment: datetime, earliest: datetime | None, latest: datetime | None) -> bool:
    return (earliest is None or moment >= earliest) and (latest is None or moment <= latest)
