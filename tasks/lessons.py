"""Lessons and those who attend them: the local copy of the portal, and the last look before something is sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.lesson_changes import read_changes, read_everything
from backoffice.bitrix24.lesson_source import LessonSource, lesson_source
from backoffice.bitrix24.live_lessons import read_live as look
from backoffice.retries import worth_retrying
from backoffice.rules.lesson_changes import Changes
from backoffice.rules.lesson_due import Reminder, Timetable, Timing
from backoffice.rules.lesson_facts import Live
from backoffice.rules.lesson_notes import PURPOSE, not_sent_key
from backoffice.rules.sending import State
from backoffice.store import lessons, messages
from backoffice.store.courses import courses_between
from backoffice.store.cursors import cursors, move_cursor
from backoffice.store.enrolments import enrolments_of, product_cards

PROCESS = "lesson_reminders"
SWEPT = "lessons swept"
TOLD = (State.ACCEPTED, State.DELIVERED, State.FAILED)
MISSED_AT_MOST = timedelta(days=7)


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def refresh_lessons() -> None:
    """Take in what changed since the last time: one request when nothing did. The first time everything is read."""
    engine, host, source = connections.store(), connections.portal_host(), _source()
    reached = lessons.lesson_cursors(engine, host, source.name)
    if reached is None:
        _read_everything(source)
        return
    with connections.portal() as portal:
        changes = read_changes(portal, source, reached, product_cards(engine, host))
    lessons.store_changes(engine, host, changes)


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def rebuild_lessons() -> int:
    """Read all courses and deals of the stage anew; how many deals there are. Begun anew if it is interrupted."""
    return _read_everything(_source())


@task(cache_policy=NO_CACHE)
def read_timetable(timing: Timing, now: datetime) -> Timetable:
    """The courses with a lesson that may concern this sweep, or with unreadable dates, and the deals that have them."""
    engine, host = connections.store(), connections.portal_host()
    marked = cursors(engine, host).get(SWEPT)
    swept_until = max(datetime.fromisoformat(marked), now - MISSED_AT_MOST) if marked else None
    courses = courses_between(engine, host, min(swept_until or now, now), timing.horizon(now))
    return Timetable(courses, enrolments_of(engine, host, [course.id for course in courses]), swept_until)


@task(cache_policy=NO_CACHE)
def read_sent(reminders: Sequence[Reminder]) -> frozenset[str]:
    """The keys of those that were sent, may have been sent, or were refused with a note about it to the manager."""
    keys = [reminder.key for reminder in reminders]
    return messages.attempted(connections.store(), connections.portal_host(), PURPOSE, keys) - _untold(reminders)


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_live(reminders: Sequence[Reminder]) -> Live:
    """Deals, courses and contacts of the reminders as they are at this moment: one request for up to 40 deals."""
    return _look(
        {reminder.deal_id for reminder in reminders},
        {reminder.course_id for reminder in reminders},
        {reminder.contact_id for reminder in reminders},
    )


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_deal(deal_id: int, now: datetime) -> Live:
    """One deal with its courses and contacts, which the next sweeps know too; two requests. Empty off the stage."""
    enrolment = _look({deal_id}, (), ()).enrolments.get(deal_id)
    live = _look({deal_id}, enrolment.course_ids, enrolment.contact_ids) if enrolment else Live()
    left = frozenset({deal_id}) - live.enrolments.keys()
    found = Changes(now, tuple(live.courses.values()), tuple(live.enrolments.values()), left)
    lessons.store_changes(connections.store(), connections.portal_host(), found)
    return live


@task(cache_policy=NO_CACHE)
def remember_sweep(now: datetime) -> None:
    """Lessons that began by now are no later sweep's business."""
    move_cursor(connections.store(), connections.portal_host(), SWEPT, now.isoformat())


def _untold(reminders: Sequence[Reminder]) -> set[str]:
    """The keys of those that were refused by a run that died before it told the manager."""
    engine, host = connections.store(), connections.portal_host()
    reasons = messages.refused(engine, host, PURPOSE, [reminder.key for reminder in reminders])
    notes = {one.key: not_sent_key(one, reasons[one.key]) for one in reminders if one.key in reasons}
    told = messages.states(engine, host, "note", PURPOSE, notes.values())
    return {key for key, note in notes.items() if told.get(note) not in TOLD}


def _look(deal_ids: Iterable[int], course_ids: Iterable[int], contact_ids: Iterable[int]) -> Live:
    known = product_cards(connections.store(), connections.portal_host())
    with connections.portal() as portal:
        return look(portal, _source(), set(deal_ids), set(course_ids), set(contact_ids), known)


def _read_everything(source: LessonSource) -> int:
    engine, host, deals = connections.store(), connections.portal_host(), 0
    with connections.portal() as portal:
        for portion in read_everything(portal, source, product_cards(engine, host)):
            lessons.store_changes(engine, host, portion)
            deals += len(portion.enrolments)
    return deals


def _source() -> LessonSource:
    return lesson_source(connections.names(PROCESS), connections.zone(), connections.facts())
