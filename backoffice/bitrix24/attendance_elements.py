"""How a participant stands in the list of events: the element's code, its fields, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from backoffice.bitrix24.client import Row
from backoffice.bitrix24.values import bound_contact, read_moment, value_of, values_of, write_moment
from backoffice.rules.attendance_facts import Entry
from backoffice.rules.attendance_plan import EntryChange

KEPT_FIELDS = ("PREVIEW_TEXT", "DETAIL_TEXT", "SORT", "ACTIVE_FROM", "ACTIVE_TO")
"""Fields of every list that a person may have filled in: an update clears what it does not send."""


@dataclass(frozen=True)
class ElementForm:
    """The list's fields by our names for them, and how this portal writes and reads dates there."""

    fields: Mapping[str, str]
    zone: tzinfo
    date_form: str
    naive_shift_minutes: int

    def write(self, change: EntryChange, contact: int) -> dict[str, Any]:
        """All fields of an element: those that are not ours go back as they came."""
        return {
            **(change.entry.other if change.entry else {}),
            "NAME": change.name,
            self.fields["participant"]: contact,
            self.fields["ticket"]: change.ticket_id,
            self.fields["status"]: change.status,
            self.fields["attended"]: change.attended,
            self.fields["date"]: write_moment(change.date, self.zone, self.naive_shift_minutes),
        }

    def read(self, row: Row) -> Entry:
        """An element as a participant's entry; ValueError names a date that no portal writes."""
        ours = set(self.fields.values())
        kept = {name: row[name] for name in KEPT_FIELDS if row.get(name)}
        theirs = {
            name: values_of(raw) for name, raw in row.items() if name.startswith("PROPERTY_") and name not in ours
        }
        return Entry(
            id=int(row["ID"]),
            contact_id=bound_contact(self._value(row, "participant")),
            name=str(row.get("NAME") or ""),
            ticket=self._value(row, "ticket"),
            status=self._value(row, "status"),
            attended=self._value(row, "attended"),
            date=read_moment(self._value(row, "date"), self.zone, self.date_form),
            other=kept | {name: values for name, values in theirs.items() if values},
        )

    def _value(self, row: Row, field: str) -> str:
        return value_of(row.get(self.fields[field]))


def section_code(event_id: int) -> str:
    """The natural key of an event's section."""
    return f"tp-{event_id}"


def element_code(event_id: int, ticket_id: str) -> str:
    """The natural key of a ticket's element, unique in the list."""
    return f"tp-{event_id}-{ticket_id}"


def ticket_of(row: Row, event_id: int) -> str:
    """The ticket in an element's code; empty for elements that people made by hand."""
    prefix = element_code(event_id, "")
    code = str(row.get("CODE") or "")
    return code.removeprefix(prefix) if code.startswith(prefix) else ""
