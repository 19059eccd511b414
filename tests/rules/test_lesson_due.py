"""Whose reminder is due: leads, catching up, history, what was missed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.lesson_due import Timetable, Timing, begun, due, missed, unsent
from backoffice.rules.lesson_facts import Course, Enrolment

LESSON = datetime(2026, 3, 3, 15, 30, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
TWO_HOURS = Timing((2 * HOUR,), LONG_AGO)
DAY_AND_TWO_HOURS = Timing((24 * HOUR, 2 * HOUR), LONG_AGO)


def timetable(*lessons: datetime, entered_at: datetime = LONG_AGO, swept_until: datetime | None = None) -> Timetable:
    """One course, one deal with two contacts."""
    return Timetable(
        (Course(7, "Интенсив", lessons),),
        (Enrolment(1, 11, (21, 22), frozenset({7}), entered_at),),
        swept_until,
    )


def test_nothing_is_due_a_second_before_the_lead() -> None:
    """Two hours means two hours."""
    assert due(timetable(LESSON), TWO_HOURS, LESSON - 2 * HOUR - timedelta(seconds=1)) == []


@pytest.mark.parametrize("before", [2 * HOUR, HOUR, timedelta(seconds=1)])
def test_a_reminder_is_due_from_the_lead_to_the_lesson(before: timedelta) -> None:
    """After an outage, or for a late enrolment, what is still ahead is caught up: one for every contact of the deal."""
    reminders = due(timetable(LESSON), TWO_HOURS, LESSON - before)
    assert [reminder.key for reminder in reminders] == ["1:7:20260303T153000Z:21:120", "1:7:20260303T153000Z:22:120"]


def test_nothing_is_due_once_the_lesson_has_begun() -> None:
    """A reminder of a lesson that runs already helps nobody."""
    assert due(timetable(LESSON), TWO_HOURS, LESSON) == []


def test_of_two_leads_that_have_come_only_the_shorter_counts() -> None:
    """Nobody gets «tomorrow» and «in an hour» together."""
    assert {one.lead for one in due(timetable(LESSON), DAY_AND_TWO_HOURS, LESSON - 3 * HOUR)} == {24 * HOUR}
    assert {one.lead for one in due(timetable(LESSON), DAY_AND_TWO_HOURS, LESSON - HOUR)} == {2 * HOUR}


def test_what_fell_due_before_the_start_is_history() -> None:
    """The due moment decides, not the lesson."""
    timing = Timing((2 * HOUR,), LESSON - HOUR)
    assert due(timetable(LESSON), timing, LESSON - HOUR / 2) == []
    assert len(due(timetable(LESSON + HOUR), timing, LESSON)) == 2


def test_a_lesson_that_began_since_the_last_sweep_is_missed_unless_some_reminder_of_it_went() -> None:
    """With whatever lead."""
    own = timetable(LESSON, swept_until=LESSON - HOUR)
    late = begun(own, DAY_AND_TWO_HOURS, LESSON + HOUR)
    assert [one.contact_id for one in missed(late, set())] == [21, 22]
    assert [one.contact_id for one in missed(late, {"1:7:20260303T153000Z:21:1440"})] == [22]


def test_the_first_sweep_misses_nothing() -> None:
    """A portal with years of lessons behind it."""
    assert begun(timetable(LESSON), TWO_HOURS, LESSON + HOUR) == []


def test_who_enrolled_after_the_lesson_missed_nothing() -> None:
    """Neither did who enrolled at its very beginning."""
    assert begun(timetable(LESSON, entered_at=LESSON, swept_until=LONG_AGO), TWO_HOURS, LESSON + HOUR) == []


minutes = st.integers(0, 600).map(lambda count: timedelta(minutes=count))


@given(
    lesson=minutes,
    leads=st.lists(st.sampled_from([30, 60, 120, 300]).map(lambda count: timedelta(minutes=count)), min_size=1),
    sweeps=st.lists(minutes, min_size=1, max_size=30),
)
def test_sweeps_at_any_moments_remind_of_a_lead_once_and_never_late(
    lesson: timedelta, leads: list[timedelta], sweeps: list[timedelta]
) -> None:
    """And exactly once a lead if some sweep fell between it and the next shorter one."""
    begin = datetime(2026, 3, 3, tzinfo=UTC)
    own, timing = timetable(begin + lesson), Timing(tuple(leads), LONG_AGO)
    sent: list[str] = []
    for moment in sorted(sweeps):
        reminders = unsent(due(own, timing, begin + moment), sent)
        assert all(moment < lesson and lesson - one.lead <= moment for one in reminders)
        sent += [one.key for one in reminders]
    assert len(sent) == len(set(sent))
    expected = {
        min(lead for lead in leads if lesson - lead <= moment)
        for moment in sweeps
        if moment < lesson and any(lesson - lead <= moment for lead in leads)
    }
    assert {int(key.rsplit(":", 1)[1]) for key in sent} == {lead // timedelta(minutes=1) for lead in expected}
