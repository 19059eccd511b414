"""Finding contacts: by e-mail address, by the key of an outside system, by id; all in batches.

Read through the legacy listing, which alone shows e-mail addresses next to the names and filters by them. How a portal
looks things up is documented in part; the facts tell what is true of this one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.listing import PAGE, rows_of
from backoffice.bitrix24.wire import as_map
from backoffice.rules.chunks import chunked
from backoffice.rules.portal_facts import ASSUMED, PortalFacts

CONTACT = 3
ADDRESSES_A_COMMAND = 10
IDS_A_COMMAND = 50
ORIGIN_FIELDS = ("ORIGINATOR_ID", "ORIGIN_ID")
ORIGIN_NAMES = {"id": "ID", "originatorId": "ORIGINATOR_ID", "originId": "ORIGIN_ID"}


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


def contacts_by_email(
    portal: Portal, addresses: Iterable[str], fields: Sequence[str] = (), facts: PortalFacts = ASSUMED
) -> dict[int, Contact]:
    """Every contact that has any of the addresses, in the letter case given; 500 addresses a request.

    A portal that only the filter can find them on takes 50; one that nothing finds them on is read whole.
    """
    wanted = sorted(set(addresses))
    match facts.email_look_up:
        case "findbycomm":
            return _by_duplicates(portal, wanted, fields, facts)
        case "filter":
            return _by_filter(portal, wanted, fields)
        case "everyone":
            return _among_everyone(portal, wanted, fields)


def contacts_by_origin(
    portal: Portal, originator: str, origins: Collection[str], facts: PortalFacts = ASSUMED
) -> dict[str, int]:
    """The oldest contact under each key of the outside system (ORIGINATOR_ID, ORIGIN_ID); 50 keys a request.

    A portal that ignores a filter gives anybody, so what comes is compared once more.
    """
    found: dict[str, int] = {}
    for row in _with_origins(portal, originator, origins, facts):
        own, origin = int(row["ID"]), str(row.get("ORIGIN_ID") or "")
        if origin in origins and row.get("ORIGINATOR_ID") == originator:
            found[origin] = min(own, found.get(origin, own))
    return found


def _by_duplicates(
    portal: Portal, addresses: Sequence[str], fields: Sequence[str], facts: PortalFacts
) -> dict[int, Contact]:
    groups = list(chunked(addresses, ADDRESSES_A_COMMAND))
    ids, cut = _find(portal, groups, facts)
    more, still_cut = _find(portal, [[address] for group in cut for address in group], facts)
    found = contacts_by_id(portal, ids | more, fields)
    crowded = [address for group in still_cut for address in group]
    if not facts.filter_finds_addresses:
        return found | _among_everyone(portal, crowded, fields)
    for address in crowded:
        for row in portal.rows("crm.contact.list", **_selection({"EMAIL": address}, fields)):
            found[int(row["ID"])] = _contact(row)
    return found


def _by_filter(portal: Portal, addresses: Sequence[str], fields: Sequence[str]) -> dict[int, Contact]:
    pages = [
        # The item is a number, because items stand in the message of a failure and addresses must not.
        Command("crm.contact.list", _listing({"EMAIL": address}, fields), number)
        for number, address in enumerate(addresses)
    ]
    found: dict[int, Contact] = {}
    for address, page in zip(addresses, portal.batch(pages).values(), strict=True):
        rows: Iterable[Row] = as_map(page).values()
        if len(as_map(page)) == PAGE:
            rows = portal.rows("crm.contact.list", **_selection({"EMAIL": address}, fields))
        found |= {int(row["ID"]): _contact(row) for row in rows}
    return found


def _among_everyone(portal: Portal, addresses: Sequence[str], fields: Sequence[str]) -> dict[int, Contact]:
    """Reads all contacts of the portal, 50 a request; not one if there is no address to look for."""
    wanted = {address.casefold() for address in addresses}
    rows = portal.rows("crm.contact.list", **_selection({}, fields)) if wanted else ()
    contacts = (_contact(row) for row in rows)
    return {own.id: own for own in contacts if wanted & {address.casefold() for address in own.emails}}


def _with_origins(portal: Portal, originator: str, origins: Collection[str], facts: PortalFacts) -> Iterator[Row]:
    """Rows that may have the keys, under the legacy names whatever they were found by."""
    look_up = facts.origin_look_up
    if look_up == "everyone":
        if origins:
            yield from portal.rows("crm.contact.list", filter={}, select=["ID", *ORIGIN_FIELDS])
        return
    asked = _legacy_origin if look_up == "crm.contact.list" else _universal_origin
    commands = [Command(look_up, asked(originator, origin), origin) for origin in origins]
    for page in portal.batch(commands).values():
        for row in rows_of(look_up, page):
            yield {ORIGIN_NAMES.get(name, name): value for name, value in row.items()}


def _legacy_origin(originator: str, origin: str) -> dict[str, Any]:
    return _listing({"=ORIGINATOR_ID": originator, "=ORIGIN_ID": origin}, ORIGIN_FIELDS)


def _universal_origin(originator: str, origin: str) -> dict[str, Any]:
    condition = {"=originatorId": originator, "=originId": origin}
    return {
        "entityTypeId": CONTACT,
        "filter": condition,
        "select": list(ORIGIN_NAMES),
        "order": {"id": "ASC"},
        "start": -1,
    }


def _find(portal: Portal, groups: Sequence[list[str]], facts: PortalFacts) -> tuple[set[int], list[list[str]]]:
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
        if len(hits) >= facts.findbycomm_most:
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
