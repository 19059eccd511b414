"""Whose ticket it is: which tickets are one person, and which contact of the portal that person is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backoffice.rules.attendance_facts import Contacts, Shelf, Ticket
from backoffice.rules.attendance_plan import Person
from backoffice.rules.people import normal_email, normal_phone, person_key


@dataclass(frozen=True)
class Found:
    """The living contact of a ticket, its twins, and the contacts that once were it and are gone."""

    contact: int | None
    twins: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()


def people_of(tickets: Iterable[Ticket]) -> dict[str, Person]:
    """The person of each ticket, by ticket id: equal e-mail, last and first name are one person."""
    persons: dict[str, Person] = {}
    by_ticket: dict[str, Person] = {}
    for ticket in tickets:
        person = _person(ticket)
        by_ticket[ticket.id] = persons.setdefault(person.key, person)
    return by_ticket


def _person(ticket: Ticket) -> Person:
    key = person_key(ticket.email, ticket.last_name, ticket.first_name)
    origin = f"{ticket.event_id}:{ticket.id}"
    return Person(
        key=key or f"ticket {origin}",
        origin=origin,
        complete=bool(key),
        email=normal_email(ticket.email),
        email_forms=tuple(dict.fromkeys([normal_email(ticket.email), ticket.email.strip()])),
        last_name=" ".join(ticket.last_name.split()),
        first_name=" ".join(ticket.first_name.split()),
        phone=normal_phone(ticket.phone),
    )


def living(contact_id: int | None, contacts: Contacts) -> int | None:
    """The contact itself while it lives, else the one that people merged it into."""
    if contact_id is None or contact_id in contacts.living:
        return contact_id
    heir = contacts.survivors.get(contact_id)
    return heir if heir in contacts.living else None


def find_contact(ticket_id: str, person: Person, shelf: Shelf, contacts: Contacts) -> Found:
    """The contact of a ticket, in this order: the one its element links to (a person may have relinked it), the one
    we wrote last time, an equal contact (the oldest of several), the one this person was created as.
    """
    placed = _placed(ticket_id, shelf)
    for contact_id in placed:
        if (alive := living(contact_id, contacts)) is not None:
            return Found(alive, lost=tuple(gone for gone in placed if gone not in contacts.living))
    former = contacts.known.get(person.key)
    lost = tuple(gone for gone in (*placed, former) if gone is not None and gone not in contacts.living)
    if matches := contacts.matches.get(person.key, ()):
        return Found(matches[0], twins=matches[1:], lost=lost)
    return Found(living(former, contacts), lost=lost)


def unsettled(tickets: Sequence[Ticket], shelf: Shelf, contacts: Contacts) -> list[Person]:
    """The people who must be looked for in the portal, because their tickets lead to no living contact; each once."""
    persons = people_of(tickets)
    wanted = {
        persons[ticket.id].key: persons[ticket.id]
        for ticket in tickets
        if not any(living(contact_id, contacts) for contact_id in _placed(ticket.id, shelf))
    }
    return list(wanted.values())


def _placed(ticket_id: str, shelf: Shelf) -> tuple[int, ...]:
    entry, trace = shelf.entries.get(ticket_id), shelf.remembered.get(ticket_id)
    ids = (entry.contact_id if entry else None, trace.contact_id if trace else None)
    return tuple(dict.fromkeys(contact_id for contact_id in ids if contact_id is not None))
