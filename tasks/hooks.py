"""Webhooks that wait in the inbox. They only hint at what to look at; the facts are read anew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.store import inbox


@dataclass(frozen=True)
class Hints:
    """Waiting hooks: the row ids of each subject, such as an event's id."""

    rows: dict[str, list[int]]

    @property
    def event_ids(self) -> list[int]:
        """The subjects as ids of events."""
        return [int(subject) for subject in self.rows]


@task(cache_policy=NO_CACHE)
def read_hints(source: str) -> Hints:
    """All hooks of the source that nobody has looked at, gathered by what they are about."""
    rows: dict[str, list[int]] = {}
    for row in inbox.pending(connections.store(), source):
        rows.setdefault(row.subject, []).append(row.id)
    return Hints(rows)


@task(cache_policy=NO_CACHE)
def close_hints(hints: Hints, left_open: Collection[int] = ()) -> None:
    """Mark the hooks as looked at, without those about the events `left_open`, which will be tried again."""
    kept = {str(event_id) for event_id in left_open}
    done = [row for subject, rows in hints.rows.items() if subject not in kept for row in rows]
    inbox.mark_handled(connections.store(), done, datetime.now(UTC))
