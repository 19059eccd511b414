"""Events and tickets at Timepad, and what we remember of the events imported."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.retries import worth_retrying
from backoffice.rules.attendance_events import end_of
from backoffice.rules.attendance_facts import Event, Ticket
from backoffice.store import events
from backoffice.timepad import TimepadRefused


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_recent_events(started_after: datetime) -> list[Event]:
    """The organization's events that start after the moment; 100 a request. NoEvents if it never had any."""
    with connections.timepad() as timepad:
        recent = list(timepad.events(started_after))
        if not recent:
            timepad.demand_events()
        return recent


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_events(event_ids: Sequence[int]) -> list[Event]:
    """The events with these ids. One that Timepad does not show is named in the log and left out."""
    found = []
    with connections.timepad() as timepad:
        for event_id in event_ids:
            try:
                found.append(timepad.event(event_id))
            except TimepadRefused as refusal:
                get_run_logger().warning("мероприятие %s: %s", event_id, refusal)
    return found


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_event(event_id: int) -> Event:
    """One event; TimepadRefused says why Timepad does not show it."""
    with connections.timepad() as timepad:
        return timepad.event(event_id)


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_tickets(event: Event) -> list[Ticket]:
    """All tickets of the event; 250 orders a request."""
    with connections.timepad() as timepad:
        return timepad.tickets(event)


@task(cache_policy=NO_CACHE)
def read_import_times(found: Iterable[Event]) -> dict[int, datetime]:
    """When each of the events was imported last; without those that never were, or not wholly."""
    known = events.known_events(connections.store(), connections.portal_host(), [event.id for event in found])
    return {event_id: event.imported_at for event_id, event in known.items() if event.imported_at}


@task(cache_policy=NO_CACHE)
def remember_import(event: Event, section_id: int | None, now: datetime, complete: bool) -> None:
    """Note that the event stands in the portal as of `now`; without a section the one noted before stays noted.

    An incomplete import has no moment, so that the next sweep takes the event up again.
    """
    engine, host = connections.store(), connections.portal_host()
    before = events.known_events(engine, host, [event.id]).get(event.id)
    known = events.KnownEvent(
        portal=host,
        event_id=event.id,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=end_of(event),
        section_id=section_id or (before.section_id if before else None),
        imported_at=now if complete else None,
    )
    events.remember_event(engine, known)
