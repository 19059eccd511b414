"""Repeat sales: every client for whom exactly one deal was won gets one call.

The deals are studied in a local copy: changes are taken in before each run, and everything is read anew at night. Who
is due is looked at once more in the portal before a task is made; nobody gets more calls a day than agreed. When the
client buys again without a call, the task is closed.
"""

from datetime import timedelta
from typing import Literal

from prefect import flow

from backoffice.rules.call_plan import CallPlan
from backoffice.rules.call_schedule import Waiting
from backoffice.rules.chunks import chunked
from backoffice.rules.repeat_sales import CallPolicy, Study, judge
from tasks.call_report import publish_call_report, publish_calls, publish_why, read_past_calls
from tasks.call_tasks import (
    close_tasks,
    look_at,
    look_at_one,
    read_bought_again,
    read_calendar,
    settle_tasks,
    write_tasks,
)
from tasks.portal import check_portal, in_use, read_clock
from tasks.runs import name_run, overdue
from tasks.sales import read_ripe, read_study, rebuild_sales, refresh_sales

PROCESS = "repeat_sale_calls"
PORTION = 200
TICK = timedelta(hours=3)
USUAL = CallPolicy()
Which = Literal["due", "rebuild", "why", "report"]


@flow
def repeat_sale_calls(
    which: Which = "due", client: str = "", dry_run: bool = False, policy: CallPolicy = USUAL
) -> None:
    """Поставить задачи позвонить тем, кто купил один раз.

    Args:
        which: Что: задачи тем, кому пора звонить (due); прочитать все сделки портала заново (rebuild); почему клиенту
            не звонят (why); отчёт, приносят ли звонки продажи (report).
        client: Чья карточка: CO_77 — компания 77, C_5 — контакт 5, или ссылка на карточку; только для why.
        dry_run: Только показать, какие задачи появились бы и закрылись; в портал ничего не записывать.
        policy: Когда звонить и сколько звонков в день.
    """
    check_form(which, client)
    if excuse := why_not(which):
        name_run(excuse)
        return
    check_portal(PROCESS)
    if which == "rebuild":
        name_run(f"прочитано сделок: {rebuild_sales()}")
        return
    refresh_sales()
    study = read_study(policy, read_clock())
    if which == "why":
        name_run(publish_why(look_at_one(client, study.today), study))
    elif which == "report":
        name_run(publish_call_report(read_past_calls(), study))
    else:
        call(study, dry_run)


def check_form(which: Which, client: str) -> None:
    """Refuse what cannot be meant."""
    if which == "why" and not client.strip():
        raise ValueError("client: впишите ссылку на карточку клиента, либо CO_77 (компания 77) или C_5 (контакт 5)")
    if which != "why" and client.strip():
        raise ValueError("client, карточку клиента, указывают только вместе с which = why")


def why_not(which: Which) -> str:
    """Why the run has nothing to do; empty if it has."""
    if which == "due" and overdue(TICK):
        return "опоздавший запуск: ничего не делает, сделает следующий"
    return "" if in_use(PROCESS) else f"не используется: в portal.toml нет раздела [{PROCESS}]"


def call(study: Study, dry_run: bool) -> None:
    """What became of earlier tasks first, then the new ones; the plan shows before anything is written."""
    settle_tasks(study.today)
    plan = CallPlan(bought=read_bought_again())
    choose(plan, study)
    name_run(f"проверка: {plan.title}" if dry_run else plan.title)
    publish_calls(plan, study, dry_run)
    if dry_run or not (plan.calls or plan.bought):
        return
    plan.note_closed(close_tasks(plan.bought, study.today))
    for calls in chunked(plan.calls, PORTION):
        plan.note_made(write_tasks(calls, study.today))
    publish_calls(plan, study, dry_run)
    plan.demand_complete()


def choose(plan: CallPlan, study: Study) -> None:
    """Portion by portion: look at the clients in the portal, decide, find a working day that has a place."""
    ripe = read_ripe(study)
    calendar = read_calendar(ripe, study)
    waiting = Waiting(ripe, calendar)
    while portion := waiting.portion(PORTION):
        judged = [judge(look, study) for look in look_at(portion, study.today)]
        plan.note(judged, calendar.take(judged))
