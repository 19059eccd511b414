"""Our own memory of who attended what: the base of the counts and of telling our writing from people's edits."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.rules.attendance_facts import Event
from backoffice.rules.attendance_plan import Trace
from backoffice.store import aliases, participations
from backoffice.store.participations import Participation


@task(cache_policy=NO_CACHE)
def remember_attendance(
    event: Event, traces: Sequence[Trace], contacts: Mapping[str, int], entries: Mapping[str, int]
) -> None:
    """Keep what was written for the tickets; `contacts` and `entries` give the ids of what was made a moment ago."""
    rows = [
        Participation(
            portal=connections.portal_host(),
            event_id=event.id,
            ticket_id=trace.ticket_id,
            contact_id=contacts[trace.contact] if isinstance(trace.contact, str) else trace.contact,
            element_id=entries.get(trace.ticket_id, trace.entry_id),
            status=trace.status,
            attended=trace.attended,
        )
        for trace in traces
    ]
    participations.remember(connections.store(), rows)


@task(cache_policy=NO_CACHE)
def remember_aliases(gone: Mapping[int, int | None], now: datetime) -> None:
    """Keep which contacts people merged (old id -> survivor) or deleted (old id -> None).

    To be kept before anything is written: what the writes replace is what an alias is found by.
    """
    aliases.note_alias(connections.store(), connections.portal_host(), gone, now)
