"""What becomes of a due reminder, now that deal, course and contact have been read again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backoffice.rules.lesson_due import Reminder
from backoffice.rules.lesson_facts import Attendee, Live
from backoffice.rules.people import initials
from backoffice.rules.quiet_hours import QuietHours


class Verdict(StrEnum):
    """In the words of the report."""

    EMAIL = "письмо"
    SMS = "СМС"
    LATER = "позже"
    NO_ADDRESS = "некуда писать"
    MISSED = "опоздали"
    GONE = "не нужно"


@dataclass(frozen=True)
class SmsPolicy:
    """Whether those without an e-mail get an SMS, and when not."""

    allowed: bool
    quiet: QuietHours


@dataclass(frozen=True)
class Judged:
    """A reminder with its verdict. `attendee` is there whenever something is to be sent."""

    reminder: Reminder
    verdict: Verdict
    why: str = ""
    attendee: Attendee | None = None

    @property
    def initials(self) -> str:
        """The contact as reports show it."""
        return initials(self.attendee.last_name, self.attendee.first_name) if self.attendee else "—"


def judge(reminders: Iterable[Reminder], live: Live, sms: SmsPolicy, now: datetime) -> list[Judged]:
    """A verdict for each; `now` is in the portal's zone. What the portal says now outweighs what was known before."""
    return [_judge(reminder, live, sms, now) for reminder in reminders]


def _judge(reminder: Reminder, live: Live, sms: SmsPolicy, now: datetime) -> Judged:
    attendee = live.attendees.get(reminder.contact_id)
    if reason := _groundless(reminder, live, attendee):
        return Judged(reminder, Verdict.GONE, reason, attendee)
    begun = now >= reminder.starts_at
    # A lesson that has begun is judged by what could have been done when its reminder was due.
    judged = _reached(reminder, attendee, sms, reminder.due_at.astimezone(now.tzinfo) if begun else now)
    if begun and judged.verdict is not Verdict.NO_ADDRESS:
        return Judged(reminder, Verdict.MISSED, "занятие уже началось", attendee)
    return judged


def _groundless(reminder: Reminder, live: Live, attendee: Attendee | None) -> str:
    """Why there is nothing to remind of; empty if there is."""
    enrolment, course = live.enrolments.get(reminder.deal_id), live.courses.get(reminder.course_id)
    if enrolment is None:
        return "сделка ушла со стадии или удалена"
    if reminder.course_id not in enrolment.course_ids:
        return "курса больше нет в сделке"
    if course is None or reminder.starts_at not in course.lessons:
        return "занятие перенесено или отменено"
    if attendee is None or reminder.contact_id not in enrolment.contact_ids:
        return "контакта больше нет в сделке"
    return "просил не напоминать" if attendee.opted_out else ""


def _reached(reminder: Reminder, attendee: Attendee | None, sms: SmsPolicy, now: datetime) -> Judged:
    if attendee is not None and attendee.email:
        return Judged(reminder, Verdict.EMAIL, attendee=attendee)
    return _without_email(reminder, attendee, sms, now)


def _without_email(reminder: Reminder, attendee: Attendee | None, sms: SmsPolicy, now: datetime) -> Judged:
    if not sms.allowed:
        return Judged(reminder, Verdict.NO_ADDRESS, "в карточке нет e-mail", attendee)
    if attendee is None or not attendee.phone:
        return Judged(reminder, Verdict.NO_ADDRESS, "в карточке нет ни e-mail, ни телефона", attendee)
    awake = sms.quiet.over(now)
    if awake == now:
        return Judged(reminder, Verdict.SMS, attendee=attendee)
    if awake < reminder.starts_at:
        return Judged(reminder, Verdict.LATER, f"СМС после тихих часов, в {awake:%H:%M}", attendee)
    why = f"нет e-mail, а для СМС до начала занятия тихие часы (до {awake:%H:%M})"
    return Judged(reminder, Verdict.NO_ADDRESS, why, attendee)
