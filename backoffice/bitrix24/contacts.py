"""Finding contacts: by e-mail address, by the key of an outside system, by id; all in batches.

Read through the legacy listing, which alone shows e-mail addresses next to the names and filters by them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.wire import as_map
from backoffice.rules.chunks import chunked

CONTACT = 3
CUT = 20
"""crm.duplicate.findbycomm gives at most 20 ids of a type: an answer this long may be a part of the truth."""
ADDRESSES_A_COMMAND = 10
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
        Command("crm.contact.list", _listing({"@ID": chunk}, fields), chunk)
        for chunk in chunked(sorted(set(ids)), IDS_A_COMMAND)
    ]
    rows = [row for page in portal.batch(pages).values() for row in as_map(page).values()]
    return {contact.id: contact for contact in map(_contact, rows)}


def contacts_by_email(portal: Portal, addresses: Iterable[str], fields: Sequence[str] = ()) -> dict[int, Contact]:
    """Every contact that has any of the addresses, in the letter case given; 500 addresses a request."""
    groups = list(chunked(sorted(set(addresses)), ADDRESSES_A_COMMAND))
    ids, cut = _find(portal, groups)
    more, still_cut = _find(portal, [[address] for group in cut for address in group])
    found = contacts_by_id(portal, ids | more, fields)
    for group in still_cut:
        for row in portal.rows("crm.contact.list", **_selection({"EMAIL": group[0]}, fields)):
            found[int(row["ID"])] = _contact(row)
    return found


def contacts_by_origin(portal: Portal, originator: str, origins: Collection[str]) -> dict[str, int]:
    """The oldest contact under each key of the outside system (ORIGINATOR_ID, ORIGIN_ID); 50 keys a request."""
    commands = [
        Command("crm.contact.list", _listing({"=ORIGINATOR_ID": originator, "=ORIGIN_ID": origin}, ()), origin)
        for origin in origins
    ]
    pages = zip(origins, portal.batch(commands).values(), strict=True)
    return {origin: min(int(row["ID"]) for row in as_map(page).values()) for origin, page in pages if page}


def _find(portal: Portal, groups: Sequence[list[str]]) -> tuple[set[int], list[list[str]]]:
    """The ids found for the groups of addresses, and the groups whose answer may be cut."""
    commands = [
        # The item is a number, because items stand in the message of a failure and addresses must not.
        Command("crm.duplicate.findbycomm", {"type": "EMAIL", "entity_type": "CONTACT", "values": group}, number)
        for number, group in enumerate(groups)
    ]
    ids: set[int] = set()
    cut: list[list[str]] = []
    for group, answer in zip(groups, portal.batch(commands).values(), strict=True):
        hits = [int(hit) for hit in as_map(as_map(answer).get("CONTACT")).values()]
        if len(hits) >= CUT:
            cut.append(group)
        ids.update(hits)
    return ids, cut


def _selection(condition: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    return {"filter": dict(condition), "select": ["ID", "NAME", "LAST_NAME", "EMAIL", *fields]}


def _listing(condition: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    return {**_selection(condition, fields), "order": {"ID": "ASC"}, "start": -1}


def _contact(row: Row) -> Contact:
    emails = as_map(row.get("EMAIL")).values()
    return Contact(
        id=int(row["ID"]),
        last_name=str(row.get("LAST_NAME") or ""),
        first_name=str(row.get("NAME") or ""),
        emails=tuple(str(email["VALUE"]) for email in emails),
        fields=row,
    )
