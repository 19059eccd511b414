"""Whose reminder is due: the local read model in, reminders out."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backoffice.rules.lesson_facts import Course, Enrolment, Live

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Reminder:
    """One letter to be: to one contact of one deal, about one lesson of a course, so long before it (`lead`)."""

    deal_id: int
    course_id: int
    course_name: str
    starts_at: datetime
    contact_id: int
    lead: timedelta
    responsible_id: int

    @property
    def lesson(self) -> str:
        """The lesson's natural key: the course and the start. A lesson at another time is another lesson."""
        return f"{self.course_id}:{self.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    @property
    def due_at(self) -> datetime:
        """From when on it may go."""
        return self.starts_at - self.lead

    @property
    def occasion(self) -> str:
        """Deal, lesson and contact: what several leads have in common."""
        return f"{self.deal_id}:{self.lesson}:{self.contact_id}"

    @property
    def key(self) -> str:
        """The natural key: deal, lesson, contact, lead in minutes."""
        return f"{self.occasion}:{self.lead // MINUTE}"


@dataclass(frozen=True)
class Timing:
    """How long before a lesson its reminders go; what fell due before `start_from` is history."""

    leads: tuple[timedelta, ...]
    start_from: datetime

    def horizon(self, now: datetime) -> datetime:
        """No lesson after it can have a reminder due."""
        return now + max(self.leads)


@dataclass(frozen=True)
class Timetable:
    """The read model as far as a sweep needs it: courses with the dates that matter, and the deals that have them.

    Lessons that began by `swept_until` were the business of earlier sweeps; None before the first.
    """

    courses: Sequence[Course] = ()
    enrolments: Sequence[Enrolment] = ()
    swept_until: datetime | None = None


class NotEnrolled(Exception):
    """The deal asked for is not among those whose contacts are reminded."""


def timetable_of_deal(deal_id: int, live: Live) -> Timetable:
    """What one deal attends, as it was read a moment ago; what it misses sweeps see to. NotEnrolled if nothing."""
    if deal_id not in live.enrolments:
        raise NotEnrolled(f"Сделки {deal_id} нет, или она стоит не на той стадии, с которой напоминают")
    return Timetable(tuple(live.courses.values()), tuple(live.enrolments.values()))


def due(timetable: Timetable, timing: Timing, now: datetime) -> list[Reminder]:
    """The reminders whose time has come, sent or not, the nearest lesson first.

    Of several leads that have come, after an outage or a late enrolment, only the shortest counts: it says all.
    """
    attending = _by_course(timetable.enrolments)
    found: list[Reminder] = []
    for course, starts_at in _lessons(timetable):
        come = [lead for lead in timing.leads if starts_at - lead <= now < starts_at]
        if come and starts_at - min(come) >= timing.start_from:
            found += _reminders(course, starts_at, min(come), attending.get(course.id, ()))
    return sorted(found, key=lambda reminder: (reminder.starts_at, reminder.deal_id, reminder.contact_id))


def begun(timetable: Timetable, timing: Timing, now: datetime) -> list[Reminder]:
    """The last reminders of the lessons that began since the last sweep, of those who were enrolled before."""
    if timetable.swept_until is None:
        return []
    shortest, attending = min(timing.leads), _by_course(timetable.enrolments)
    return [
        reminder
        for course, starts_at in _lessons(timetable)
        if timetable.swept_until < starts_at <= now and starts_at - shortest >= timing.start_from
        for enrolment in attending.get(course.id, ())
        if enrolment.entered_at < starts_at
        for reminder in _reminders(course, starts_at, shortest, [enrolment])
    ]


def next_reminders(live: Live, deal_id: int, now: datetime) -> list[Reminder]:
    """The reminders of the next lesson of each of the deal's courses, as if they left now."""
    enrolment = live.enrolments.get(deal_id)
    if enrolment is None:
        return []
    found: list[Reminder] = []
    for course in (live.courses[one] for one in sorted(enrolment.course_ids) if one in live.courses):
        ahead = [starts_at for starts_at in course.lessons if starts_at > now]
        found += _reminders(course, min(ahead), min(ahead) - now, [enrolment]) if ahead else []
    return found


def unsent(reminders: Iterable[Reminder], sent: Collection[str]) -> list[Reminder]:
    """Those whose key is not among the sent ones."""
    return [reminder for reminder in reminders if reminder.key not in sent]


def missed(reminders: Iterable[Reminder], sent: Collection[str]) -> list[Reminder]:
    """Those of whose occasion no reminder was sent, with whatever lead."""
    occasions = {key.rsplit(":", 1)[0] for key in sent}
    return [reminder for reminder in reminders if reminder.occasion not in occasions]


def _lessons(timetable: Timetable) -> Iterator[tuple[Course, datetime]]:
    return ((course, starts_at) for course in timetable.courses for starts_at in course.lessons)


def _by_course(enrolments: Iterable[Enrolment]) -> dict[int, list[Enrolment]]:
    attending: dict[int, list[Enrolment]] = {}
    for enrolment in enrolments:
        for course_id in enrolment.course_ids:
            attending.setdefault(course_id, []).append(enrolment)
    return attending


def _reminders(
    course: Course, starts_at: datetime, lead: timedelta, enrolments: Iterable[Enrolment]
) -> Iterator[Reminder]:
    """One for every contact of every deal."""
    for enrolment in enrolments:
        for contact in dict.fromkeys(enrolment.contact_ids):
            deal, responsible = enrolment.deal_id, enrolment.responsible_id
            yield Reminder(deal, course.id, course.name, starts_at, contact, lead, responsible)
