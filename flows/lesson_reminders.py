"""Lesson reminders: a while before each lesson everybody enrolled gets one letter.

The dates stand in the course's card; enrolled are the contacts of the deals on one stage. A sweep every five minutes
keeps a local copy of both, finds whose time has come, and reads deal, dates and contact again before a letter leaves.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from prefect import flow

from backoffice.rules.chunks import chunked
from backoffice.rules.lesson_due import Reminder, Timetable, Timing, begun, due, missed, timetable_of_deal, unsent
from backoffice.rules.lesson_notes import (
    LessonNote,
    doubtful,
    missed_lessons,
    refusals,
    unreachable,
    unreadable_dates,
)
from backoffice.rules.lesson_policy import Policy
from backoffice.rules.lesson_report import Report
from backoffice.rules.lesson_verdicts import Judged, SmsPolicy, judge
from backoffice.rules.sending import LettersBy
from tasks.lesson_letters import publish_letters, write_letters, write_notes, write_texts
from tasks.lesson_report import publish_report
from tasks.lessons import (
    read_deal,
    read_live,
    read_sent,
    read_timetable,
    rebuild_lessons,
    refresh_lessons,
    remember_sweep,
)
from tasks.messages import (
    check_mail,
    check_sms,
    leave_traces,
    read_unresolved,
    resolve_doubts,
    send_letters,
    send_notes,
    send_texts,
)
from tasks.portal import check_portal, in_use, read_clock, read_quiet_hours, read_start_from
from tasks.runs import name_run, overdue

PROCESS = "lesson_reminders"
PORTION = 40
TICK = timedelta(minutes=5)


@flow
def lesson_reminders(
    which: Literal["due", "one", "rebuild"] = "due",
    deal_id: int | None = None,
    dry_run: bool = False,
    leads_hours: tuple[float, ...] = (2,),
    letters_by: LettersBy = "smtp",
    sms_allowed: bool = False,
) -> None:
    """Напомнить о занятиях тем, кому пора.

    Args:
        which: Кому: всем, кому пора (due), контактам одной сделки, если им пора (one); или никому, а только прочитать
            все курсы и сделки стадии заново (rebuild).
        deal_id: Номер сделки, последнее число в адресе её карточки; только для one.
        dry_run: Только показать, кому и что ушло бы; никому ничего не отправлять.
        leads_hours: За сколько часов до занятия напоминать; можно несколько.
        letters_by: Чем отправлять письма: своим почтовым сервером (smtp) или самим порталом (portal).
        sms_allowed: Отправлять СМС тем, у кого нет e-mail.
    """
    check_form(which, deal_id, leads_hours)
    if excuse := why_not(which):
        name_run(excuse)
        return
    check_portal(PROCESS)
    if which == "rebuild":
        name_run(f"всё заново: {rebuild_lessons()}")
        return
    if which == "due":
        refresh_lessons()
    now = read_clock()
    timing = Timing(tuple(timedelta(hours=hours) for hours in leads_hours), read_start_from(PROCESS))
    policy = Policy(timing, SmsPolicy(sms_allowed, read_quiet_hours()), letters_by)
    timetable = timetable_of_deal(deal_id, read_deal(deal_id, now)) if deal_id else read_timetable(timing, now)
    report = rehearse(timetable, policy, now) if dry_run else remind(timetable, policy, now)
    name_run(f"проверка: {report.title}" if dry_run else report.title)
    publish_report(report, timetable, now, dry_run, read_unresolved(PROCESS))
    if not dry_run:
        leave_traces()
    if which == "due" and not dry_run:
        remember_sweep(now)
    report.demand_complete()


def check_form(which: str, deal_id: int | None, leads_hours: tuple[float, ...]) -> None:
    """Refuse what cannot be meant."""
    if (which == "one") != (deal_id is not None) or (deal_id is not None and deal_id < 1):
        raise ValueError("deal_id, номер сделки, указывают вместе с which = one, и только тогда")
    if not leads_hours or min(leads_hours) <= 0:
        raise ValueError("leads_hours: впишите, за сколько часов до занятия напоминать; больше нуля")


def why_not(which: str) -> str:
    """Why the run has nothing to do; empty if it has."""
    if which == "due" and overdue(TICK):
        return "опоздавший запуск: ничего не делает, напомнит следующий"
    return "" if in_use(PROCESS) else f"не используется: в portal.toml нет раздела [{PROCESS}]"


def rehearse(timetable: Timetable, policy: Policy, now: datetime) -> Report:
    """Decide about everybody whose time has come, and show what would be sent; wrong settings show here, too."""
    if policy.letters_by == "smtp":
        check_mail()
    if policy.sms.allowed:
        check_sms()
    report = Report()
    for portion in chunked(agenda(timetable, policy.timing, now), PORTION):
        judged = judge(portion, read_live(portion), policy.sms, now)
        refused = write_letters(judged, now).refused | write_texts(judged, now).refused
        report.note(judged, refused=refused)
    publish_letters(report.judged, now)
    return report


def remind(timetable: Timetable, policy: Policy, now: datetime) -> Report:
    """Look again at everybody whose time has come, and send."""
    if policy.sms.allowed:
        check_sms()
    resolve_doubts()
    report = Report()
    tell(report, doubtful(read_unresolved(PROCESS), timetable.enrolments), now)
    for portion in chunked(agenda(timetable, policy.timing, now), PORTION):
        judged = judge(portion, read_live(portion), policy.sms, now)
        send(judged, report, now, policy.letters_by)
    tell(report, missed_lessons(report.judged), now)
    tell(report, unreadable_dates(timetable.courses, timetable.enrolments), now)
    return report


def agenda(timetable: Timetable, timing: Timing, now: datetime) -> list[Reminder]:
    """The reminders that are due and were not sent, and those that an outage has eaten."""
    coming, gone = due(timetable, timing, now), begun(timetable, timing, now)
    sent = read_sent(coming + gone)
    return unsent(coming, sent) + missed(gone, sent)


def send(judged: list[Judged], report: Report, now: datetime, letters_by: LettersBy) -> None:
    """Letters first, then SMS to those without an address, then a note to the manager about what could not be sent."""
    letters, texts = write_letters(judged, now), write_texts(judged, now)
    posted, texted = send_letters(letters.outgoing, letters_by), send_texts(texts.outgoing)
    report.note(judged, [*posted, *texted.sent], letters.refused | texts.refused | texted.refused)
    report.stopped = report.stopped or texted.stopped
    tell(report, [*unreachable(judged), *refusals(report, judged)], now)


def tell(report: Report, notes: Iterable[LessonNote], now: datetime) -> None:
    """Tell the managers, each of a thing once."""
    report.told += len(send_notes(write_notes(list(notes), now)))
