"""What a manager has to be told of: each thing once, to the person responsible for the deal."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backoffice.rules.lesson_due import Reminder
from backoffice.rules.lesson_facts import Course, Enrolment
from backoffice.rules.lesson_report import Report
from backoffice.rules.lesson_verdicts import Judged, Verdict
from backoffice.rules.sending import Draft

PURPOSE = "lesson_reminders"


class DoubtfulMessage(Protocol):
    """A message in doubt as the store has it; `releases` counts the decisions to send it again."""

    id: int
    channel: str
    about: str
    deal_id: int | None
    contact_id: int | None
    releases: int


@dataclass(frozen=True)
class NoAddress:
    """A contact that can be reached neither by letter nor by SMS; told once for a deal and a contact."""

    user_id: int
    judged: Judged

    @property
    def draft(self) -> Draft:
        reminder = self.judged.reminder
        return _draft(f"no-address:{reminder.deal_id}:{reminder.contact_id}", reminder)


@dataclass(frozen=True)
class NotSent:
    """A letter that could not be written or was refused, with the reason; told once for each reason.

    `message_id` is the number of the one refused; one that could not be written has none, and is tried again by itself.
    """

    user_id: int
    reminder: Reminder
    initials: str
    reason: str
    message_id: int | None = None

    @property
    def draft(self) -> Draft:
        return _draft(not_sent_key(self.reminder, self.reason), self.reminder)


@dataclass(frozen=True)
class Missed:
    """A lesson that began before its letters could leave, and the deals it concerns."""

    user_id: int
    course_name: str
    starts_at: datetime
    lesson: str
    deal_ids: tuple[int, ...]

    @property
    def draft(self) -> Draft:
        return Draft("note", PURPOSE, f"missed:{self.lesson}:{self.user_id}", self.course_name)


@dataclass(frozen=True)
class Unreadable:
    """Something among the dates of a course that is no date; told once for each such text."""

    user_id: int
    course: Course

    @property
    def draft(self) -> Draft:
        texts = _digest("\n".join(self.course.unreadable))
        return Draft("note", PURPOSE, f"unreadable:{self.course.id}:{texts}:{self.user_id}", self.course.name)


@dataclass(frozen=True)
class Doubtful:
    """A message of which nobody knows whether it left; told once for each sending."""

    user_id: int
    message: DoubtfulMessage

    @property
    def draft(self) -> Draft:
        message = self.message
        key = f"doubtful:{message.id}:{message.releases}"
        return Draft("note", PURPOSE, key, message.about, message.deal_id, message.contact_id)


LessonNote = NoAddress | NotSent | Missed | Unreadable | Doubtful


def not_sent_key(reminder: Reminder, reason: str) -> str:
    """The natural key of the note about a message that was refused for this reason."""
    return f"not-sent:{reminder.deal_id}:{reminder.contact_id}:{_digest(reason)}"


def unreachable(judged: Iterable[Judged]) -> list[NoAddress]:
    """A note about each contact that has no address."""
    return [NoAddress(one.reminder.responsible_id, one) for one in judged if one.verdict is Verdict.NO_ADDRESS]


def missed_lessons(judged: Iterable[Judged]) -> Iterator[Missed]:
    """A note for each lesson to everybody responsible; it is told once, so of all that were judged at a time."""
    missed: dict[tuple[str, int], list[Reminder]] = {}
    for reminder in (one.reminder for one in judged if one.verdict is Verdict.MISSED):
        missed.setdefault((reminder.lesson, reminder.responsible_id), []).append(reminder)
    for lesson, user_id in sorted(missed):
        own = missed[lesson, user_id]
        deals = tuple(sorted({one.deal_id for one in own}))
        yield Missed(user_id, own[0].course_name, own[0].starts_at, lesson, deals)


def refusals(report: Report, judged: Iterable[Judged]) -> list[LessonNote]:
    """A note about each message that could not be written, or was refused for good."""
    return [
        NotSent(one.reminder.responsible_id, one.reminder, one.initials, reason, report.refused_message(one))
        for one in judged
        if (reason := report.refusal(one))
    ]


def doubtful(messages: Iterable[DoubtfulMessage], enrolments: Iterable[Enrolment]) -> Iterator[Doubtful]:
    """A note about each letter and SMS in doubt, to the person responsible for its deal as far as that is known."""
    responsible = {enrolment.deal_id: enrolment.responsible_id for enrolment in enrolments}
    for message in messages:
        if message.channel != "note" and message.deal_id in responsible:
            yield Doubtful(responsible[message.deal_id], message)


def unreadable_dates(courses: Iterable[Course], enrolments: Sequence[Enrolment]) -> Iterator[Unreadable]:
    """A note to everybody responsible for a deal with such a course."""
    for course in courses:
        if not course.unreadable:
            continue
        responsible = {enrolment.responsible_id for enrolment in enrolments if course.id in enrolment.course_ids}
        yield from (Unreadable(user_id, course) for user_id in sorted(responsible))


def _draft(key: str, reminder: Reminder) -> Draft:
    return Draft("note", PURPOSE, key, reminder.course_name, reminder.deal_id, reminder.contact_id)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
