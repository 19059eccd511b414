"""Whose ticket it is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.attendance_facts import Card, Contacts, Entry, Remembered, Shelf, Ticket
from backoffice.rules.attendance_people import find_contact, living, people_of, unlinked, unsettled

ANNA = Ticket("11", 1, "1", "paid", "Anna@Example.org", " Кузнецова", "Анна", "8 999 000-11-22")
AGAIN = replace(ANNA, id="12", email="anna@example.org", last_name="КУЗНЕЦОВА", phone="")
NAMELESS = Ticket("13", 1, "3", "paid")
PERSON = people_of([ANNA])["11"]
LINKED = Entry(501, 5, "Кузнецова Анна", "11", "оплачен", "да", None)
WRITTEN = Remembered(5, 501, "оплачен", attended=True)
ALIVE = {5: Card(), 7: Card(), 9: Card()}

TICKETS = st.lists(
    st.builds(
        Ticket,
        id=st.integers(1, 99).map(str),
        event_id=st.just(1),
        order_id=st.just("1"),
        status=st.just("paid"),
        email=st.sampled_from(["anna@example.org", "ANNA@example.org", "ivan@example.org", "нет", ""]),
        last_name=st.sampled_from(["Королёв", "КОРОЛЕВ", ""]),
        first_name=st.sampled_from(["Пётр", " петр "]),
    ),
    max_size=6,
    unique_by=lambda ticket: ticket.id,
)


def test_tickets_of_one_person_are_one_person() -> None:
    """Typed differently, with the phone on one of them only: one person, named as on the first ticket."""
    person = people_of([AGAIN, ANNA])["11"]
    assert person == people_of([AGAIN, ANNA])["12"]
    assert (person.email, person.last_name, person.phone) == ("anna@example.org", "КУЗНЕЦОВА", "+79990001122")
    assert person.tickets == ("12", "11")


def test_every_typed_form_of_an_address_is_looked_for() -> None:
    """The portal's search may mind letter case, so the raw forms go along with the lowered one."""
    assert people_of([AGAIN, ANNA])["11"].email_forms == ("anna@example.org", "Anna@Example.org")


def test_who_left_no_address_is_a_person_by_ticket() -> None:
    """Two such tickets are two people, each under its own key."""
    persons = people_of([NAMELESS, replace(NAMELESS, id="14")])
    assert [persons[one].key for one in ("13", "14")] == ["ticket 1:13", "ticket 1:14"]
    assert not persons["13"].complete


@given(TICKETS)
def test_who_is_who_does_not_depend_on_the_order_of_the_tickets(tickets: list[Ticket]) -> None:
    """Shuffled tickets give every ticket the same person's key."""
    keys = {ticket_id: person.key for ticket_id, person in people_of(tickets).items()}
    shuffled = sorted(tickets, key=lambda ticket: ticket.id, reverse=True)
    assert {ticket_id: person.key for ticket_id, person in people_of(shuffled).items()} == keys


@given(TICKETS)
def test_people_with_different_addresses_are_different(tickets: list[Ticket]) -> None:
    """Tickets share a person only if their addresses are equal but for letter case."""
    persons = people_of(tickets)
    addresses: dict[str, set[str]] = {}
    for ticket in tickets:
        addresses.setdefault(persons[ticket.id].key, set()).add(ticket.email.lower())
    assert all(len(theirs) == 1 for theirs in addresses.values())


def test_the_order_in_which_a_contact_is_found() -> None:
    """The element's link, what we wrote, an equal contact, the one created earlier: each stands in for the former."""
    shelf = Shelf(entries={"11": replace(LINKED, contact_id=7)}, remembered={"11": WRITTEN})
    contacts = Contacts(living=ALIVE, matches={PERSON.key: (9, 10)}, known={PERSON.key: 5})
    nowhere = Contacts(living=ALIVE, known={PERSON.key: 5})
    assert find_contact("11", PERSON, shelf, contacts).contact == 7
    assert find_contact("11", PERSON, Shelf(remembered={"11": WRITTEN}), contacts).contact == 5
    assert find_contact("11", PERSON, Shelf(), contacts).contact == 9
    assert find_contact("11", PERSON, Shelf(), nowhere).contact == 5
    assert find_contact("11", PERSON, Shelf(), Contacts()).contact is None


def test_equal_contacts_beside_the_oldest_are_twins() -> None:
    """They are named for merging."""
    assert find_contact("11", PERSON, Shelf(), Contacts(living=ALIVE, matches={PERSON.key: (5, 7, 9)})).twins == (7, 9)


def test_a_contact_that_is_gone_is_named_as_lost() -> None:
    """Whatever led to it: the element, our memory, or the creation; an equal contact takes its place."""
    shelf = Shelf(entries={"11": LINKED}, remembered={"11": replace(WRITTEN, contact_id=6)})
    contacts = Contacts(living={9: Card()}, known={PERSON.key: 4})
    found = find_contact("11", PERSON, shelf, contacts)
    assert (found.contact, found.lost) == (None, (5, 6, 4))
    assert find_contact("11", PERSON, shelf, replace(contacts, matches={PERSON.key: (9,)})).contact == 9


def test_a_link_moved_by_a_person_does_not_make_the_new_contact_an_heir() -> None:
    """The old contact may have been deleted for other reasons: nothing of it goes to the new one."""
    shelf = Shelf(entries={"11": replace(LINKED, contact_id=7)}, remembered={"11": WRITTEN})
    assert find_contact("11", PERSON, shelf, Contacts(living={7: Card()})).lost == ()


def test_a_merged_contact_leads_to_its_living_survivor() -> None:
    """A survivor that is gone itself leads nowhere."""
    assert living(5, Contacts(living={7: Card()}, survivors={5: 7})) == 7
    assert living(5, Contacts(survivors={5: 7})) is None
    assert living(5, Contacts(survivors={5: None})) is None
    assert living(None, Contacts()) is None


def test_a_link_counts_as_taken_out_only_where_a_living_contact_was_written() -> None:
    """An element of a deleted contact, or one that we do not remember, may have lost its link by itself."""
    empty = Shelf(entries={"11": replace(LINKED, contact_id=None)}, remembered={"11": WRITTEN})
    assert unlinked("11", empty, Contacts(living=ALIVE))
    assert not unlinked("11", empty, Contacts())
    assert not unlinked("11", replace(empty, remembered={}), Contacts(living=ALIVE))
    assert not unlinked("11", replace(empty, entries={"11": LINKED}), Contacts(living=ALIVE))


def test_only_people_without_a_living_contact_are_looked_for() -> None:
    """Each once, and nobody whose link was taken out: this is what keeps an unchanged second run cheap."""
    tickets = [ANNA, AGAIN, NAMELESS]
    shelf = Shelf(remembered={"11": WRITTEN, "12": WRITTEN})
    assert [person.key for person in unsettled(tickets, shelf, Contacts(living=ALIVE))] == ["ticket 1:13"]
    assert [person.key for person in unsettled(tickets, shelf, Contacts())] == [PERSON.key, "ticket 1:13"]
    cleared = replace(shelf, entries={"11": replace(LINKED, contact_id=None)})
    assert unsettled([ANNA], cleared, Contacts(living=ALIVE)) == []
