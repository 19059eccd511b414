"""The universal list of events: a section is an event, an element is a ticket and links to its contact."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.attendance_elements import ElementForm, element_code, section_code, ticket_of
from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.doubt import Written, write_and_find
from backoffice.bitrix24.errors import AlreadyExists
from backoffice.bitrix24.wire import as_map
from backoffice.once import Creation, OnceOnly
from backoffice.retries import raise_if_passing, worth_retrying
from backoffice.rules.attendance_facts import Event, Remembered, Section, Shelf
from backoffice.rules.attendance_plan import EntryChange, Plan
from backoffice.store import effects, events, participations

PROCESS = "attendance_import"
KIND = "section"


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_shelf(event: Event) -> Shelf:
    """What stands in the list for the event, and what we remember of it. 5,000 elements cost 4 requests."""
    engine, host = connections.store(), connections.portal_host()
    with connections.portal() as portal:
        section = _find_section(portal, event.id)
        rows = _read_elements(portal, section.id) if section else []
    form = _element_form()
    known = events.known_events(engine, host, [event.id]).get(event.id)
    traces = participations.of_event(engine, host, event.id)
    return Shelf(
        section=section,
        entries={ticket: form.read(row) for row in rows if (ticket := ticket_of(row, event.id))},
        remembered={
            ticket: Remembered(trace.contact_id, trace.element_id, trace.status, trace.attended)
            for ticket, trace in traces.items()
        },
        remembered_section=Section(known.section_id, known.title) if known and known.section_id else None,
    )


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def ensure_section(plan: Plan, shelf: Shelf, recreate_deleted: bool = False) -> int | None:
    """The event's section, made once or renamed as the plan says; None where there is none and none is needed."""
    with connections.portal() as portal:
        if plan.section == "add":
            return _add_section(portal, plan.event, anew=recreate_deleted and shelf.remembered_section is not None)
        if plan.section == "rename" and shelf.section:
            fields = {"NAME": plan.event.title}
            portal.call("lists.section.update", **_list(), SECTION_ID=shelf.section.id, FIELDS=fields)
    return shelf.section.id if shelf.section else None


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def write_entries(
    event: Event, section_id: int | None, changes: Sequence[EntryChange], contacts: Mapping[str, int]
) -> Written:
    """Add and update a chunk of elements; `contacts` gives the ids of those created a moment ago.

    The element's code holds event and ticket and is unique in the list, so nothing is added twice. Results are
    element ids by ticket id; 50 elements a request.
    """
    commands = [_write_command(event, section_id, change, contacts) for change in changes]
    with connections.portal() as portal:

        def find(tickets: Collection[str]) -> dict[str, int]:
            return _find_elements(portal, event.id, tickets)

        written = write_and_find(portal, commands, find, settle=_settle())
        standing = find([key for key, error in written.failures.items() if isinstance(error, AlreadyExists)])
    raise_if_passing("lists.element", written.failures)
    updated = {change.ticket_id: change.entry.id for change in changes if change.entry}
    ids = {ticket: updated.get(ticket, result) for ticket, result in written.results.items()} | standing
    return Written(ids, {key: error for key, error in written.failures.items() if key not in standing})


def _find_section(portal: Portal, event_id: int) -> Section | None:
    """The event's section by its code; the oldest, should people have copied it."""
    code = section_code(event_id)
    condition = {"FILTER": {"CODE": code}} if connections.facts().finds_sections_by_code else {}
    rows = portal.rows("lists.section.get", **_list(), **condition)
    sections = [Section(int(row["ID"]), str(row["NAME"])) for row in rows if row.get("CODE", code) == code]
    return min(sections, key=lambda section: section.id, default=None)


def _add_section(portal: Portal, event: Event, *, anew: bool) -> int:
    def find(codes: Collection[str]) -> dict[str, int]:
        section = _find_section(portal, event.id)
        return dict.fromkeys(codes, section.id) if section else {}

    code = section_code(event.id)
    params = {**_list(), "SECTION_CODE": code, "FIELDS": {"NAME": event.title}}
    once = OnceOnly(portal, connections.store(), KIND, "lists.section.add", find, int, _settle())
    if anew and not find([code]):
        effects.forget(connections.store(), portal.host, KIND, [code])
    created = once.create({code: Creation(code, params)})
    for error in created.failures.values():
        raise error
    return created.ids[code]


def _read_elements(portal: Portal, section_id: int) -> list[Row]:
    """The section's elements, and those of others too where the portal cannot filter: their codes tell."""
    name = connections.facts().section_filter
    condition = {"FILTER": {name: section_id}} if name else {}
    return list(portal.rows("lists.element.get", **_list(), **condition, ELEMENT_ORDER={"ID": "ASC"}))


def _find_elements(portal: Portal, event_id: int, tickets: Collection[str]) -> dict[str, int]:
    commands = [
        Command("lists.element.get", {**_list(), "ELEMENT_CODE": element_code(event_id, ticket)}, ticket)
        for ticket in tickets
    ]
    answers = zip(tickets, portal.batch(commands).values(), strict=True)
    found = {ticket: next(iter(as_map(rows).values()), None) for ticket, rows in answers}
    return {ticket: int(row["ID"]) for ticket, row in found.items() if row}


def _write_command(
    event: Event, section_id: int | None, change: EntryChange, contacts: Mapping[str, int]
) -> Command[str]:
    contact = contacts[change.contact] if isinstance(change.contact, str) else change.contact
    params = {**_list(), "IBLOCK_SECTION_ID": section_id, "FIELDS": _element_form().write(change, contact)}
    if change.entry:
        return Command("lists.element.update", {**params, "ELEMENT_ID": change.entry.id}, change.ticket_id)
    code = element_code(event.id, change.ticket_id)
    return Command("lists.element.add", {**params, "ELEMENT_CODE": code}, change.ticket_id)


def _list() -> dict[str, Any]:
    return {"IBLOCK_TYPE_ID": "lists", "IBLOCK_ID": connections.names(PROCESS).lists["events"].id}


def _element_form() -> ElementForm:
    facts, fields = connections.facts(), connections.names(PROCESS).lists["events"].fields
    return ElementForm(fields, connections.zone(), facts.list_datetime, facts.naive_shift_minutes)


def _settle() -> timedelta:
    return timedelta(seconds=connections.words().portal.limits.settle_seconds)
