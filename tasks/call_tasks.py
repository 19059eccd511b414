"""Call tasks in the portal: what became of them, whom to look at, made once, closed when nobody needs them any more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.call_tasks import ADD, COMPLETE, CallForm, LiveCall, mark, read_calls
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.client_cards import read_client_key
from backoffice.bitrix24.clients import look_at_clients
from backoffice.bitrix24.dispatch import outcome_of
from backoffice.bitrix24.employees import substitutes
from backoffice.bitrix24.errors import RequestRefused
from backoffice.bitrix24.links import client_link, deal_link
from backoffice.bitrix24.purchases import read_purchases, won_deals
from backoffice.bitrix24.sales_source import SalesSource, no_sales_words, sales_source
from backoffice.call_closing import KIND as CLOSING
from backoffice.call_closing import Closing, ClosingComments
from backoffice.call_making import CallMaking
from backoffice.letters import render_text
from backoffice.retries import is_passing, raise_if_passing, worth_retrying
from backoffice.rules.call_plan import BoughtAgain, TaskState, TasksWritten
from backoffice.rules.call_schedule import Calendar, Call
from backoffice.rules.call_texts import Purchase, task_values
from backoffice.rules.portal_words import SalesWords
from backoffice.rules.repeat_sales import Look, Study
from backoffice.rules.sales import ClientSales, SaleDeal
from backoffice.store import call_tasks, effects
from backoffice.store.call_tasks import CallTask
from backoffice.store.sales import clients_of_deals, sales_of_clients

PROCESS = "repeat_sale_calls"
DAY_ENDS = time(18)
"""By the portal's clock, on the day of the deadline."""


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def settle_tasks(today: date) -> None:
    """Learn what became of our tasks, 2,500 a request: called, moved, given to somebody else, deleted by people.

    What runs that died had planned is found in the portal or dropped; what was sent within `settle_seconds` is waited
    for. A task that is gone is never made again; one made just now may only not be shown yet. No request when nothing
    is open or planned.
    """
    engine, host = connections.store(), connections.portal_host()
    with connections.portal() as portal:
        making = _making(portal, today)
        making.settle_plans()
        known = call_tasks.in_state(engine, host, TaskState.OPEN)
        live = read_calls(portal, [row.task_id for row in known if row.task_id], connections.zone())
        lately = making.sent_lately([row.key for row in known])
    rows = [row for row in known if row.task_id in live or row.key not in lately]
    ours = effects.done(engine, host, CLOSING, [row.key for row in rows])
    now = [_as_it_is(row, live.get(row.task_id or 0), row.key in ours, today) for row in rows]
    call_tasks.keep(engine, [new for new, row in zip(now, rows, strict=True) if new != row])


@task(cache_policy=NO_CACHE)
def read_bought_again() -> list[BoughtAgain]:
    """The open tasks whose client has by our copy another won deal than the one that the task is about.

    The client is the one to whom the purchase belongs now, after a merge another than at first.
    """
    engine, host = connections.store(), connections.portal_host()
    rows = call_tasks.in_state(engine, host, TaskState.OPEN)
    owners = clients_of_deals(engine, host, {row.deal_id for row in rows})
    clients = {row.key: owners.get(row.deal_id) or row.client for row in rows}
    sales = sales_of_clients(engine, host, set(clients.values()))
    other = {row.key: _another(row, sales[clients[row.key]]) for row in rows}
    return [
        BoughtAgain(row.key, row.task_id, clients[row.key], deal)
        for row in rows
        if row.task_id and (deal := other[row.key]) is not None
    ]


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_calendar(ripe: Sequence[ClientSales], study: Study) -> Calendar:
    """The coming working days, who calls instead of managers who have left, and who has how many calls already.

    One request for 2,500 managers, none without clients. PortalLacks if there is nobody to fall back on.
    """
    managers = {one.first.responsible_id for one in ripe if one.first}
    instead: Mapping[int, int] = {}
    if managers:
        with connections.portal() as portal:
            instead = substitutes(portal, managers, _sales_words().fallback_user)
    busy = call_tasks.busy_days(connections.store(), connections.portal_host(), study.today)
    return Calendar(study.policy, study.today, _sales_words().holidays, instead, busy)


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def look_at(portion: Sequence[ClientSales], today: date) -> list[Look]:
    """The clients as the portal has them at this moment: 50 a request, twice for those who may be due."""
    return _look([one.client for one in portion], today)


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def look_at_one(client: str, today: date) -> Look:
    """One client, named `CO_77`, `C_5` or by a link to its card in this portal; ValueError for anything else."""
    [look] = _look([read_client_key(client, connections.portal_origin())], today)
    return look


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def write_tasks(calls: Sequence[Call], today: date) -> TasksWritten:
    """Make the tasks, each once for a client and its purchase, whatever is repeated or killed.

    A deal that is not won any more gets none. What the portal refuses is told in `failures`; what passes by itself is
    raised, after the others are recorded.
    """
    if not calls:
        return TasksWritten()
    with connections.portal() as portal:
        forms = _forms(portal, {call.key: call for call in calls}, today)
        created = _making(portal, today).make(forms)
    raise_if_passing(ADD, created.failures)
    return TasksWritten(created.ids, {key: outcome_of(error).reason for key, error in created.failures.items()})


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def close_tasks(bought: Sequence[BoughtAgain], today: date) -> TasksWritten:
    """Complete the tasks that are still open, with one comment each, where the second deal is won at this moment.

    The comment goes first: a task completed without one would pass for a call. A comment refused does not keep the
    task open, it is told in `failures`, as is a task that may not be completed. What people completed or deleted
    meanwhile is left alone.
    """
    if not bought:
        return TasksWritten()
    with connections.portal() as portal:
        due = _still_due(portal, bought)
        told = _comments(portal).write({key: _closing(one) for key, one in due.items()})
        unsure = {key: error for key, error in told.failures.items() if is_passing(error)}
        commands = [Command(COMPLETE, {"taskId": one.task_id}, key) for key, one in due.items()]
        completed = portal.batch(command for command in commands if command.item not in unsure)
        failures = dict(completed.failed)
        refused = {key: due[key].task_id for key, error in failures.items() if isinstance(error, RequestRefused)}
        left = read_calls(portal, refused.values(), connections.zone())
        _note_closed([key for key, _ in completed.done], today)
    raise_if_passing(COMPLETE, failures | unsure)
    silent = {key: f"закрыта без комментария: {outcome_of(error).reason}" for key, error in told.failures.items()}
    still_open = {key: error for key, error in failures.items() if _is_open(left.get(refused[key]))}
    reasons = silent | {key: outcome_of(error).reason for key, error in still_open.items()}
    return TasksWritten({key: due[key].task_id for key, _ in completed.done}, reasons)


def _source() -> SalesSource:
    return sales_source(connections.names(PROCESS), connections.zone())


def _sales_words() -> SalesWords:
    words = connections.words().processes[PROCESS].sales
    if words is None:
        raise no_sales_words()
    return words


def _settle() -> timedelta:
    return timedelta(seconds=connections.words().portal.limits.settle_seconds)


def _making(portal: Portal, today: date) -> CallMaking:
    rest_3 = connections.facts().rest_3
    return CallMaking(portal, connections.store(), connections.zone(), _settle(), today, rest_3=rest_3)


def _comments(portal: Portal) -> ClosingComments:
    return ClosingComments(portal, connections.store(), connections.facts(), _settle())


def _as_it_is(row: CallTask, live: LiveCall | None, closed_by_us: bool, today: date) -> CallTask:
    """The row of an open task as the portal has the task now."""
    if live is None:
        return row.with_(state=TaskState.GONE)
    there = row.with_(responsible_id=live.responsible_id or row.responsible_id, day=live.day or row.day)
    if live.state is TaskState.OPEN:
        return there
    if closed_by_us:
        return there.with_(state=TaskState.BOUGHT, done_on=live.done_on or today)
    return there.with_(state=TaskState.DONE, done_on=live.done_on or today, done_by=live.done_by)


def _another(row: CallTask, sales: ClientSales) -> SaleDeal | None:
    return next((deal for deal in (sales.second, sales.first) if deal and deal.id != row.deal_id), None)


def _look(clients: Collection[str], today: date) -> list[Look]:
    with connections.portal() as portal:
        looks = look_at_clients(portal, _source(), connections.names(PROCESS), clients)
        _making(portal, today).adopt([deal for look in looks if (deal := _due_about(look))])
    purchases = {look.client.key: [look.sales.first.id] if look.sales.first else [] for look in looks}
    asked = call_tasks.asked(connections.store(), connections.portal_host(), purchases)
    return [replace(look, asked=asked[look.client.key]) for look in looks]


def _due_about(look: Look) -> int | None:
    """The purchase of a client whom its deals do not hold out."""
    sales = look.sales
    return sales.first.id if sales.first and sales.won == 1 and sales.open_deal is None else None


def _forms(portal: Portal, calls: Mapping[str, Call], today: date) -> dict[str, CallForm]:
    """Without calls about deals that are not won any more."""
    about = {call.judged.deal.id: call.judged.look.client.key for call in calls.values()}
    purchases = read_purchases(portal, _source(), connections.names(PROCESS), about)
    won = {key: call for key, call in calls.items() if call.judged.deal.id in purchases}
    return {key: _form(call, purchases[call.judged.deal.id], today) for key, call in won.items()}


def _form(call: Call, purchase: Purchase, today: date) -> CallForm:
    client, deal_id, origin = call.judged.look.client.key, call.judged.deal.id, connections.portal_origin()
    links = {"client_link": client_link(origin, client), "deal_link": deal_link(origin, deal_id)}
    values = task_values(call, purchase, today) | links | {"mark": mark(call.key)}
    text = render_text(f"{PROCESS}/task.txt.j2", values)
    return CallForm(
        title=render_text(f"{PROCESS}/task_title.txt.j2", values),
        description=text if mark(call.key) in text else f"{text}\n{mark(call.key)}",
        client=client,
        about=deal_id,
        responsible_id=call.responsible_id,
        deadline=datetime.combine(call.day, DAY_ENDS, connections.zone()),
    )


def _still_due(portal: Portal, bought: Sequence[BoughtAgain]) -> dict[str, BoughtAgain]:
    """Those whose task is open and whose second deal is won, at this moment."""
    live = read_calls(portal, [one.task_id for one in bought], connections.zone())
    won = won_deals(portal, _source(), [one.second.id for one in bought])
    return {one.key: one for one in bought if _is_open(live.get(one.task_id)) and one.second.id in won}


def _is_open(live: LiveCall | None) -> bool:
    return live is not None and live.state is TaskState.OPEN


def _note_closed(keys: Collection[str], today: date) -> None:
    engine, host = connections.store(), connections.portal_host()
    rows = [row for row in call_tasks.in_state(engine, host, TaskState.OPEN) if row.key in keys]
    call_tasks.keep(engine, [row.with_(state=TaskState.BOUGHT, done_on=today) for row in rows])


def _closing(one: BoughtAgain) -> Closing:
    link = deal_link(connections.portal_origin(), one.second.id)
    text = render_text(f"{PROCESS}/bought_again.txt.j2", {"deal_link": link, "mark": mark(one.key)})
    return Closing(one.task_id, text, stamp=mark(one.key), why=f"bought D_{one.second.id}")
