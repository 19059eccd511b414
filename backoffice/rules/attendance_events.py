"""Which events are to be imported now."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from backoffice.rules.attendance_facts import Event

ASSUMED_LENGTH = timedelta(hours=3)


def end_of(event: Event) -> datetime:
    """When the event ends; one without an end is taken to last three hours."""
    return event.ends_at or event.starts_at + ASSUMED_LENGTH


def finished(events: Iterable[Event], now: datetime, start_from: datetime) -> list[Event]:
    """The events that are over, without history: events that ended before `start_from`."""
    return [event for event in events if start_from <= end_of(event) <= now]


def due(
    events: Iterable[Event],
    imported: Mapping[int, datetime | None],
    passes: Sequence[timedelta],
    now: datetime,
    start_from: datetime,
) -> list[Event]:
    """Events with a pass whose time has come since their last import; check-ins and refunds come hours and days late.

    Events that ended before `start_from` are history: imported only when asked for by id.
    """
    return [
        event
        for event in events
        if end_of(event) >= start_from and _pass_due(end_of(event), imported.get(event.id), passes, now)
    ]


def _pass_due(ended: datetime, imported: datetime | None, passes: Sequence[timedelta], now: datetime) -> bool:
    times = [ended + after for after in passes if ended + after <= now]
    return bool(times) and (imported is None or imported < max(times))
