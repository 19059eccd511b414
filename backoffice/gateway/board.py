"""The organization's events as the page inside the portal shows them: what Timepad has, and what we have imported."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice import connections
from backoffice.rules.attendance_events import end_of
from backoffice.rules.attendance_facts import Event
from backoffice.store.events import known_events
from backoffice.store.participations import count_tickets

LOOK_BACK = timedelta(days=30)
SHOWN = 50


@dataclass(frozen=True)
class EventLine:
    """One event; `imported_at` is its last whole import, `tried` if there was any, `tickets` how many then stood."""

    id: int
    title: str
    starts_at: datetime
    over: bool
    tried: bool
    imported_at: datetime | None
    tickets: int


def lines(event_id: int | None, now: datetime) -> list[EventLine]:
    """The event with this number, or those that began in the last 30 days, the newest first.

    TimepadError; TimepadRefused if there is no such event.
    """
    with connections.timepad() as timepad:
        if event_id is not None:
            return _lines([timepad.event(event_id)], now)
        begun = [event for event in timepad.events(now - LOOK_BACK) if event.starts_at <= now]
    begun.sort(key=lambda event: event.starts_at, reverse=True)
    return _lines(begun[:SHOWN], now)


def _lines(events: Iterable[Event], now: datetime) -> list[EventLine]:
    engine, host = connections.store(), connections.portal_host()
    found = {event.id: event for event in events}
    known = known_events(engine, host, found)
    tickets = count_tickets(engine, host, known)
    zone = connections.zone()
    times = {event_id: event.imported_at for event_id, event in known.items() if event.imported_at}
    return [
        EventLine(
            id=event.id,
            title=event.title,
            starts_at=event.starts_at.astimezone(zone),
            over=end_of(event) <= now,
            tried=event.id in known,
            imported_at=times[event.id].astimezone(zone) if event.id in times else None,
            tickets=tickets.get(event.id, 0),
        )
        for event in found.values()
    ]
