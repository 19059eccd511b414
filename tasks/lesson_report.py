"""What a sweep of lesson reminders shows beside its run. Ids, initials and links; never an address."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.links import contact_link, deal_link, product_link
from backoffice.letters import render
from backoffice.rules.lesson_due import Timetable
from backoffice.rules.lesson_report import Report
from backoffice.rules.lesson_verdicts import Judged
from backoffice.rules.russian import counted
from backoffice.store.messages import Message

PROCESS = "lesson_reminders"
SHOWN = 1000
WORDS = ("напоминание", "напоминания", "напоминаний")


@task(cache_policy=NO_CACHE)
def publish_report(
    report: Report, timetable: Timetable, now: datetime, dry_run: bool, unresolved: Sequence[Message]
) -> None:
    """Counts, what a person has to decide, dates that cannot be read; and a table of every reminder that was due."""
    unreadable = [course for course in timetable.courses if course.unreadable]
    if not (report.judged or unreadable or unresolved):
        return
    origin, catalogue = connections.portal_origin(), connections.names(PROCESS).product_fields["lesson_dates"].iblock_id
    text = render(
        "lesson_reminders/plan.md.j2",
        report=report,
        now=now,
        dry_run=dry_run,
        unresolved=unresolved,
        unreadable=unreadable,
        local=lambda moment: moment.astimezone(connections.zone()),
        deal_link=partial(deal_link, origin),
        course_link=partial(product_link, origin, catalogue),
    )
    create_markdown_artifact(text, key="lesson-reminders")
    if report.judged:
        rows = [_row(one, report) for one in report.judged[:SHOWN]]
        create_table_artifact(rows, key="lesson-reminders-table", description=counted(len(report.judged), *WORDS))


def _row(one: Judged, report: Report) -> dict[str, Any]:
    origin, reminder = connections.portal_origin(), one.reminder
    return {
        "Занятие": f"{reminder.course_name}, {reminder.starts_at.astimezone(connections.zone()):%d.%m.%Y %H:%M}",
        "Кому": one.initials,
        "Что": report.fate(reminder, one.verdict),
        "Почему": report.reason(one),
        "Контакт": contact_link(origin, reminder.contact_id),
        "Сделка": deal_link(origin, reminder.deal_id),
    }
