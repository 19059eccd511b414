"""What the portal says at the last moment outweighs what was known before."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backoffice.rules.lesson_due import Reminder
from backoffice.rules.lesson_facts import Attendee, Course, Enrolment, Live
from backoffice.rules.lesson_verdicts import SmsPolicy, Verdict, judge
from backoffice.rules.quiet_hours import QuietHours

MOSCOW = ZoneInfo("Europe/Moscow")
LESSON = datetime(2026, 3, 3, 18, 30, tzinfo=MOSCOW)
NOW = LESSON - timedelta(hours=2)
REMINDER = Reminder(1, 7, "Интенсив", LESSON, 21, timedelta(hours=2), 11)
ENROLMENT = Enrolment(1, 11, (21,), frozenset({7}), NOW - timedelta(days=1))
COURSE = Course(7, "Интенсив", (LESSON,))
ANNA = Attendee(21, "Белова", "Анна", email="anna@example.org", phone="+79990000101")
LIVE = Live({1: ENROLMENT}, {7: COURSE}, {21: ANNA})
NIGHT = QuietHours(time(21), time(9))
WITH_SMS, WITHOUT_SMS = SmsPolicy(True, NIGHT), SmsPolicy(False, NIGHT)


def verdict(live: Live, sms: SmsPolicy = WITH_SMS, now: datetime = NOW) -> Verdict:
    return judge([REMINDER], live, sms, now)[0].verdict


def only(attendee: Attendee) -> Live:
    return replace(LIVE, attendees={21: attendee})


def test_an_attendee_with_an_address_gets_a_letter() -> None:
    """The ordinary case."""
    assert verdict(LIVE) is Verdict.EMAIL


@pytest.mark.parametrize(
    "live",
    [
        replace(LIVE, enrolments={}),
        replace(LIVE, enrolments={1: replace(ENROLMENT, course_ids=frozenset({8}))}),
        replace(LIVE, enrolments={1: replace(ENROLMENT, contact_ids=(22,))}),
        replace(LIVE, courses={}),
        replace(LIVE, courses={7: replace(COURSE, lessons=(LESSON + timedelta(hours=1),))}),
        replace(LIVE, attendees={}),
        only(replace(ANNA, opted_out=True)),
    ],
    ids=["left the stage", "other course", "other contact", "no course", "other date", "no contact", "opted out"],
)
def test_nothing_goes_when_the_ground_is_gone(live: Live) -> None:
    """Each of these may have changed since the read model was refreshed."""
    assert verdict(live) is Verdict.GONE


def test_a_lesson_that_has_begun_is_missed() -> None:
    """By the second."""
    assert verdict(LIVE, now=LESSON) is Verdict.MISSED
    assert verdict(only(replace(ANNA, email="")), now=LESSON) is Verdict.MISSED


def test_who_could_not_be_reached_has_missed_nothing() -> None:
    """The manager knows of it since the reminder was due, and hears nothing more when the lesson begins."""
    mute = only(replace(ANNA, email="", phone=""))
    assert verdict(mute, now=LESSON) is Verdict.NO_ADDRESS
    assert verdict(only(replace(ANNA, email="")), WITHOUT_SMS, now=LESSON) is Verdict.NO_ADDRESS
    late = replace(REMINDER, starts_at=LESSON.replace(hour=8, minute=30))
    live = replace(only(replace(ANNA, email="")), courses={7: replace(COURSE, lessons=(late.starts_at,))})
    after = late.starts_at + timedelta(hours=3)
    assert judge([late], live, WITH_SMS, after)[0].verdict is Verdict.NO_ADDRESS


def test_without_an_address_an_sms_goes_where_it_is_allowed() -> None:
    """And where there is a phone; else a manager is told."""
    assert verdict(only(replace(ANNA, email=""))) is Verdict.SMS
    assert verdict(only(replace(ANNA, email="")), WITHOUT_SMS) is Verdict.NO_ADDRESS
    assert verdict(only(replace(ANNA, email="", phone=""))) is Verdict.NO_ADDRESS


def test_an_sms_waits_for_the_end_of_the_quiet_hours_if_the_lesson_does() -> None:
    """If the lesson begins in the quiet hours, a manager is told."""
    morning = LESSON.replace(hour=8, minute=30)
    live = replace(only(replace(ANNA, email="")), courses={7: replace(COURSE, lessons=(LESSON, morning))})
    assert verdict(live, now=LESSON.replace(hour=8, minute=40)) is Verdict.LATER
    early = replace(REMINDER, starts_at=morning)
    assert judge([early], live, WITH_SMS, morning - timedelta(hours=2))[0].verdict is Verdict.NO_ADDRESS


@pytest.mark.parametrize(("clock", "quiet"), [("20:59", False), ("21:00", True), ("03:00", True), ("09:00", False)])
def test_quiet_hours_reach_over_midnight(clock: str, quiet: bool) -> None:
    """From the first moment to the last but one."""
    moment = datetime.combine(LESSON.date(), time.fromisoformat(clock), MOSCOW)
    assert NIGHT.hold(moment) is quiet
    assert not NIGHT.hold(NIGHT.over(moment))
    assert NIGHT.over(moment) - moment <= timedelta(hours=12)


def test_equal_ends_mean_no_quiet_hours() -> None:
    """And hours within a day do not reach over midnight."""
    assert not QuietHours(time(9), time(9)).hold(LESSON)
    noon = QuietHours(time(13), time(14))
    assert noon.hold(LESSON.replace(hour=13))
    assert not noon.hold(LESSON.replace(hour=3))
