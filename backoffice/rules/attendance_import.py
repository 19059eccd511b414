"""Which visitors of an event become which contacts and list elements: facts in, plan out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from backoffice.rules.attendance_cards import inherit, outdated, recount
from backoffice.rules.attendance_entries import entry_changes
from backoffice.rules.attendance_facts import STATUS_TITLES, Card, Facts, Remembered, Ticket
from backoffice.rules.attendance_people import find_contact, living, people_of, unlinked
from backoffice.rules.attendance_plan import (
    ContactRef,
    Line,
    Newcomer,
    Person,
    Plan,
    Policy,
    Ruling,
    SectionStep,
    Trace,
    Verdict,
)
from backoffice.rules.people import initials


def decide(facts: Facts, policy: Policy) -> Plan:
    """The plan for one event. What people deleted, merged, relinked or edited in the portal stays as they left it."""
    rulings = _rule_all(facts, policy)
    step = _section_step(facts, rulings, policy)
    if step == "deleted":
        return Plan(facts.event, step, lines=tuple(_line(_without_section(ruling)) for ruling in rulings))
    visitors = {ruling.contact for ruling in rulings if ruling.attended and ruling.contact is not None}
    aliases = _aliases(rulings)
    contacts = replace(facts.contacts, history=inherit(facts.contacts.history, aliases))
    cards = recount(facts.event, visitors, _involved(rulings, facts), contacts)
    entries = tuple(entry_changes(rulings, facts, policy))
    return Plan(
        facts.event,
        step,
        newcomers=tuple(_newcomers(rulings, cards)),
        entries=entries,
        cards=outdated(cards, facts.contacts),
        aliases={gone: heir for gone, heir in aliases.items() if contacts.survivors.get(gone, -1) != heir},
        traces=tuple(_traces(rulings, facts, added={change.ticket_id for change in entries if not change.entry})),
        lines=tuple(map(_line, rulings)),
        first_timers=sum(cards[visitor].count == 1 for visitor in visitors),
        returning=sum(cards[visitor].count > 1 for visitor in visitors),
    )


def _rule_all(facts: Facts, policy: Policy) -> list[Ruling]:
    seen = {ticket.id for ticket in facts.tickets}
    vanished = [
        Ticket(ticket_id, facts.event.id, order_id="", status="")
        for ticket_id in sorted(facts.shelf.remembered.keys() - seen)
    ]
    persons = people_of([*facts.tickets, *vanished])
    came = _came(facts, policy)
    rulings = [_rule(ticket, persons[ticket.id], ticket.id in came, facts, policy) for ticket in facts.tickets]
    return rulings + [
        _untouched(ticket, persons[ticket.id], "билета больше нет в Таймпаде", facts) for ticket in vanished
    ]


def _came(facts: Facts, policy: Policy) -> set[str]:
    """The confirmed tickets whose holders count as visitors under the policy's rule."""
    confirmed = [ticket for ticket in facts.tickets if ticket.status in policy.confirmed]
    used = facts.event.counts_check_ins or any(ticket.came_at for ticket in facts.tickets)
    if policy.attended_rule == "check_in" or (policy.attended_rule == "check_in_if_used" and used):
        return {ticket.id for ticket in confirmed if ticket.came_at}
    return {ticket.id for ticket in confirmed}


def _rule(ticket: Ticket, person: Person, came: bool, facts: Facts, policy: Policy) -> Ruling:
    if unlinked(ticket.id, facts.shelf, facts.contacts):
        return Ruling(ticket, person, Verdict.SKIPPED, why="связь с контактом снята в портале")
    title = STATUS_TITLES.get(ticket.status)
    if title is None and ticket.status not in policy.confirmed:
        return _untouched(ticket, person, f"неизвестный статус «{ticket.status}»", facts)
    if ticket.status in policy.confirmed:
        return _rule_confirmed(ticket, person, came, facts, policy)
    if ticket.id not in facts.shelf.entries and ticket.id not in facts.shelf.remembered:
        return Ruling(ticket, person, Verdict.SKIPPED, why=f"статус «{title}»")
    found = find_contact(ticket.id, person, facts.shelf, facts.contacts)
    verdict = Verdict.RECOGNISED if found.contact is not None else Verdict.DELETED
    return Ruling(ticket, person, verdict, found.contact, f"статус «{title}»", lost=found.lost)


def _rule_confirmed(ticket: Ticket, person: Person, came: bool, facts: Facts, policy: Policy) -> Ruling:
    found = find_contact(ticket.id, person, facts.shelf, facts.contacts)
    ruling = Ruling(ticket, person, Verdict.RECOGNISED, found.contact, "", came, found.twins, found.lost)
    if found.contact is not None:
        return replace(ruling, verdict=Verdict.AMBIGUOUS, why="взят старший") if found.twins else ruling
    if found.lost and not policy.recreate_deleted:
        return replace(ruling, verdict=Verdict.DELETED, why="контакт удалён в портале", attended=False)
    why = "" if person.complete else "нет e-mail или имени: создан по билету"
    return replace(ruling, verdict=Verdict.CREATED, contact=person.key, why=why)


def _untouched(ticket: Ticket, person: Person, why: str, facts: Facts) -> Ruling:
    """Report the ticket and leave what stands for it as it is."""
    trace = facts.shelf.remembered.get(ticket.id)
    contact = living(trace.contact_id, facts.contacts) if trace else None
    return Ruling(ticket, person, Verdict.SKIPPED, contact, why, attended=bool(trace and trace.attended))


def _without_section(ruling: Ruling) -> Ruling:
    return replace(ruling, verdict=Verdict.SKIPPED, why="раздел мероприятия удалён в портале")


def _section_step(facts: Facts, rulings: Sequence[Ruling], policy: Policy) -> SectionStep:
    """A section is named after its event; one that a person renamed keeps that name, one deleted is not made again."""
    section, remembered = facts.shelf.section, facts.shelf.remembered_section
    if section is None:
        if remembered is not None and not policy.recreate_deleted:
            return "deleted"
        return "add" if any(ruling.contact is not None for ruling in rulings) else "keep"
    by_hand = remembered is not None and section.name != remembered.name
    return "keep" if by_hand or section.name == facts.event.title else "rename"


def _involved(rulings: Iterable[Ruling], facts: Facts) -> set[ContactRef]:
    """Everybody whose attendance may have changed: the holders of the tickets, and those who held them before."""
    now = {ruling.contact for ruling in rulings if ruling.contact is not None}
    before = {trace.contact_id for trace in facts.shelf.remembered.values() if trace.contact_id is not None}
    return now | {contact for contact in before if contact in facts.contacts.living}


def _newcomers(rulings: Iterable[Ruling], cards: Mapping[ContactRef, Card]) -> Iterator[Newcomer]:
    people = {ruling.person.key: ruling.person for ruling in rulings if ruling.verdict is Verdict.CREATED}
    return (Newcomer(person, cards[key]) for key, person in people.items())


def _aliases(rulings: Iterable[Ruling]) -> dict[int, int | None]:
    """The contacts found gone, with the one that took their place, if all who lost it now are that one."""
    heirs: dict[int, set[int | None]] = {}
    for ruling in rulings:
        for gone in ruling.lost:
            heirs.setdefault(gone, set()).add(_id_or_none(ruling.contact))
    return {gone: next(iter(found)) if len(found) == 1 else None for gone, found in heirs.items()}


def _traces(rulings: Iterable[Ruling], facts: Facts, added: Collection[str]) -> Iterator[Trace]:
    """What to remember of the tickets whose memory is missing or outdated, and of those whose element is added."""
    for ruling in rulings:
        ticket_id, shelf = ruling.ticket.id, facts.shelf
        if not _memorable(ruling, facts):
            continue
        entry, trace = shelf.entries.get(ticket_id), shelf.remembered.get(ticket_id)
        entry_id = entry.id if entry else trace.entry_id if trace else None
        status = STATUS_TITLES.get(ruling.ticket.status, ruling.ticket.status)
        known = Remembered(_id_or_none(ruling.contact), entry_id, status, ruling.attended)
        if trace != known or ticket_id in added:
            yield Trace(ticket_id, ruling.contact, entry_id, status, ruling.attended)


def _memorable(ruling: Ruling, facts: Facts) -> bool:
    if ruling.contact is None:
        return unlinked(ruling.ticket.id, facts.shelf, facts.contacts)
    return ruling.verdict is not Verdict.SKIPPED


def _id_or_none(contact: ContactRef | None) -> int | None:
    return contact if isinstance(contact, int) else None


def _line(ruling: Ruling) -> Line:
    who = initials(ruling.person.last_name, ruling.person.first_name)
    return Line(ruling.ticket.id, who, ruling.contact, ruling.verdict, ruling.why, ruling.twins)
