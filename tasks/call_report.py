"""What people see of repeat-sale calls: whom to call, why not somebody, and what the calls brought. Initials and links.

Everything is Markdown: the second page of Prefect makes no links of the cells of its tables.
"""

from base64 import b64encode
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from prefect import task
from prefect.artifacts import create_image_artifact, create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.links import client_link, deal_link, task_link, user_link
from backoffice.letters import render
from backoffice.retries import worth_retrying
from backoffice.rules.call_chart import HIGHEST, call_chart
from backoffice.rules.call_plan import CallPlan, TaskState
from backoffice.rules.call_report import PLACE, CallReport, PastCall, call_report, share
from backoffice.rules.forecast import forecast
from backoffice.rules.markdown import plain
from backoffice.rules.repeat_sales import Look, Study, conditions, judge
from backoffice.rules.russian import counted, month, price
from backoffice.rules.sales import SaleDeal
from backoffice.settings import settings
from backoffice.spreadsheets import write_sheet
from backoffice.store import call_tasks
from backoffice.store.call_tasks import CallTask
from backoffice.store.sales import sales_of_clients

SHOWN = 1000
COLUMNS = [
    "Задача поставлена",
    "Клиент",
    "Первая покупка",
    "Сотрудник",
    "Что с задачей",
    "Закрыта",
    "Следующая покупка",
    "Когда",
    "Сумма",
    "Валюта",
    "Заслуга звонка",
    "Срок вышел",
]
BECAME = {
    TaskState.PLANNED: "ставится",
    TaskState.OPEN: "ждёт звонка",
    TaskState.DONE: "звонок сделан",
    TaskState.BOUGHT: "клиент купил сам",
    TaskState.GONE: "удалена",
}


@task(cache_policy=NO_CACHE)
def publish_calls(plan: CallPlan, study: Study, dry_run: bool) -> None:
    """How many to call, by manager, and what was not done; a list of its own for each manager."""
    if not (plan.calls or plan.held or plan.bought or plan.failures):
        return
    known: dict[str, Any] = {"plan": plan, "study": study, "dry_run": dry_run}
    create_markdown_artifact(_page("calls", **known, lasts=_lasts(plan)), key="repeat-sale-calls")
    for manager in plan.managers:
        own = [call for call in plan.calls if call.responsible_id == manager]
        text = _page("manager", **known, manager=manager, calls=own)
        create_markdown_artifact(text, key=f"repeat-sale-calls-{manager}")


@task(cache_policy=NO_CACHE)
def publish_why(look: Look, study: Study) -> str:
    """Every condition for calling the client, which of them decides, and what would change it; the run's name."""
    judged, deal, asked = judge(look, study), look.sales.first, conditions(look, study)
    closed_on = deal.closed_on if deal else None
    text = _page(
        "why",
        look=look,
        study=study,
        judged=judged,
        deal=deal,
        conditions=asked,
        held=[one for one in asked if one.holds],
        due_from=closed_on and closed_on + timedelta(days=study.policy.after_days),
        task=deal and look.asked.by_deal.get(deal.id),
    )
    create_markdown_artifact(text, key="repeat-sale-why")
    return f"{look.client.key}: {judged.why}"


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_past_calls() -> list[PastCall]:
    """Every task that stands or stood in the portal, with what its client bought next by our copy of the deals."""
    engine, host = connections.store(), connections.portal_host()
    rows = [row for row in call_tasks.in_state(engine, host) if row.state != TaskState.PLANNED]
    sales = sales_of_clients(engine, host, {row.client for row in rows})
    return [_past(row, sales[row.client].second) for row in rows]


@task(cache_policy=NO_CACHE)
def publish_call_report(past: Sequence[PastCall], study: Study) -> str:
    """What the calls brought by month and manager, with a chart and a file for spreadsheets; the run's name."""
    report = call_report(past, study)
    picture = _picture(report)
    text = _page(
        "report",
        report=report,
        study=study,
        lines=list(report.lines.sort_values(PLACE, ascending=[False, True]).itertuples(index=False)),
        by_line=report.money_by_line,
        picture=picture,
        file=write_csv(past, study).name,
        share=share,
        month=month,
        sums=_sums,
    )
    create_markdown_artifact(text, key="repeat-sale-report")
    if past:
        create_image_artifact(picture, key="repeat-sale-chart", description="Звонки, покупки и суммы по месяцам")
    return f"отчёт: звонков {report.totals['done']}, покупок после них {report.totals['reorders']}"


def write_csv(past: Sequence[PastCall], study: Study) -> Path:
    """A line for each call; where it is."""
    file = settings().reports / f"calls-{study.today}.csv"
    write_sheet(file, COLUMNS, (_row(call, study) for call in past))
    return file


def _past(row: CallTask, second: SaleDeal | None) -> PastCall:
    """Where clients were merged after the call, the second purchase may be the one that the call was about."""
    again = second if second and second.id != row.deal_id else None
    state = TaskState(row.state)
    return PastCall(row.client, row.deal_id, row.responsible_id, row.asked_on, state, row.done_on, again)


def _page(name: str, **values: Any) -> str:
    origin = connections.portal_origin()
    return render(
        f"repeat_sale_calls/{name}.md.j2",
        shown=SHOWN,
        plain=plain,
        counted=counted,
        price=price,
        day=_day,
        client_link=partial(client_link, origin),
        deal_link=partial(deal_link, origin),
        task_link=partial(task_link, origin),
        user_link=partial(user_link, origin),
        **values,
    )


def _lasts(plan: CallPlan) -> str:
    """In words, how long the writing will take; empty if there is nothing to write, or it is written."""
    if plan.made or plan.closed:
        return ""
    writes = {"tasks.task.add": len(plan.calls), "tasks.task.complete": 2 * len(plan.bought)}
    one_by_one = sum(writes.values()) if connections.facts().rest_3 else 0
    return forecast(writes, connections.words().portal.limits, one_by_one).text


def _picture(report: CallReport) -> str:
    """The chart as an address that holds it: there is no place to keep pictures."""
    drawn = render("repeat_sale_calls/chart.svg.j2", chart=call_chart(report), highest=HIGHEST)
    return f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"


def _row(call: PastCall, study: Study) -> dict[str, Any]:
    origin, again = connections.portal_origin(), call.sold_again
    values = (
        _day(call.asked_on),
        client_link(origin, call.client),
        deal_link(origin, call.deal_id),
        user_link(origin, call.responsible_id),
        BECAME[call.state],
        _day(call.done_on),
        deal_link(origin, again.id) if again else "—",
        _day(again.closed_on) if again else "—",
        f"{again.amount:f}".replace(".", ",") if again else "",
        again.currency if again else "",
        "да" if call.reorder(study) else "нет",
        "да" if call.ripe(study) else "нет",
    )
    return dict(zip(COLUMNS, values, strict=True))


def _day(moment: date | None) -> str:
    return f"{moment:%d.%m.%Y}" if moment else "—"


def _sums(amounts: dict[str, Decimal]) -> str:
    return ", ".join(price(amount, plain(currency)) for currency, amount in sorted(amounts.items())) or "—"
