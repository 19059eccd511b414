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
    held: dict[str, list[Ticket]] = {}
    for ticket in tickets:
        held.setdefault(_key(ticket), []).append(ticket)
    persons = {key: _person(key, theirs) for key, theirs in held.items()}
    return {ticket.id: persons[key] for key, theirs in held.items() for ticket in theirs}


def _key(ticket: Ticket) -> str:
    return person_key(ticket.email, ticket.last_name, ticket.first_name) or f"ticket {_origin(ticket)}"


def _origin(ticket: Ticket) -> str:
    return f"{ticket.event_id}:{ticket.id}"


def _person(key: str, tickets: Sequence[Ticket]) -> Person:
    """The person of these tickets, named as in the first of them; every typed form of the address is kept."""
    first = tickets[0]
    email = normal_email(first.email)
    return Person(
        key=key,
        origin=_origin(first),
        complete=key != f"ticket {_origin(first)}",
        email=email,
        email_forms=tuple(dict.fromkeys([email, *(ticket.email.strip() for ticket in tickets)])),
        last_name=" ".join(first.last_name.split()),
        first_name=" ".join(first.first_name.split()),
        phone=next((phone for ticket in tickets if (phone := normal_phone(ticket.phone))), ""),
        tickets=tuple(ticket.id for ticket in tickets),
    )


def living(contact_id: int | None, contacts: Contacts) -> int | None:
    """The contact itself while it lives, else the one that people merged it into."""
    if contact_id is None or contact_id in contacts.living:
        return contact_id
    heir = contacts.survivors.get(contact_id)
    return heir if heir in contacts.living else None


def find_contact(ticket_id: str, person: Person, shelf: Shelf, contacts: Contacts) -> Found:
    """The contact of a ticket, in this order: the one its element links to (a person may have relinked it), the one
    we wrote last time, an equal contact (the oldest of several), the one this person was created as, the one that
    another ticket of the same person led to.
    """
    placed = _placed(ticket_id, shelf)
    if (alive := _first_living(placed, contacts)) is not None:
        return Found(alive)
    former = (*placed, *_led_to(person, shelf, contacts))
    lost = tuple(dict.fromkeys(gone for gone in former if gone not in contacts.living))
    if matches := contacts.matches.get(person.key, ()):
        return Found(matches[0], twins=matches[1:], lost=lost)
    return Found(_first_living(former, contacts), lost=lost)


def unlinked(ticket_id: str, shelf: Shelf, contacts: Contacts) -> bool:
    """Whether a person took the contact out of the ticket's element: we wrote one that lives, and it shows none.

    A ticket remembered without a contact is one that was found so before.
    """
    entry, trace = shelf.entries.get(ticket_id), shelf.remembered.get(ticket_id)
    if entry is None or trace is None or entry.contact_id is not None:
        return False
    return trace.contact_id is None or trace.contact_id in contacts.living


def unsettled(tickets: Sequence[Ticket], shelf: Shelf, contacts: Contacts) -> list[Person]:
    """The people who must be looked for in the portal, because their tickets lead to no living contact; each once."""
    persons = people_of(tickets)
    wanted = {
        persons[ticket.id].key: persons[ticket.id]
        for ticket in tickets
        if _first_living(_placed(ticket.id, shelf), contacts) is None and not unlinked(ticket.id, shelf, contacts)
    }
    return list(wanted.values())


def _first_living(contact_ids: Iterable[int], contacts: Contacts) -> int | None:
    alive = (living(contact_id, contacts) for contact_id in contact_ids)
    return next((contact_id for contact_id in alive if contact_id is not None), None)


def _led_to(person: Person, shelf: Shelf, contacts: Contacts) -> list[int]:
    """The contacts that the person was created as, or found to be by its other tickets."""
    created = [contacts.known[person.key]] if person.key in contacts.known else []
    return created + [contact_id for ticket_id in person.tickets for contact_id in _placed(ticket_id, shelf)]


def _placed(ticket_id: str, shelf: Shelf) -> tuple[int, ...]:
    entry, trace = shelf.entries.get(ticket_id), shelf.remembered.get(ticket_id)
    ids = (entry.contact_id if entry else None, trace.contact_id if trace else None)
    return tuple(dict.fromkeys(contact_id for contact_id in ids if contact_id is not None))
