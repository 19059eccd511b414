"""Contacts as the legacy listing shows them: it alone gives e-mail addresses next to the names and filters by them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.wire import as_map
from backoffice.rules.chunks import chunked

CONTACT = 3
IDS_A_COMMAND = 50


@dataclass(frozen=True)
class Contact:
    """A living contact: its names, its addresses, and the fields asked for under the portal's names."""

    id: int
    last_name: str
    first_name: str
    emails: tuple[str, ...]
    fields: Mapping[str, Any]


def contacts_by_id(portal: Portal, ids: Iterable[int], fields: Sequence[str] = ()) -> dict[int, Contact]:
    """The contacts that exist and that the webhook's owner may read; 2,500 ids a request."""
    pages = [
        Command("crm.contact.list", listing({"@ID": chunk}, fields), chunk)
        for chunk in chunked(sorted(set(ids)), IDS_A_COMMAND)
    ]
    rows = [row for page in portal.batch(pages).values() for row in as_map(page).values()]
    return {contact.id: contact for contact in map(contact_of, rows)}


def selection(condition: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """What a listing of contacts is asked for: who fits the condition, with names, addresses and these fields."""
    return {"filter": dict(condition), "select": ["ID", "NAME", "LAST_NAME", "EMAIL", *fields]}


def listing(condition: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """The same as one page in the order of the ids, without counting."""
    return {**selection(condition, fields), "order": {"ID": "ASC"}, "start": -1}


def contact_of(row: Row) -> Contact:
    """A row of the listing as a contact."""
    emails = as_map(row.get("EMAIL")).values()
    return Contact(
        id=int(row["ID"]),
        last_name=str(row.get("LAST_NAME") or ""),
        first_name=str(row.get("NAME") or ""),
        emails=tuple(str(email["VALUE"]) for email in emails),
        fields=row,
    )
