"""What an import shows beside its run: plan, progress, result. Ids, initials and links; never an address."""

from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.links import contact_link, merge_link, section_link
from backoffice.letters import render
from backoffice.rules.attendance_plan import Line, Plan, Verdict
from backoffice.rules.attendance_result import Result
from backoffice.rules.forecast import forecast

PROCESS = "attendance_import"
SHOWN = 1000
ORDER = [Verdict.AMBIGUOUS, Verdict.DELETED, Verdict.SKIPPED, Verdict.CREATED, Verdict.RECOGNISED]


@task(cache_policy=NO_CACHE)
def publish_plan(plan: Plan) -> None:
    """The plan, and a table of what becomes of each ticket: first what asks for a person's attention."""
    lines = sorted(plan.lines, key=lambda line: ORDER.index(line.verdict))
    hidden = max(0, len(lines) - SHOWN)
    text = render("attendance_import/plan.md.j2", plan=plan, Verdict=Verdict, hidden=hidden, lasts=_lasts(plan))
    create_markdown_artifact(text, key=f"attendance-plan-{plan.event.id}", description=plan.event.title)
    rows = [_row(line) for line in lines[:SHOWN]]
    create_table_artifact(rows, key=f"attendance-tickets-{plan.event.id}", description=plan.event.title)


@task(cache_policy=NO_CACHE)
def publish_progress(plan: Plan, result: Result) -> None:
    """How far the import has come."""
    create_progress_artifact(
        progress=min(100.0, 100.0 * result.done / plan.changes),
        key=f"attendance-progress-{plan.event.id}",
        description=f"{plan.event.title}: записано {result.done} из {plan.changes}",
    )


@task(cache_policy=NO_CACHE)
def publish_result(plan: Plan, result: Result) -> None:
    """What stands in the portal now, the twins to merge, and what failed with the remedy."""
    origin = connections.portal_origin()
    list_id = connections.names(PROCESS).lists["events"].id
    text = render(
        "attendance_import/result.md.j2",
        plan=plan,
        result=result,
        Verdict=Verdict,
        section=section_link(origin, list_id, result.section_id) if result.section_id else "",
        twins=[(line.initials, merge_link(origin, _twins(line))) for line in plan.lines if line.twins],
    )
    create_markdown_artifact(text, key=f"attendance-result-{plan.event.id}", description=plan.event.title)


def _lasts(plan: Plan) -> str:
    """In words, how long the writing will take; empty if there is nothing to write."""
    added = sum(change.entry is None for change in plan.entries)
    elements = {"lists.element.add": added, "lists.element.update": len(plan.entries) - added}
    contacts = {"crm.item.add": len(plan.newcomers), "crm.item.update": len(plan.cards)}
    return forecast({**contacts, **elements}, connections.words().portal.limits).text


def _row(line: Line) -> dict[str, Any]:
    return {
        "Билет": line.ticket_id,
        "Участник": line.initials,
        "Решение": line.verdict.value,
        "Почему": line.why,
        "Контакт": contact_link(connections.portal_origin(), line.contact) if isinstance(line.contact, int) else "—",
    }


def _twins(line: Line) -> list[int]:
    return [line.contact, *line.twins] if isinstance(line.contact, int) else list(line.twins)
