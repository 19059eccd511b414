"""The facts that attendance_import reads: what Timepad says, what stands in the portal, what we remember of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

CONFIRMED_STATUSES = ("ok", "paid", "paid_offline", "paid_ur", "transfer_payment")
STATUS_TITLES = {
    "ok": "подтверждён",
    "paid": "оплачен",
    "paid_offline": "оплачен в кассе",
    "paid_ur": "оплачен по счёту",
    "transfer_payment": "оплачен переносом",
    "booked": "забронирован",
    "booked_offline": "забронирован, оплата в кассе",
    "pending": "ждёт подтверждения",
    "rejected": "отклонён организатором",
    "notpaid": "не оплачен в срок",
    "inactive": "участник отказался",
    "deleted": "удалён в Таймпаде",
    "blocked": "заблокирован",
    "returned": "возврат",
    "return_org": "возврат организатором",
    "return_tp": "возврат Таймпадом",
    "return_payment_request": "запрошен возврат",
    "return_payment_reject": "в возврате отказано",
}
"""Every status that Timepad documents, with its name in the portal; any other is reported and not imported."""


@dataclass(frozen=True)
class Event:
    """An event at Timepad.

    Times are in the portal's zone. `ends_at` is None where the organizer left it out, `counts_check_ins` tells that
    somebody was let in at the door, `questions` are the titles of the form's questions by field id.
    """

    id: int
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    counts_check_ins: bool = False
    questions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ticket:
    """One ticket and its participant, texts as typed. `came_at` is the mark at the door."""

    id: str
    event_id: int
    order_id: str
    status: str
    email: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    came_at: datetime | None = None


@dataclass(frozen=True)
class Section:
    """The event's section of the list."""

    id: int
    name: str


@dataclass(frozen=True)
class Entry:
    """A participant's element in the list. `other` holds the fields that are not ours, as the portal gave them."""

    id: int
    contact_id: int | None
    name: str
    ticket: str
    status: str
    attended: str
    date: datetime | None
    other: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Remembered:
    """What the last import wrote for a ticket."""

    contact_id: int | None
    entry_id: int | None
    status: str
    attended: bool


@dataclass(frozen=True)
class Shelf:
    """What stands in the list for an event, and what we remember of it; entries by ticket id."""

    section: Section | None = None
    entries: Mapping[str, Entry] = field(default_factory=dict)
    remembered: Mapping[str, Remembered] = field(default_factory=dict)
    remembered_section: Section | None = None

    @property
    def contact_ids(self) -> set[int]:
        """Every contact that the elements link to, or that we wrote."""
        linked = [entry.contact_id for entry in self.entries.values()]
        written = [trace.contact_id for trace in self.remembered.values()]
        return {contact_id for contact_id in linked + written if contact_id is not None}


@dataclass(frozen=True)
class Card:
    """The attendance fields of a contact, all derived: how many events, the first, the last, and which."""

    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Visit:
    """An event that a contact attended; the card shows the date of `starts_at` as it stands, in the portal's zone."""

    event_id: int
    title: str
    starts_at: datetime


@dataclass(frozen=True)
class Contacts:
    """The portal's contacts that matter for an event.

    `living`: cards by contact id. `matches`: ids of contacts equal to a person, oldest first, by person key.
    `known`: the contact that a person key once led to. `survivors`: contacts merged or deleted by people
    (None = deleted). `history`: the other events attended, by contact id, of those that are gone too.
    """

    living: Mapping[int, Card] = field(default_factory=dict)
    matches: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    survivors: Mapping[int, int | None] = field(default_factory=dict)
    history: Mapping[int, tuple[Visit, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """Everything that an import of one event is decided from."""

    event: Event
    tickets: tuple[Ticket, ...]
    shelf: Shelf
    contacts: Contacts
