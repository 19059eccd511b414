"""What the list should say of each participant, without overwriting what people changed in it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backoffice.rules.attendance_facts import STATUS_TITLES, Entry, Facts, Ticket
from backoffice.rules.attendance_plan import ContactRef, EntryChange, Policy, Ruling, Verdict

YES, NO = "да", "нет"


def entry_changes(rulings: Iterable[Ruling], facts: Facts, policy: Policy) -> Iterator[EntryChange]:
    """The elements to add and to update; one that a person deleted is not made again unless the policy asks for it."""
    for ruling in rulings:
        if ruling.contact is None or ruling.verdict is Verdict.SKIPPED:
            continue
        wanted = _wanted_entry(ruling, ruling.contact, facts)
        if wanted.entry is not None:
            merged = _merge(wanted, wanted.entry, facts)
            if _differs(merged, wanted.entry):
                yield merged
        elif not _removed_by_hand(ruling.ticket, facts) or policy.recreate_deleted:
            yield wanted


def _wanted_entry(ruling: Ruling, contact: ContactRef, facts: Facts) -> EntryChange:
    person, ticket = ruling.person, ruling.ticket
    return EntryChange(
        ticket_id=ticket.id,
        contact=contact,
        name=f"{person.last_name} {person.first_name}".strip() or f"Билет {ticket.id}",
        status=STATUS_TITLES.get(ticket.status, ticket.status),
        attended=YES if ruling.attended else NO,
        date=facts.event.starts_at,
        entry=facts.shelf.entries.get(ticket.id),
    )


def _merge(wanted: EntryChange, entry: Entry, facts: Facts) -> EntryChange:
    """What the element should say: a field that a person has changed since we wrote it keeps the person's value."""
    trace = facts.shelf.remembered.get(wanted.ticket_id)
    before = (trace.status, YES if trace.attended else NO) if trace else (entry.status, entry.attended)
    return replace(
        wanted,
        name=entry.name or wanted.name,
        status=wanted.status if entry.status == before[0] else entry.status,
        attended=wanted.attended if entry.attended == before[1] else entry.attended,
    )


def _differs(change: EntryChange, entry: Entry) -> bool:
    return (change.contact, change.name, change.status, change.attended, change.date, change.ticket_id) != (
        entry.contact_id,
        entry.name,
        entry.status,
        entry.attended,
        entry.date,
        entry.ticket,
    )


def _removed_by_hand(ticket: Ticket, facts: Facts) -> bool:
    trace = facts.shelf.remembered.get(ticket.id)
    return trace is not None and trace.entry_id is not None
