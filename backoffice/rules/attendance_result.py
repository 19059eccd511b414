"""What came of an import, and what of the plan can go on when a part of it failed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from backoffice.rules.attendance_facts import Card
from backoffice.rules.attendance_plan import ContactRef, EntryChange, Plan, Trace
from backoffice.rules.creations import Creations


class ImportIncomplete(Exception):
    """A part of an event could not be written; the rest stands. Lists each failure with its ticket and the reason."""


class Writings(Protocol):
    """Elements or cards written: ids by ticket or contact, and why the others could not be written."""

    @property
    def results(self) -> Mapping[str, Any]: ...
    @property
    def failures(self) -> Mapping[str, Exception]: ...


@dataclass
class Result:
    """Ids of what was made (contacts by person key, elements by ticket), and what failed by ticket or person key."""

    section_id: int | None = None
    contacts: dict[str, int] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    entries: dict[str, int] = field(default_factory=dict)
    cards: set[str] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many of the planned writes are done."""
        return len(self.contacts) + len(self.entries) + len(self.cards)

    def note_contacts(self, created: Creations) -> None:
        """Take in a portion of contacts."""
        self.contacts.update(created.ids)
        self.fresh.update(created.fresh)
        self._note_failures(created.failures)

    def note_entries(self, written: Writings) -> None:
        """Take in a portion of elements."""
        self.entries.update(written.results)
        self._note_failures(written.failures)

    def note_cards(self, written: Writings) -> None:
        """Take in a portion of contacts' attendance fields."""
        self.cards.update(written.results)
        self._note_failures(written.failures)

    def _note_failures(self, failures: Mapping[str, Exception]) -> None:
        self.failures.update({key: str(error) for key, error in failures.items()})

    def named_failures(self, plan: Plan) -> list[tuple[str, str]]:
        """Each failure under its ticket or contact, as people know them, with the reason."""
        return [(_named(key, plan), reason) for key, reason in sorted(self.failures.items())]

    def demand_complete(self, plan: Plan) -> None:
        """Raises ImportIncomplete when anything failed."""
        if not self.failures:
            return
        listed = "; ".join(f"{who}: {reason}" for who, reason in self.named_failures(plan))
        raise ImportIncomplete(f"{plan.event.title} ({plan.event.id}): не записано {len(self.failures)}: {listed}")


def entries_for(plan: Plan, contacts: Mapping[str, int]) -> list[EntryChange]:
    """The elements whose contact stands."""
    return [entry for entry in plan.entries if _stands(entry.contact, contacts)]


def traces_for(plan: Plan, result: Result) -> list[Trace]:
    """What may be remembered: the tickets whose contact stands and whose element was not refused."""
    return [
        trace
        for trace in plan.traces
        if _stands(trace.contact, result.contacts) and trace.ticket_id not in result.failures
    ]


def cards_for(plan: Plan, result: Result) -> dict[int, Card]:
    """The cards to write: the planned ones, and those of newcomers that turned out to exist already."""
    adopted = {
        result.contacts[newcomer.person.key]: newcomer.card
        for newcomer in plan.newcomers
        if newcomer.person.key in result.contacts.keys() - result.fresh
    }
    return {**adopted, **plan.cards}


def _stands(contact: ContactRef | None, contacts: Mapping[str, int]) -> bool:
    return not isinstance(contact, str) or contact in contacts


def _named(key: str, plan: Plan) -> str:
    """A failure is named by its ticket: the key of a person says nothing to people."""
    origins = {newcomer.person.key: newcomer.person.origin for newcomer in plan.newcomers}
    return key if key.startswith("контакт") else f"билет {origins.get(key, key)}"
