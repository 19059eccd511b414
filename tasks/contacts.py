"""Contacts of the portal: recognising people, creating the new ones, their attendance fields."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts import CONTACT, Contact, contacts_by_id
from backoffice.bitrix24.contacts_by_email import contacts_by_email
from backoffice.bitrix24.contacts_by_origin import contacts_by_origin
from backoffice.bitrix24.doubt import Written, moment
from backoffice.bitrix24.errors import ListingBroken
from backoffice.bitrix24.new_contacts import adding_method, adding_params
from backoffice.bitrix24.values import read_moment, value_of, values_of
from backoffice.once import Created, Creation, OnceOnly
from backoffice.retries import raise_if_passing, worth_retrying
from backoffice.rules.attendance_facts import Card, Contacts, Shelf, Ticket, Visit
from backoffice.rules.attendance_people import people_of, unsettled
from backoffice.rules.attendance_plan import Newcomer, Person
from backoffice.rules.people import person_key
from backoffice.store import aliases, effects, participations

PROCESS = "attendance_import"
ORIGINATOR = "timepad"
KIND = "contact"


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_contacts(tickets: Sequence[Ticket], shelf: Shelf) -> Contacts:
    """The contacts that the tickets may belong to: those known from before, and for the others those equal to them.

    5,000 tickets known from before cost 3 requests, 5,000 unknown ones 11 to find and 3 to read who was found.
    """
    engine, host = connections.store(), connections.portal_host()
    persons = {person.key: person for person in people_of(tickets).values()}
    known = {key: int(contact) for key, contact in effects.done(engine, host, KIND, persons).items()}
    before = shelf.contact_ids | set(known.values())
    heirs = aliases.survivors(engine, host, before)
    with connections.portal() as portal:
        living = _read_cards(portal, before | {heir for heir in heirs.values() if heir is not None})
        _demand_the_newest(portal, known, living)
        settled = Contacts(living=living, survivors=heirs)
        found, matches = _look_for(portal, unsettled(tickets, shelf, settled))
    living |= found
    visits = participations.attended_events(engine, host, living.keys() | before)
    zone = connections.zone()
    history = {
        contact: tuple(Visit(visit.event_id, visit.title, visit.starts_at.astimezone(zone)) for visit in visited)
        for contact, visited in visits.items()
    }
    return Contacts(living, matches, known, heirs, history)


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def create_contacts(newcomers: Sequence[Newcomer], recreate_deleted: bool = False) -> Created:
    """Create a chunk of contacts, each once; one that somebody made in the meantime is taken instead.

    500 contacts cost 13 requests. Refusals are in `failures` by person key; the other contacts stand.
    """
    with connections.portal() as portal:
        _, matches = _look_for(portal, [newcomer.person for newcomer in newcomers])
        there = {key: ids[0] for key, ids in matches.items()}
        wanted = {n.person.key: _creation(n) for n in newcomers if n.person.key not in there}
        if recreate_deleted:
            effects.forget(connections.store(), portal.host, KIND, wanted)
        created = _once(portal).create(wanted)
    raise_if_passing("crm.item.add", created.failures)
    return Created({**created.ids, **there}, created.fresh, created.failures)


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def update_cards(cards: Mapping[int, Card]) -> Written:
    """Write the attendance fields of a chunk of contacts; 50 a request. Repeating it changes nothing."""
    commands = [
        Command("crm.item.update", {**_ITEM, "id": contact, "fields": _card_fields(card)}, f"контакт {contact}")
        for contact, card in cards.items()
    ]
    with connections.portal() as portal:
        written = portal.batch(commands)
    raise_if_passing("crm.item.update", dict(written.failed))
    return Written(dict(written.done), dict(written.failed))


_ITEM = {"entityTypeId": CONTACT, "useOriginalUfNames": "Y"}


def _demand_the_newest(portal: Portal, known: Mapping[str, int], living: Collection[int]) -> None:
    """ListingBroken when contacts that we made a moment ago are not shown: the portal lags, nobody deleted them."""
    unseen = [key for key, contact in known.items() if contact not in living]
    recent = effects.claimed_since(connections.store(), portal.host, KIND, unseen, moment(portal) - _settle())
    if recent:
        raise ListingBroken(f"{len(recent)} contacts created a moment ago are not shown yet")


def _look_for(portal: Portal, people: Sequence[Person]) -> tuple[dict[int, Card], dict[str, tuple[int, ...]]]:
    """The cards of everybody equal to one of the people, and their ids by person key, the oldest first.

    Who left no e-mail or name is looked for by the ticket alone.
    """
    complete = {person.key for person in people if person.complete}
    addresses = [form for person in people if person.complete for form in person.email_forms]
    found = contacts_by_email(portal, addresses, _card_codes(), connections.facts())
    matches: dict[str, tuple[int, ...]] = {}
    for contact in sorted(found.values(), key=lambda contact: contact.id):
        for key in complete & _keys(contact):
            matches[key] = (*matches.get(key, ()), contact.id)
    origins = {person.origin: person.key for person in people if not person.complete}
    by_ticket = contacts_by_origin(portal, ORIGINATOR, list(origins), connections.facts())
    matches |= {origins[origin]: (contact_id,) for origin, contact_id in by_ticket.items()}
    return {contact.id: _card(contact) for contact in found.values()} | _read_cards(portal, by_ticket.values()), matches


def _keys(contact: Contact) -> set[str]:
    return {person_key(email, contact.last_name, contact.first_name) for email in contact.emails}


def _once(portal: Portal) -> OnceOnly:
    return OnceOnly(
        portal,
        connections.store(),
        KIND,
        method=adding_method(connections.facts()),
        find=lambda origins: contacts_by_origin(portal, ORIGINATOR, origins, connections.facts()),
        read_id=lambda result: int(result["item"]["id"]),
        settle=_settle(),
    )


def _settle() -> timedelta:
    return timedelta(seconds=connections.words().portal.limits.settle_seconds)


def _creation(newcomer: Newcomer) -> Creation:
    person = newcomer.person
    fields: dict[str, Any] = {
        "name": person.first_name or ("" if person.last_name else f"Билет {person.origin.split(':')[1]}"),
        "lastName": person.last_name,
        "fm": _multifields(person),
        "originatorId": ORIGINATOR,
        "originId": person.origin,
        **_card_fields(newcomer.card),
    }
    return Creation(person.origin, adding_params(fields, connections.facts()))


def _multifields(person: Person) -> list[dict[str, str]]:
    values = (("EMAIL", person.email), ("PHONE", person.phone))
    return [{"typeId": kind, "valueType": "WORK", "value": value} for kind, value in values if value]


def _card_codes() -> list[str]:
    return list(connections.names(PROCESS).contact_fields.values())


def _read_cards(portal: Portal, ids: Iterable[int]) -> dict[int, Card]:
    return {contact.id: _card(contact) for contact in contacts_by_id(portal, ids, _card_codes()).values()}


def _card(contact: Contact) -> Card:
    codes, zone = connections.names(PROCESS).contact_fields, connections.zone()
    return Card(
        count=int(float(value_of(contact.fields.get(codes["events_attended"])) or 0)),
        first=read_moment(value_of(contact.fields.get(codes["first_event"])), zone),
        last=read_moment(value_of(contact.fields.get(codes["last_event"])), zone),
        titles=tuple(values_of(contact.fields.get(codes["events"]))),
    )


def _card_fields(card: Card) -> dict[str, Any]:
    codes = connections.names(PROCESS).contact_fields
    return {
        codes["events_attended"]: card.count,
        codes["first_event"]: card.first or "",
        codes["last_event"]: card.last or "",
        codes["events"]: list(card.titles),
    }
