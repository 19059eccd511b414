"""What of a plan goes on when a part of it failed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.attendance_facts import Card, Event, Ticket
from backoffice.rules.attendance_people import people_of
from backoffice.rules.attendance_plan import ContactRef, EntryChange, Newcomer, Plan, Trace
from backoffice.rules.attendance_result import ImportIncomplete, Result, cards_for, entries_for, traces_for
from backoffice.rules.chunks import chunked

EVENT = Event(1, "Семинар", datetime(2026, 3, 1, 16, tzinfo=UTC))
ANNA = people_of([Ticket("11", 1, "1", "paid", "anna@example.org", "Кузнецова", "Анна")])["11"]
ONCE = Card(count=1)


@dataclass(frozen=True)
class Outcome:
    """What a task hands back."""

    ids: dict[str, int] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()
    failures: dict[str, Exception] = field(default_factory=dict)

    @property
    def results(self) -> dict[str, int]:
        """The same ids under the name that elements and cards use."""
        return self.ids


def _entry(ticket_id: str, contact: ContactRef) -> EntryChange:
    return EntryChange(ticket_id, contact, "", "оплачен", "да", EVENT.starts_at)


def _trace(ticket_id: str, contact: ContactRef | None) -> Trace:
    return Trace(ticket_id, contact, None, "оплачен", attended=True)


PLAN = Plan(
    EVENT,
    "add",
    newcomers=(Newcomer(ANNA, ONCE),),
    entries=(_entry("11", ANNA.key), _entry("12", 5)),
    cards={5: ONCE},
    traces=(_trace("11", ANNA.key), _trace("12", 5), _trace("13", None)),
)


def test_an_element_waits_for_its_contact() -> None:
    """Where the contact was refused there is nothing to link to; the others go on."""
    assert [entry.ticket_id for entry in entries_for(PLAN, {})] == ["12"]
    assert [entry.ticket_id for entry in entries_for(PLAN, {ANNA.key: 9})] == ["11", "12"]


def test_only_what_stands_is_remembered() -> None:
    """Neither a ticket without its contact nor one whose element was refused: the next import tries them again."""
    result = Result()
    result.note_entries(Outcome(failures={"12": ValueError("refused")}))
    assert [trace.ticket_id for trace in traces_for(PLAN, result)] == ["13"]
    result.note_contacts(Outcome({ANNA.key: 9}, frozenset([ANNA.key])))
    assert [trace.ticket_id for trace in traces_for(PLAN, result)] == ["11", "13"]


def test_a_newcomer_who_turned_out_to_exist_gets_its_card_written() -> None:
    """A contact made by this run has it from the start."""
    made, adopted = Result(), Result()
    made.note_contacts(Outcome({ANNA.key: 9}, frozenset([ANNA.key])))
    adopted.note_contacts(Outcome({ANNA.key: 9}))
    assert cards_for(PLAN, made) == {5: ONCE}
    assert cards_for(PLAN, adopted) == {5: ONCE, 9: ONCE}


def test_a_failure_is_named_by_its_ticket() -> None:
    """Never by a person's key, which tells people nothing."""
    result = Result()
    result.note_contacts(Outcome(failures={ANNA.key: ValueError("поле обязательно")}))
    result.note_cards(Outcome(failures={"контакт 5": ValueError("нет прав")}))
    with pytest.raises(ImportIncomplete, match="не записано 2") as raised:
        result.demand_complete(PLAN)
    assert "билет 1:11: поле обязательно" in str(raised.value)
    assert "контакт 5: нет прав" in str(raised.value)
    assert ANNA.key not in str(raised.value)


def test_nothing_failed_nothing_raised() -> None:
    """A complete import ends quietly and has counted its writes."""
    result = Result()
    result.note_contacts(Outcome({ANNA.key: 9}, frozenset([ANNA.key])))
    result.note_entries(Outcome({"11": 501, "12": 502}))
    result.note_cards(Outcome({"контакт 5": 1}))
    result.demand_complete(PLAN)
    assert result.done == 4


@given(st.lists(st.integers()), st.integers(1, 10))
def test_portions_hold_everything_in_order(items: list[int], size: int) -> None:
    """No portion is empty or too large, and together they are the whole."""
    portions = list(chunked(items, size))
    assert [item for portion in portions for item in portion] == items
    assert all(0 < len(portion) <= size for portion in portions)
