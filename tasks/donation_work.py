"""What a run of donations shows beside it: what became of each donation, twins, duplicates. Initials and links only."""

from functools import partial
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.links import contact_link, deal_link, merge_link
from backoffice.letters import render
from backoffice.rules.donation_differences import LABELS
from backoffice.rules.donation_forms import STATUS_WORDS
from backoffice.rules.donation_plan import Step, Verdict
from backoffice.rules.donation_result import Report
from backoffice.rules.forecast import forecast
from backoffice.rules.russian import counted, price

SHOWN = 1000
ORDER = [Verdict.DELETED, Verdict.NONE, Verdict.ADOPTED, Verdict.NEW, Verdict.CHANGED, Verdict.STANDS]
WORDS = ("пожертвование", "пожертвования", "пожертвований")


@task(cache_policy=NO_CACHE)
def publish_work(report: Report, dry_run: bool) -> None:
    """Counts, twins and duplicates with links, failures; and a table of the donations, first what asks for a person."""
    if not (report.steps or report.sent or report.failures):
        return
    origin = connections.portal_origin()
    text = render(
        "donation_reconciliation/work.md.j2",
        report=report,
        dry_run=dry_run,
        shown=SHOWN,
        lasts=_lasts(report) if dry_run else "",
        deal_link=partial(deal_link, origin),
        contact_link=partial(contact_link, origin),
        merge_link=lambda merge: merge_link(origin, (merge.survivor, *merge.victims)),
    )
    create_markdown_artifact(text, key="donations")
    if report.steps:
        steps = sorted(report.steps, key=lambda step: ORDER.index(step.verdict))
        rows = [_row(step, report) for step in steps[:SHOWN]]
        create_table_artifact(rows, key="donations-table", description=counted(len(steps), *WORDS))


def _lasts(report: Report) -> str:
    """In words, how long the writing of what was planned will take; empty if there is nothing to write."""
    writes = {
        "crm.item.add": report.counts[Verdict.NEW] + len(report.newcomers),
        "crm.item.update": report.counts[Verdict.CHANGED] + report.counts[Verdict.ADOPTED],
        "crm.item.delete": len(report.twins),
        "crm.entity.mergeBatch": len(report.merges),
    }
    return forecast(writes, connections.words().portal.limits, one_by_one=len(report.merges)).text


def _row(step: Step, report: Report) -> dict[str, Any]:
    origin, donation = connections.portal_origin(), step.donation
    deal = report.deals.get(donation.key) or (step.deal.id if step.deal else None)
    contact = report.contacts.get(step.contact) if isinstance(step.contact, str) else step.contact
    contact = report.survivor_of(contact or (step.deal.contact_id if step.deal else None))
    changed = ", ".join(LABELS.get(word, word) for word in step.changes) if step.verdict is Verdict.CHANGED else ""
    new_contact = "новый" if isinstance(step.contact, str) else "—"
    return {
        "Пожертвование": donation.id,
        "Жертвователь": step.initials,
        "Сумма": price(donation.amount, donation.currency),
        "Статус": step.form.get("status") or STATUS_WORDS.get(donation.status, donation.status),
        "Решение": step.verdict.value,
        "Почему": step.why or changed,
        "Сделка": deal_link(origin, deal) if deal else "—",
        "Контакт": contact_link(origin, contact) if contact else new_contact,
    }
