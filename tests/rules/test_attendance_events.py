"""Which events are to be imported now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.attendance_events import due, end_of, finished
from backoffice.rules.attendance_facts import Event

START = datetime(2026, 3, 1, 16, tzinfo=UTC)
EVENT = Event(1, "Семинар", START, START + timedelta(hours=2))
LONG_AGO = START - timedelta(days=365)
PASSES = [timedelta(0), timedelta(hours=6), timedelta(hours=24)]
HOURS = st.integers(-5, 60)


def _due(hours: float, imported: float | None) -> bool:
    """Whether the event is due so many hours after its end, when imported last so many hours after its end."""
    ended = end_of(EVENT)
    times = {} if imported is None else {1: ended + timedelta(hours=imported)}
    return due([EVENT], times, PASSES, ended + timedelta(hours=hours), LONG_AGO) == [EVENT]


def test_an_event_without_an_end_lasts_three_hours() -> None:
    """Organizers leave the end out."""
    assert end_of(replace(EVENT, ends_at=None)) == START + timedelta(hours=3)


@pytest.mark.parametrize(
    ("hours", "imported", "expected"),
    [
        (-0.1, None, False),
        (0, None, True),
        (0.25, 0, False),
        (5.9, 0, False),
        (6, 0.25, True),
        (6.5, 6.1, False),
        (24, 6.1, True),
        (200, 24.1, False),
        (200, 6.1, True),
        (200, None, True),
        (1, -3, True),
    ],
)
def test_an_event_is_imported_once_in_each_pass(hours: float, imported: float | None, expected: bool) -> None:
    """At its end, 6 and 24 hours later; a pass that an outage missed is made good, an import before the end is none."""
    assert _due(hours, imported) is expected


@given(HOURS, st.none() | HOURS)
def test_an_event_just_imported_is_never_due(hours: int, imported: int | None) -> None:
    """The sweep after an import leaves the event alone until the next pass."""
    if _due(hours, imported):
        assert not _due(hours, hours)


def test_no_passes_no_imports() -> None:
    """An empty list of passes switches the sweep off."""
    assert due([EVENT], {}, [], START + timedelta(days=2), LONG_AGO) == []


def test_history_is_left_alone() -> None:
    """An event that ended before start_from is imported only when asked for by its number."""
    later = end_of(EVENT) + timedelta(days=1)
    assert due([EVENT], {}, PASSES, later, start_from=later) == []
    assert finished([EVENT], later, start_from=later) == []
    assert finished([EVENT], later, start_from=end_of(EVENT)) == [EVENT]


def test_a_hint_of_an_event_that_is_not_over_imports_nothing() -> None:
    """Its last minute counts as not over; the end itself as over."""
    assert finished([EVENT], end_of(EVENT) - timedelta(minutes=1), LONG_AGO) == []
    assert finished([EVENT], end_of(EVENT), LONG_AGO) == [EVENT]
