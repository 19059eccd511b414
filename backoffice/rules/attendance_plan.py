"""The plan of an import: what it is going to write, and what it says of every ticket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from backoffice.rules.attendance_facts import Card, Entry, Event, Ticket

AttendedRule = Literal["check_in_if_used", "check_in", "confirmed"]
ContactRef = int | str
"""A contact's id, or the key of a person whose contact is still to be created."""
SectionStep = Literal["keep", "add", "rename", "deleted"]


@dataclass(frozen=True)
class Policy:
    """How this installation imports; see the form of the deployment for each field."""

    confirmed: frozenset[str]
    attended_rule: AttendedRule = "check_in_if_used"
    recreate_deleted: bool = False


class Verdict(StrEnum):
    """What became of a ticket's participant, as the report names it."""

    CREATED = "новый контакт"
    RECOGNISED = "узнан"
    AMBIGUOUS = "несколько одинаковых"
    DELETED = "удалён в портале"
    SKIPPED = "пропущен"


@dataclass(frozen=True)
class Person:
    """A participant: the tickets with equal e-mail and names are one person, one without them is a person by ticket.

    `key` is the natural key of the contact, `origin` the first ticket, kept in the contact's ORIGIN_ID; `tickets` are
    the ids of all its tickets to the event.
    """

    key: str
    origin: str
    complete: bool
    email: str = field(repr=False)
    email_forms: tuple[str, ...] = field(repr=False)
    last_name: str = field(repr=False)
    first_name: str = field(repr=False)
    phone: str = field(repr=False)
    tickets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ruling:
    """What is decided about one ticket: whose it is and why; `lost` are contacts that it led to and that are gone."""

    ticket: Ticket
    person: Person
    verdict: Verdict
    contact: ContactRef | None = None
    why: str = ""
    attended: bool = False
    twins: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()


@dataclass(frozen=True)
class Newcomer:
    """A contact to create, with the attendance fields it starts with."""

    person: Person
    card: Card


@dataclass(frozen=True)
class EntryChange:
    """A list element to add (no `entry`) or to update."""

    ticket_id: str
    contact: ContactRef
    name: str
    status: str
    attended: str
    date: datetime
    entry: Entry | None = None


@dataclass(frozen=True)
class Trace:
    """What we shall remember of a ticket once its element stands; no contact where a person took it out."""

    ticket_id: str
    contact: ContactRef | None
    entry_id: int | None
    status: str
    attended: bool


@dataclass(frozen=True)
class Line:
    """One ticket in the report: no address, no phone, no full name."""

    ticket_id: str
    initials: str
    contact: ContactRef | None
    verdict: Verdict
    why: str = ""
    twins: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an import will do; without changes when everything already stands."""

    event: Event
    section: SectionStep
    newcomers: tuple[Newcomer, ...] = ()
    entries: tuple[EntryChange, ...] = ()
    cards: Mapping[int, Card] = field(default_factory=dict)
    aliases: Mapping[int, int | None] = field(default_factory=dict)
    traces: tuple[Trace, ...] = ()
    lines: tuple[Line, ...] = ()
    first_timers: int = 0
    returning: int = 0

    @property
    def changes(self) -> int:
        """How many writes the plan asks of the portal."""
        return len(self.newcomers) + len(self.entries) + len(self.cards) + (self.section in ("add", "rename"))

    def people(self, verdict: Verdict) -> int:
        """How many different participants got the verdict."""
        return len({line.contact or line.ticket_id for line in self.lines if line.verdict is verdict})
