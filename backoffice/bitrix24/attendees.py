"""Contacts as those who are written to: name, address, phone, and whether they asked not to be."""

from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Row
from backoffice.bitrix24.wire import as_map
from backoffice.rules.lesson_facts import Attendee
from backoffice.rules.people import normal_email, normal_phone

CONTACTS = "crm.contact.list"
YES = frozenset({"y", "1", "true"})


def attendees_command(contact_ids: list[int], opted_out: str) -> Command[tuple[int, ...]]:
    """Up to 50 contacts by id; the universal listing shows addresses and phones only together with everything else."""
    select = ["ID", "NAME", "SECOND_NAME", "LAST_NAME", "EMAIL", "PHONE", opted_out]
    params = {"filter": {"@ID": contact_ids}, "select": select, "order": {"ID": "ASC"}, "start": -1}
    return Command(CONTACTS, params, tuple(contact_ids))


def attendee_of(row: Row, opted_out: str) -> Attendee:
    """A row of that listing: of several addresses and phones the first that is one."""
    return Attendee(
        id=int(row["ID"]),
        last_name=str(row.get("LAST_NAME") or ""),
        first_name=str(row.get("NAME") or ""),
        second_name=str(row.get("SECOND_NAME") or ""),
        email=next(filter(None, map(normal_email, _values(row.get("EMAIL")))), ""),
        phone=next(filter(None, map(normal_phone, _values(row.get("PHONE")))), ""),
        opted_out=str(row.get(opted_out)).casefold() in YES,
    )


def _values(raw: Any) -> list[str]:
    return [str(own.get("VALUE") or "") for own in as_map(raw).values()]
