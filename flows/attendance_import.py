"""Attendance import: the visitors of a finished Timepad event stand in the portal by themselves.

Each participant becomes a contact, or is recognised as one, and an element of the list of events; the contact's card
says how many events it has attended. Timepad's hooks only hint at an event; the sweep finds every event without them.
"""

from datetime import datetime, timedelta
from typing import Literal

from prefect import State, flow, tags

from backoffice.rules.attendance_events import due, finished
from backoffice.rules.attendance_facts import CONFIRMED_STATUSES, Event, Facts, Shelf
from backoffice.rules.attendance_import import decide
from backoffice.rules.attendance_plan import AttendedRule, Plan, Policy
from backoffice.rules.attendance_result import Result, cards_for, entries_for, traces_for
from backoffice.rules.chunks import chunked
from tasks.attendance import remember_aliases, remember_attendance
from tasks.attendance_list import ensure_section, read_shelf, write_entries
from tasks.attendance_report import publish_plan, publish_progress, publish_result
from tasks.contacts import create_contacts, read_contacts, update_cards
from tasks.events import read_event, read_events, read_import_times, read_recent_events, read_tickets, remember_import
from tasks.hooks import close_hints, read_hints
from tasks.portal import check_portal, in_use, read_clock, read_start_from
from tasks.runs import name_run

PROCESS = "attendance_import"
PORTION = 500


@flow
def attendance_import(  # noqa: PLR0913 — the form of the run: Prefect shows every argument as a field
    event_id: int | None = None,
    which: Literal["due", "hinted", "one"] = "due",
    dry_run: bool = False,
    confirmed_statuses: tuple[str, ...] = CONFIRMED_STATUSES,
    attended_rule: AttendedRule = "check_in_if_used",
    passes_hours: tuple[float, ...] = (0, 6, 24),
    look_back_days: int = 14,
    recreate_deleted: bool = False,
) -> list[State[None]]:
    """Перенести участников завершившихся мероприятий Таймпада в портал.

    Args:
        event_id: Номер мероприятия в Таймпаде: последнее число в его адресе. Указан: переносится только оно.
        which: Какие мероприятия: чей срок подошёл (due), о которых пришли вебхуки (hinted), одно по номеру (one).
        dry_run: Только показать план; в портал ничего не записывать.
        confirmed_statuses: Статусы билетов, с которыми участник переносится.
        attended_rule: Кто считается посетившим: по отметкам на входе, если они велись (check_in_if_used);
            только по отметкам (check_in); все с подтверждённым билетом (confirmed).
        passes_hours: Через сколько часов после конца мероприятия переносить; отметки и возвраты приходят поздно.
        look_back_days: За сколько дней назад искать мероприятия.
        recreate_deleted: Создать заново то, что удалили в портале люди.
    """
    if which == "one" and event_id is None:
        raise ValueError("Не указан event_id: впишите номер мероприятия, последнее число в его адресе на Таймпаде")
    if not in_use(PROCESS):
        name_run(f"не используется: в portal.toml нет раздела [{PROCESS}]")
        return []
    check_portal(PROCESS)
    now = read_clock()
    policy = Policy(frozenset(confirmed_statuses), attended_rule, recreate_deleted)
    if event_id is not None:
        event = read_event(event_id)
        name_run(f"{event.title} · {event.id}")
        return import_events([event], policy, now, dry_run)
    start_from = read_start_from(PROCESS)
    if which == "hinted":
        return import_hinted(policy, now, start_from, dry_run)
    recent = read_recent_events(now - timedelta(days=look_back_days))
    passes = [timedelta(hours=hours) for hours in passes_hours]
    events = due(recent, read_import_times(recent), passes, now, start_from)
    name_run(f"обход: {', '.join(event.title for event in events) or 'переносить нечего'}")
    return import_events(events, policy, now, dry_run)


def import_hinted(policy: Policy, now: datetime, start_from: datetime, dry_run: bool) -> list[State[None]]:
    """Import the finished events that hooks hint at; the hooks of an event that failed wait for the next run."""
    hints = read_hints("timepad")
    name_run(f"по сигналам Таймпада: {len(hints.rows)}")
    events = finished(read_events(hints.event_ids), now, start_from)
    states = import_events(events, policy, now, dry_run)
    outcomes = zip(events, states, strict=True)
    close_hints(hints, left_open=[event.id for event, state in outcomes if not state.is_completed()])
    return states


def import_events(events: list[Event], policy: Policy, now: datetime, dry_run: bool) -> list[State[None]]:
    """Import one event after another; the trouble of one does not stop the others."""
    with tags("backoffice", "timepad"):
        return [import_event(event, policy, now, dry_run, return_state=True) for event in events]


@flow(flow_run_name="{event.title} · {event.id}", validate_parameters=False)
def import_event(event: Event, policy: Policy, now: datetime, dry_run: bool) -> None:
    """Перенести участников одного мероприятия: прочитать, решить, записать."""
    tickets = read_tickets(event)
    shelf = read_shelf(event)
    plan = decide(Facts(event, tuple(tickets), shelf, read_contacts(tickets, shelf)), policy)
    publish_plan(plan)
    if dry_run:
        return
    remember_aliases(plan.aliases, now)
    result = carry_out(plan, shelf, policy)
    remember_attendance(event, traces_for(plan, result), result.contacts, result.entries)
    remember_import(event, result.section_id, now, complete=not result.failures)
    publish_result(plan, result)
    result.demand_complete(plan)


def carry_out(plan: Plan, shelf: Shelf, policy: Policy) -> Result:
    """Write the plan in portions: the contacts first, then the elements that link to them, then the counts."""
    result = Result(ensure_section(plan, shelf, policy.recreate_deleted))
    for newcomers in chunked(plan.newcomers, PORTION):
        result.note_contacts(create_contacts(newcomers, policy.recreate_deleted))
        publish_progress(plan, result)
    for entries in chunked(entries_for(plan, result.contacts), PORTION):
        result.note_entries(write_entries(plan.event, result.section_id, entries, result.contacts))
        publish_progress(plan, result)
    for cards in chunked(cards_for(plan, result).items(), PORTION):
        result.note_cards(update_cards(dict(cards)))
    return result
