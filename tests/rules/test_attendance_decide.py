"""What an import decides, played through: plans are carried out on a portal of dictionaries and people interfere."""

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from backoffice.rules.attendance_facts import (
    CONFIRMED_STATUSES,
    STATUS_TITLES,
    Card,
    Contacts,
    Entry,
    Event,
    Facts,
    Remembered,
    Section,
    Shelf,
    Ticket,
    Visit,
)
from backoffice.rules.attendance_import import decide
from backoffice.rules.attendance_people import people_of, unsettled
from backoffice.rules.attendance_plan import EntryChange, Newcomer, Person, Plan, Policy, Verdict
from backoffice.rules.attendance_result import Result, cards_for, entries_for, traces_for
from backoffice.rules.people import person_key

START = datetime(2026, 3, 1, 16, tzinfo=UTC)
POLICY = Policy(frozenset(CONFIRMED_STATUSES))
RECREATE = replace(POLICY, recreate_deleted=True)
ANNA = ("anna@example.org", "Кузнецова", "Анна")
NAMESAKE = ("anna@example.com", "Кузнецова", "Анна")
SPOUSE = ("anna@example.org", "Кузнецов", "Пётр")
NAMELESS = ("", "", "")
PEOPLE = (ANNA, NAMESAKE, SPOUSE, ("ANNA@example.org", " КУЗНЕЦОВА", "анна"), ("", "Мельник", "Оксана"), NAMELESS)


@dataclass
class Contact:
    """A contact of the simulated portal."""

    emails: set[str]
    last_name: str
    first_name: str
    card: Card = field(default_factory=Card)
    origin: str = ""

    @property
    def keys(self) -> set[str]:
        """The persons it is equal to."""
        return {person_key(email, self.last_name, self.first_name) for email in self.emails}


@dataclass
class Written:
    """What the tasks hand back, without failures."""

    results: dict[str, int]
    failures: dict[str, Exception] = field(default_factory=dict)


@dataclass
class Created:
    """What the creation of contacts hands back, without failures."""

    ids: dict[str, int]
    fresh: frozenset[str]
    failures: dict[str, Exception] = field(default_factory=dict)


class Installation:
    """Timepad, a portal and our memory as dictionaries: the tasks' part of an import, one write at a time."""

    def __init__(self) -> None:
        self.events: dict[int, Event] = {}
        self.tickets: dict[str, Ticket] = {}
        self.contacts: dict[int, Contact] = {}
        self.elements: dict[tuple[int, str], Entry] = {}
        self.sections: dict[int, Section] = {}
        self.memory: dict[tuple[int, str], Remembered] = {}
        self.imported: dict[int, tuple[Section | None, Visit]] = {}
        self.created_as: dict[str, int] = {}
        self.aliases: dict[int, int | None] = {}
        self.creations: Counter[str] = Counter()
        self._last_id = 0

    def hold(self, event_id: int) -> None:
        """Timepad gets an event."""
        starts_at = START + timedelta(days=event_id)
        self.events[event_id] = Event(event_id, f"Семинар {event_id}", starts_at)

    def sell(self, ticket_id: str, event_id: int, person: tuple[str, str, str], status: str = "paid") -> None:
        """Timepad gets a ticket."""
        self.tickets[ticket_id] = Ticket(ticket_id, event_id, f"order {ticket_id}", status, *person)

    def enter(self, person: tuple[str, str, str]) -> int:
        """A person enters a contact by hand."""
        contact_id = self._new_id()
        self.contacts[contact_id] = Contact({person[0]}, person[1], person[2])
        return contact_id

    def merge(self, gone: int, survivor: int) -> None:
        """A person merges two contacts: the survivor keeps its names and gets the other's addresses."""
        self.contacts[survivor].emails |= self.contacts.pop(gone).emails

    def drop_section(self, event_id: int) -> None:
        """A person deletes a section, and its elements with it."""
        del self.sections[event_id]
        self.elements = {key: entry for key, entry in self.elements.items() if key[0] != event_id}

    def edit(self, key: tuple[int, str], **values: object) -> None:
        """A person changes an element."""
        self.elements[key] = replace(self.elements[key], **values)  # type: ignore[arg-type]  # fields named by tests

    def facts(self, event_id: int) -> Facts:
        """What the reading tasks would find."""
        tickets = tuple(ticket for ticket in self.tickets.values() if ticket.event_id == event_id)
        entries = {key[1]: entry for key, entry in self.elements.items() if key[0] == event_id}
        memory = {key[1]: trace for key, trace in self.memory.items() if key[0] == event_id}
        noted, _ = self.imported.get(event_id, (None, None))
        shelf = Shelf(self.sections.get(event_id), entries, memory, noted)
        return Facts(self.events[event_id], tickets, shelf, self._read_contacts(tickets, shelf))

    def plan(self, event_id: int, policy: Policy = POLICY) -> Plan:
        """What an import would do now."""
        return decide(self.facts(event_id), policy)

    def run(self, event_id: int, policy: Policy = POLICY, *, killed_after: int | None = None) -> Plan:
        """Import the event; or die after so many writes."""
        plan = self.plan(event_id, policy)
        for done, _ in enumerate(self._carry_out(plan), start=1):
            if done == killed_after:
                break
        return plan

    def contact_of(self, event_id: int, ticket_id: str) -> int | None:
        """Whom the ticket's element links to."""
        return self.elements[event_id, ticket_id].contact_id

    def _read_contacts(self, tickets: tuple[Ticket, ...], shelf: Shelf) -> Contacts:
        persons = {person.key: person for person in people_of(tickets).values()}
        known = {key: self.created_as[key] for key in persons if key in self.created_as}
        before = shelf.contact_ids | set(known.values())
        heirs = {gone: self._end(gone) for gone in before if gone in self.aliases}
        living = self._cards(before | {heir for heir in heirs.values() if heir is not None})
        sought = unsettled(tickets, shelf, Contacts(living=living, survivors=heirs))
        matches = {person.key: found for person in sought if (found := self._equal_to(person))}
        living |= self._cards({contact_id for found in matches.values() for contact_id in found})
        history = {contact_id: self._visits(contact_id) for contact_id in living.keys() | before}
        return Contacts(living, matches, known, heirs, history)

    def _cards(self, contact_ids: set[int]) -> dict[int, Card]:
        return {one: self.contacts[one].card for one in contact_ids if one in self.contacts}

    def _equal_to(self, person: Person) -> tuple[int, ...]:
        if person.complete:
            return tuple(one for one, contact in sorted(self.contacts.items()) if person.key in contact.keys)
        return tuple(one for one, contact in sorted(self.contacts.items()) if contact.origin == person.origin)[:1]

    def _visits(self, contact_id: int) -> tuple[Visit, ...]:
        theirs = {key[0] for key, trace in self.memory.items() if trace.attended and trace.contact_id == contact_id}
        return tuple(self.imported[event][1] for event in sorted(theirs & self.imported.keys()))

    def _end(self, gone: int) -> int | None:
        end: int | None = gone
        while end is not None and end in self.aliases:
            end = self.aliases[end]
        return end

    def _carry_out(self, plan: Plan) -> Iterator[None]:
        """Each write, then a moment at which the run may die; in the order of the flow."""
        event, result = plan.event, Result()
        self._note_aliases(plan)
        yield
        if plan.section in ("add", "rename"):
            section_id = self.sections[event.id].id if plan.section == "rename" else self._new_id()
            self.sections[event.id] = Section(section_id, event.title)
            yield
        for newcomer in plan.newcomers:
            result.note_contacts(self._create(newcomer))
            yield
        for change in entries_for(plan, result.contacts):
            result.note_entries(self._write(event.id, change, result))
            yield
        for contact_id, card in cards_for(plan, result).items():
            self.contacts[contact_id].card = card
            yield
        for trace in traces_for(plan, result):
            contact = result.contacts[trace.contact] if isinstance(trace.contact, str) else trace.contact
            entry_id = result.entries.get(trace.ticket_id, trace.entry_id)
            self.memory[event.id, trace.ticket_id] = Remembered(contact, entry_id, trace.status, trace.attended)
        yield
        noted, _ = self.imported.get(event.id, (None, None))
        section = self.sections.get(event.id) or noted
        remembered = Section(section.id, event.title) if section else None
        self.imported[event.id] = (remembered, Visit(event.id, event.title, event.starts_at))
        yield

    def _create(self, newcomer: Newcomer) -> Created:
        person, contact_id = newcomer.person, self._new_id()
        emails = {person.email} if person.email else set()
        self.contacts[contact_id] = Contact(emails, person.last_name, person.first_name, newcomer.card, person.origin)
        self.created_as[person.key] = contact_id
        self.creations[person.key] += 1
        return Created({person.key: contact_id}, frozenset([person.key]))

    def _write(self, event_id: int, change: EntryChange, result: Result) -> Written:
        key = (event_id, change.ticket_id)
        assert (change.entry is None) is (key not in self.elements), "an element's code is unique in the list"
        contact = result.contacts[change.contact] if isinstance(change.contact, str) else change.contact
        entry_id = change.entry.id if change.entry else self._new_id()
        self.elements[key] = Entry(
            entry_id, contact, change.name, change.ticket_id, change.status, change.attended, change.date
        )
        return Written({change.ticket_id: entry_id})

    def _note_aliases(self, plan: Plan) -> None:
        self.aliases |= plan.aliases
        for key, trace in self.memory.items():
            heir = plan.aliases.get(trace.contact_id) if trace.contact_id else None
            self.memory[key] = replace(trace, contact_id=heir or trace.contact_id)

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id


def _nothing_left(plan: Plan) -> bool:
    return not (plan.changes or plan.traces or plan.aliases)


def _state(world: Installation) -> tuple[object, ...]:
    """Everything that outlives a run."""
    return (
        {one: (contact.emails, contact.last_name, contact.card) for one, contact in world.contacts.items()},
        world.elements,
        world.sections,
        world.memory,
        world.imported,
        world.created_as,
        world.aliases,
    )


@pytest.fixture
def seminar() -> Installation:
    """One event with one ticket, Anna's."""
    world = Installation()
    world.hold(1)
    world.sell("11", 1, ANNA)
    return world


def test_a_newcomer_becomes_a_contact_with_an_element_and_a_count(seminar: Installation) -> None:
    """One confirmed ticket: a section, a contact with the first visit, an element linked to it, and nothing after."""
    plan = seminar.run(1)
    assert [line.verdict for line in plan.lines] == [Verdict.CREATED]
    contact = seminar.contacts[seminar.created_as[person_key(*ANNA)]]
    assert (contact.card.count, contact.card.titles) == (1, ("Семинар 1 (02.03.2026)",))
    assert seminar.contact_of(1, "11") in seminar.contacts
    assert _nothing_left(seminar.plan(1))


def test_an_equal_contact_is_recognised_however_it_is_typed(seminar: Installation) -> None:
    """Letter case and spaces of the contact do not matter; a namesake with another address is another person."""
    seminar.enter(NAMESAKE)
    known = seminar.enter(("Anna@Example.org", "КУЗНЕЦОВА ", "анна"))
    assert [line.verdict for line in seminar.run(1).lines] == [Verdict.RECOGNISED]
    assert seminar.contact_of(1, "11") == known


def test_of_several_equal_contacts_the_oldest_is_taken_and_the_others_reported(seminar: Installation) -> None:
    """Nothing is merged by itself: the report names the twins."""
    oldest, twin = seminar.enter(ANNA), seminar.enter(ANNA)
    (line,) = seminar.run(1).lines
    assert (line.verdict, line.contact, line.twins) == (Verdict.AMBIGUOUS, oldest, (twin,))


def test_several_tickets_of_one_person_are_one_contact_and_one_visit(seminar: Installation) -> None:
    """Two elements, one contact, counted once."""
    seminar.sell("12", 1, PEOPLE[3])
    seminar.run(1)
    assert [contact.card.count for contact in seminar.contacts.values()] == [1]
    assert len(seminar.elements) == 2


def test_people_without_address_or_name_are_created_once_for_each_ticket(seminar: Installation) -> None:
    """Two tickets without answers are two contacts; a second import finds both again."""
    seminar.sell("12", 1, NAMELESS)
    seminar.sell("13", 1, NAMELESS)
    plan = seminar.run(1)
    assert len(seminar.contacts) == 3
    assert [line.why for line in plan.lines[1:]] == ["нет e-mail или имени: создан по билету"] * 2
    assert _nothing_left(seminar.plan(1))


@pytest.mark.parametrize("status", ["booked", "pending", "returned", "notpaid", "frozen_by_bank"])
def test_what_is_not_confirmed_is_reported_and_not_imported(seminar: Installation, status: str) -> None:
    """Neither an unpaid booking nor a status that no document knows makes a contact; each has its reason."""
    seminar.sell("11", 1, ANNA, status)
    plan = seminar.run(1)
    assert [(line.verdict, bool(line.why)) for line in plan.lines] == [(Verdict.SKIPPED, True)]
    assert (seminar.contacts, seminar.elements, seminar.sections) == ({}, {}, {})


def test_a_status_that_the_policy_confirms_is_imported_though_no_document_knows_it(seminar: Installation) -> None:
    """The parameter of the deployment is stronger than our list; the element shows the raw name."""
    seminar.sell("11", 1, ANNA, "vip")
    seminar.run(1, replace(POLICY, confirmed=frozenset(["vip"])))
    assert seminar.elements[1, "11"].status == "vip"


def test_a_refunded_ticket_says_so_and_is_no_visit_any_more(seminar: Installation) -> None:
    """The element stays with its new status, the contact stays, the count goes back."""
    seminar.run(1)
    seminar.sell("11", 1, ANNA, "returned")
    seminar.run(1)
    element = seminar.elements[1, "11"]
    assert (element.status, element.attended) == ("возврат", "нет")
    assert [contact.card for contact in seminar.contacts.values()] == [Card()]
    assert _nothing_left(seminar.plan(1))


@pytest.mark.parametrize("change", ["vanish", "unknown"])
def test_what_vanishes_or_gets_an_unknown_status_is_left_as_it_stands(seminar: Installation, change: str) -> None:
    """Nothing is concluded from what Timepad does not say: the element, the count and the contact stay."""
    seminar.run(1)
    before = copy.deepcopy(_state(seminar))
    if change == "vanish":
        del seminar.tickets["11"]
    else:
        seminar.sell("11", 1, ANNA, "frozen_by_bank")
    plan = seminar.run(1)
    assert [line.verdict for line in plan.lines] == [Verdict.SKIPPED]
    assert _state(seminar) == before


@pytest.mark.parametrize(
    ("rule_name", "anybody_let_in", "visits"),
    [
        ("check_in_if_used", True, [1, 0]),
        ("check_in_if_used", False, [1, 1]),
        ("check_in", True, [1, 0]),
        ("check_in", False, [0, 0]),
        ("confirmed", True, [1, 1]),
    ],
)
def test_the_attended_rule(seminar: Installation, rule_name: str, anybody_let_in: bool, visits: list[int]) -> None:
    """Marks at the door count where the rule asks for them; «if used» trusts tickets at an event without marks."""
    seminar.sell("12", 1, SPOUSE)
    came_at = START if anybody_let_in else None
    seminar.tickets["11"] = replace(seminar.tickets["11"], came_at=came_at)
    seminar.run(1, replace(POLICY, attended_rule=rule_name))  # type: ignore[arg-type]  # one of the three, listed above
    assert [contact.card.count for contact in seminar.contacts.values()] == visits


def test_an_element_that_a_person_links_to_another_contact_stays_there(seminar: Installation) -> None:
    """The visit goes with the link: the other contact gets it, the first one loses it."""
    seminar.run(1)
    other = seminar.enter(SPOUSE)
    first = seminar.contact_of(1, "11")
    seminar.edit((1, "11"), contact_id=other)
    seminar.run(1)
    assert seminar.contact_of(1, "11") == other
    assert [seminar.contacts[one].card.count for one in (first, other) if one] == [0, 1]
    assert _nothing_left(seminar.plan(1))


def test_a_link_that_a_person_takes_out_stays_out(seminar: Installation) -> None:
    """The element is nobody's, the visit is not counted, and the next imports leave it so."""
    seminar.run(1)
    seminar.edit((1, "11"), contact_id=None)
    for _ in range(2):
        assert [line.verdict for line in seminar.run(1).lines] == [Verdict.SKIPPED]
    assert seminar.contact_of(1, "11") is None
    assert [contact.card for contact in seminar.contacts.values()] == [Card()]
    assert _nothing_left(seminar.plan(1))


def test_what_people_typed_into_an_element_stays_whatever_timepad_says_later(seminar: Installation) -> None:
    """Status, mark and name keep the person's value, even through a refund."""
    seminar.run(1)
    seminar.edit((1, "11"), status="гость", attended="опоздала", name="Анна (бухгалтер)")
    seminar.sell("11", 1, ANNA, "returned")
    for _ in range(2):
        seminar.run(1)
    element = seminar.elements[1, "11"]
    assert (element.status, element.attended, element.name) == ("гость", "опоздала", "Анна (бухгалтер)")


def test_date_and_ticket_are_timepads_and_put_back(seminar: Installation) -> None:
    """They are the event's facts, not anybody's opinion: an event that moves takes the dates along."""
    seminar.run(1)
    seminar.edit((1, "11"), date=START, ticket="")
    seminar.run(1)
    element = seminar.elements[1, "11"]
    assert (element.date, element.ticket) == (seminar.events[1].starts_at, "11")


def test_a_deleted_element_is_not_made_again_unless_asked(seminar: Installation) -> None:
    """The second import respects it; with recreate_deleted it is made once and then remembered as usual."""
    seminar.run(1)
    del seminar.elements[1, "11"]
    seminar.run(1)
    assert not seminar.elements
    seminar.run(1, RECREATE)
    assert len(seminar.elements) == 1
    assert _nothing_left(seminar.plan(1))
    del seminar.elements[1, "11"]
    assert _nothing_left(seminar.plan(1))


def test_a_deleted_section_is_not_made_again_unless_asked(seminar: Installation) -> None:
    """Nothing of the event is written while its section is gone; with recreate_deleted all of it stands again."""
    seminar.run(1)
    seminar.drop_section(1)
    seminar.sell("12", 1, SPOUSE)
    assert [line.verdict for line in seminar.run(1).lines] == [Verdict.SKIPPED] * 2
    assert (seminar.sections, seminar.elements) == ({}, {})
    seminar.run(1, RECREATE)
    assert len(seminar.elements) == 2
    assert _nothing_left(seminar.plan(1))


def test_a_renamed_event_renames_its_section_unless_a_person_has_named_it(seminar: Installation) -> None:
    """The section follows Timepad until somebody gives it a name of their own."""
    seminar.run(1)
    seminar.events[1] = replace(seminar.events[1], title="Мастер-класс")
    seminar.run(1)
    assert seminar.sections[1].name == "Мастер-класс"
    seminar.sections[1] = replace(seminar.sections[1], name="Весенний цикл")
    seminar.events[1] = replace(seminar.events[1], title="Вебинар")
    for _ in range(2):
        seminar.run(1)
    assert seminar.sections[1].name == "Весенний цикл"


def test_a_deleted_contact_is_not_made_again_unless_asked(seminar: Installation) -> None:
    """Neither for its ticket, nor for another event; with recreate_deleted it is made once and linked."""
    seminar.run(1)
    seminar.hold(2)
    seminar.sell("21", 2, ANNA)
    seminar.contacts.clear()
    for event_id in (1, 2, 1):
        assert [line.verdict for line in seminar.run(event_id).lines] == [Verdict.DELETED]
    assert not seminar.contacts
    seminar.run(2, RECREATE)
    seminar.run(1)
    assert [contact.card.count for contact in seminar.contacts.values()] == [2]
    assert seminar.contact_of(1, "11") == seminar.contact_of(2, "21")


def test_a_deleted_contact_is_not_made_again_for_another_ticket_of_the_person(seminar: Installation) -> None:
    """A contact that was only recognised and then deleted: a ticket bought later to the same event changes nothing."""
    known = seminar.enter(ANNA)
    seminar.run(1)
    del seminar.contacts[known]
    seminar.sell("12", 1, ANNA)
    assert [line.verdict for line in seminar.run(1).lines] == [Verdict.DELETED] * 2
    assert not seminar.contacts
    assert _nothing_left(seminar.plan(1))


def test_another_ticket_of_a_person_leads_to_the_same_contact(seminar: Installation) -> None:
    """A person whose contact got another address meanwhile is the contact that the first ticket led to."""
    known = seminar.enter(ANNA)
    seminar.run(1)
    seminar.contacts[known].emails = {"new@example.org"}
    seminar.sell("12", 1, ANNA)
    seminar.run(1)
    assert seminar.contact_of(1, "12") == known
    assert len(seminar.contacts) == 1


def test_a_merged_contact_hands_its_visits_to_the_survivor(seminar: Installation) -> None:
    """People merge the contact of two events: one import finds the survivor, which has both visits from then on."""
    seminar.hold(2)
    seminar.sell("21", 2, ANNA)
    seminar.run(1)
    seminar.run(2)
    survivor = seminar.enter(ANNA)
    seminar.merge(seminar.created_as[person_key(*ANNA)], survivor)
    seminar.run(2)
    assert seminar.contacts[survivor].card.count == 2
    assert _nothing_left(seminar.plan(2))
    seminar.run(1)
    assert seminar.contact_of(1, "11") == survivor
    assert seminar.contacts[survivor].card.count == 2


def test_a_contact_lost_by_two_people_has_no_single_heir(seminar: Installation) -> None:
    """A shared contact that people took apart: each ticket goes to its own new contact, and none inherits the rest."""
    shared = seminar.enter(ANNA)
    seminar.sell("12", 1, SPOUSE)
    seminar.run(1)
    seminar.edit((1, "12"), contact_id=shared)
    seminar.run(1)
    seminar.contacts.clear()
    anna, spouse = seminar.enter(ANNA), seminar.enter(SPOUSE)
    seminar.run(1)
    assert (seminar.contact_of(1, "11"), seminar.contact_of(1, "12")) == (anna, spouse)
    assert seminar.aliases[shared] is None
    assert _nothing_left(seminar.plan(1))


TICKETS = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3]),
        st.sampled_from(PEOPLE),
        st.sampled_from([*STATUS_TITLES, "frozen_by_bank"]) | st.just("paid"),
        st.booleans(),
    ),
    max_size=8,
)
CONTACTS = st.lists(st.sampled_from(PEOPLE[:5]), max_size=3)


def _world_of(
    sold: list[tuple[int, tuple[str, str, str], str, bool]], contacts: list[tuple[str, str, str]]
) -> Installation:
    world = Installation()
    for event_id in (1, 2, 3):
        world.hold(event_id)
    for person in contacts:
        world.enter(person)
    for number, (event_id, person, status, came) in enumerate(sold):
        world.sell(str(number), event_id, person, status)
        world.tickets[str(number)] = replace(world.tickets[str(number)], came_at=START if came else None)
    return world


@settings(deadline=None)
@given(TICKETS, CONTACTS, st.permutations([1, 2, 3]))
def test_counts_do_not_depend_on_the_order_of_imports(
    sold: list[tuple[int, tuple[str, str, str], str, bool]],
    contacts: list[tuple[str, str, str]],
    order: list[int],
) -> None:
    """Whichever event comes first, everybody ends with the same card: as many visits as events attended."""
    cards = []
    for turn in (order, [1, 2, 3]):
        world = _world_of(sold, contacts)
        for event_id in turn:
            world.run(event_id)
        cards.append(Counter((frozenset(one.keys), one.card) for one in world.contacts.values()))
    assert cards[0] == cards[1]


@settings(deadline=None)
@given(TICKETS, CONTACTS, st.integers(1, 30))
def test_a_killed_import_is_finished_by_the_next(
    sold: list[tuple[int, tuple[str, str, str], str, bool]], contacts: list[tuple[str, str, str]], writes: int
) -> None:
    """Killed after any number of writes and run again, an import ends where an undisturbed one ends."""
    killed, undisturbed = _world_of(sold, contacts), _world_of(sold, contacts)
    undisturbed.run(1)
    killed.run(1, killed_after=writes)
    killed.run(1)
    assert _state(killed) == _state(undisturbed)
    assert _nothing_left(killed.plan(1))


class Interference(RuleBasedStateMachine):
    """Timepad changes, people work in the portal, and imports run, are killed, and run again."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Installation()
        self.world.hold(1)
        self.world.hold(2)
        self.typed: dict[tuple[int, str], dict[str, object]] = {}
        self.removed: set[tuple[int, str]] = set()

    @rule(event_id=st.sampled_from([1, 2]), person=st.sampled_from(PEOPLE))
    def sell(self, event_id: int, person: tuple[str, str, str]) -> None:
        """Somebody buys a ticket."""
        self.world.sell(str(len(self.world.tickets) + 10), event_id, person)

    @precondition(lambda self: self.world.tickets)
    @rule(choice=st.data(), status=st.sampled_from(["paid", "ok", "returned", "booked", "frozen_by_bank"]))
    def change_status(self, choice: st.DataObject, status: str) -> None:
        """A ticket is paid, refunded, or gets a status that nobody knows."""
        ticket = choice.draw(st.sampled_from(sorted(self.world.tickets)))
        self.world.tickets[ticket] = replace(self.world.tickets[ticket], status=status)

    @precondition(lambda self: self.world.tickets)
    @rule(choice=st.data(), came=st.booleans())
    def mark(self, choice: st.DataObject, came: bool) -> None:
        """A mark at the door is made or taken back."""
        ticket = choice.draw(st.sampled_from(sorted(self.world.tickets)))
        self.world.tickets[ticket] = replace(self.world.tickets[ticket], came_at=START if came else None)

    @rule(event_id=st.sampled_from([1, 2]), title=st.sampled_from(["Вебинар", "Практикум"]))
    def rename_event(self, event_id: int, title: str) -> None:
        """The organizer renames an event."""
        self.world.events[event_id] = replace(self.world.events[event_id], title=title)

    @rule(person=st.sampled_from(PEOPLE[:3]))
    def enter_contact(self, person: tuple[str, str, str]) -> None:
        """A manager enters a contact by hand, perhaps a second time."""
        self.world.enter(person)

    @precondition(lambda self: self.world.contacts)
    @rule(choice=st.data())
    def delete_contact(self, choice: st.DataObject) -> None:
        """A manager deletes a contact; the links to it stay behind."""
        del self.world.contacts[choice.draw(st.sampled_from(sorted(self.world.contacts)))]

    @precondition(lambda self: len(self.world.contacts) > 1)
    @rule(choice=st.data())
    def merge_contacts(self, choice: st.DataObject) -> None:
        """A manager merges two contacts."""
        gone, survivor = choice.draw(st.permutations(sorted(self.world.contacts)))[:2]
        self.world.merge(gone, survivor)

    @precondition(lambda self: self.world.contacts)
    @rule(choice=st.data())
    def change_address(self, choice: st.DataObject) -> None:
        """A manager corrects the address of a contact."""
        self.world.contacts[choice.draw(st.sampled_from(sorted(self.world.contacts)))].emails = {"new@example.org"}

    @precondition(lambda self: self.remembered_elements)
    @rule(choice=st.data(), name=st.sampled_from(["status", "attended", "name"]))
    def type_over(self, choice: st.DataObject, name: str) -> None:
        """A manager types something of their own into an element."""
        self._edit(choice, {name: "по списку"})

    @precondition(lambda self: self.remembered_elements)
    @rule(choice=st.data())
    def relink(self, choice: st.DataObject) -> None:
        """A manager links an element to another contact, or to none."""
        others: list[int | None] = [None, *sorted(self.world.contacts)]
        self._edit(choice, {"contact_id": choice.draw(st.sampled_from(others))})

    @precondition(lambda self: self.remembered_elements)
    @rule(choice=st.data())
    def delete_element(self, choice: st.DataObject) -> None:
        """A manager deletes an element."""
        key = choice.draw(st.sampled_from(self.remembered_elements))
        del self.world.elements[key]
        self.removed.add(key)

    @precondition(lambda self: self.world.sections)
    @rule(choice=st.data())
    def delete_section(self, choice: st.DataObject) -> None:
        """A manager deletes a section with everything in it."""
        event_id = choice.draw(st.sampled_from(sorted(self.world.sections)))
        self.removed |= {key for key in self.world.elements if key[0] == event_id}
        self.world.drop_section(event_id)

    @rule(event_id=st.sampled_from([1, 2]))
    def import_event(self, event_id: int) -> None:
        """An import leaves nothing for the next one, and leaves people's work alone."""
        self._forget_dead_links()
        self.world.run(event_id)
        assert _nothing_left(self.world.plan(event_id))
        self._nobody_is_overruled()

    @rule(event_id=st.sampled_from([1, 2]), writes=st.integers(1, 12))
    def kill_an_import(self, event_id: int, writes: int) -> None:
        """Killed anywhere, an import is finished by the next as if nothing had happened."""
        self._forget_dead_links()
        undisturbed = copy.deepcopy(self.world)
        undisturbed.run(event_id)
        self.world.run(event_id, killed_after=writes)
        self.world.run(event_id)
        assert _state(self.world) == _state(undisturbed)
        assert _nothing_left(self.world.plan(event_id))
        self._nobody_is_overruled()

    @rule()
    def import_everything(self) -> None:
        """When all events are imported, every card counts the distinct events that its contact attended."""
        self._forget_dead_links()
        for event_id in (1, 2, 1, 2):
            self.world.run(event_id)
        for event_id in (1, 2):
            assert _nothing_left(self.world.plan(event_id))
        for contact_id, contact in self.world.contacts.items():
            theirs = [(key[0], trace) for key, trace in self.world.memory.items() if trace.contact_id == contact_id]
            attended = {event_id for event_id, trace in theirs if trace.attended}
            assert not theirs or contact.card.count == len(attended)

    @invariant()
    def nobody_is_created_twice(self) -> None:
        """A person's contact is made at most once, whatever becomes of it."""
        assert all(times == 1 for times in self.world.creations.values())

    @property
    def remembered_elements(self) -> list[tuple[int, str]]:
        """The elements that we remember having written."""
        return sorted(self.world.elements.keys() & self.world.memory.keys())

    def _edit(self, choice: st.DataObject, values: dict[str, object]) -> None:
        key = choice.draw(st.sampled_from(self.remembered_elements))
        self.world.edit(key, **values)
        self.typed.setdefault(key, {}).update(values)

    def _forget_dead_links(self) -> None:
        """A link taken out after its contact was deleted looks like one that the portal itself took out."""
        for key, values in self.typed.items():
            contact_id = self.world.memory[key].contact_id
            if contact_id is not None and contact_id not in self.world.contacts and values.get("contact_id", 0) is None:
                del values["contact_id"]

    def _nobody_is_overruled(self) -> None:
        assert not self.removed & self.world.elements.keys()
        for key, values in self.typed.items():
            element = self.world.elements.get(key)
            for name, value in values.items() if element else ():
                gone = name == "contact_id" and value is not None and value not in self.world.contacts
                assert gone or getattr(element, name) == value


TestInterference = Interference.TestCase
TestInterference.settings = settings(deadline=None, max_examples=60, stateful_step_count=25)
