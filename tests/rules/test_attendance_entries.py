"""What the list says of a participant, and what people may change in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backoffice.rules.attendance_entries import entry_changes
from backoffice.rules.attendance_facts import Contacts, Entry, Event, Facts, Remembered, Shelf, Ticket
from backoffice.rules.attendance_people import people_of
from backoffice.rules.attendance_plan import EntryChange, Policy, Ruling, Verdict

EVENT = Event(1, "Семинар", datetime(2026, 3, 1, 16, tzinfo=UTC))
TICKET = Ticket("11", 1, "1", "paid", "anna@example.org", "Кузнецова", "Анна")
ENTRY = Entry(501, 5, "Кузнецова Анна", "11", "оплачен", "да", EVENT.starts_at, {"PROPERTY_900": ["бейдж"]})
MEMORY = Remembered(5, 501, "оплачен", attended=True)
POLICY = Policy(frozenset(["paid"]))
RULING = Ruling(TICKET, people_of([TICKET])["11"], Verdict.RECOGNISED, 5, attended=True)


def _changes(
    entry: Entry | None, memory: Remembered | None, ruling: Ruling = RULING, policy: Policy = POLICY
) -> list[EntryChange]:
    shelf = Shelf(
        entries={"11": entry} if entry else {},
        remembered={"11": memory} if memory else {},
    )
    return list(entry_changes([ruling], Facts(EVENT, (ruling.ticket,), shelf, Contacts()), policy))


def test_a_participant_without_an_element_gets_one() -> None:
    """Named, linked, with status, mark and date."""
    (change,) = _changes(None, None)
    assert change == EntryChange("11", 5, "Кузнецова Анна", "оплачен", "да", EVENT.starts_at)


def test_an_element_of_a_nameless_participant_is_named_after_the_ticket() -> None:
    """An element must have a name."""
    nameless = replace(TICKET, last_name=" ", first_name="")
    (change,) = _changes(None, None, replace(RULING, person=people_of([nameless])["11"]))
    assert change.name == "Билет 11"


def test_an_element_that_says_it_all_is_left_alone() -> None:
    """With our memory of it and without: a run killed before it could remember writes nothing twice."""
    assert _changes(ENTRY, MEMORY) == []
    assert _changes(ENTRY, None) == []


def test_an_element_that_nobody_remembers_follows_timepad() -> None:
    """The run that added it was killed before it could remember, and the ticket was refunded since."""
    refunded = replace(RULING, ticket=replace(TICKET, status="returned"), attended=False)
    (change,) = _changes(ENTRY, None, refunded)
    assert (change.status, change.attended) == ("возврат", "нет")


@pytest.mark.parametrize("values", [{"status": "гость"}, {"attended": "опоздала"}, {"name": "Анна, бухгалтер"}])
def test_what_a_person_changed_is_not_written_over(values: dict[str, Any]) -> None:
    """Whether Timepad says the same as before or something new."""
    edited = replace(ENTRY, **values)
    refunded = replace(RULING, ticket=replace(TICKET, status="returned"), attended=False)
    assert _changes(edited, MEMORY) == []
    for change in _changes(edited, MEMORY, refunded):
        assert all(getattr(change, name) == value for name, value in values.items())


@pytest.mark.parametrize("values", [{"date": EVENT.starts_at - timedelta(days=1)}, {"ticket": ""}])
def test_date_and_ticket_follow_timepad(values: dict[str, Any]) -> None:
    """They say which event and which ticket the element is about."""
    (change,) = _changes(replace(ENTRY, **values), MEMORY)
    assert (change.date, change.ticket_id) == (EVENT.starts_at, "11")


def test_an_update_carries_the_fields_that_are_not_ours() -> None:
    """The portal clears what an update leaves out."""
    (change,) = _changes(replace(ENTRY, date=None), MEMORY)
    assert change.entry is not None
    assert change.entry.other == {"PROPERTY_900": ["бейдж"]}


def test_a_field_that_a_person_emptied_stays_empty_but_the_name() -> None:
    """An element cannot be without a name."""
    (change,) = _changes(replace(ENTRY, name="", status=""), MEMORY)
    assert (change.name, change.status) == ("Кузнецова Анна", "")


def test_an_element_that_we_wrote_and_that_is_gone_was_deleted_by_a_person() -> None:
    """It comes back only when asked for."""
    assert _changes(None, MEMORY) == []
    assert len(_changes(None, MEMORY, policy=replace(POLICY, recreate_deleted=True))) == 1


@pytest.mark.parametrize(
    "ruling", [replace(RULING, verdict=Verdict.SKIPPED), replace(RULING, verdict=Verdict.DELETED, contact=None)]
)
def test_who_is_not_imported_gets_no_element(ruling: Ruling) -> None:
    """Neither a skipped ticket nor one whose contact was deleted is written."""
    assert _changes(None, None, ruling) == []
    assert _changes(replace(ENTRY, status=""), None, ruling) == []
