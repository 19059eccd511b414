"""Finding contacts by e-mail address. How a portal looks them up is documented in part; the facts tell of this one."""

from collections.abc import Iterable, Sequence

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.contacts import Contact, contact_of, contacts_by_id, listing, selection
from backoffice.bitrix24.duplicates import find_by_comm
from backoffice.bitrix24.listing import PAGE
from backoffice.bitrix24.wire import as_map
from backoffice.rules.chunks import chunked
from backoffice.rules.portal_facts import ASSUMED, PortalFacts

ADDRESSES_A_COMMAND = 10


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


def _by_duplicates(
    portal: Portal, addresses: Sequence[str], fields: Sequence[str], facts: PortalFacts
) -> dict[int, Contact]:
    groups = list(chunked(addresses, ADDRESSES_A_COMMAND))
    ids, cut = find_by_comm(portal, "EMAIL", groups, facts)
    more, still_cut = find_by_comm(portal, "EMAIL", [[address] for group in cut for address in group], facts)
    found = contacts_by_id(portal, ids | more, fields)
    crowded = [address for group in still_cut for address in group]
    if not facts.filter_finds_addresses:
        return found | _among_everyone(portal, crowded, fields)
    for address in crowded:
        for row in portal.rows("crm.contact.list", **selection({"EMAIL": address}, fields)):
            found[int(row["ID"])] = contact_of(row)
    return found


def _by_filter(portal: Portal, addresses: Sequence[str], fields: Sequence[str]) -> dict[int, Contact]:
    pages = [
        # The item is a number, because items stand in the message of a failure and addresses must not.
        Command("crm.contact.list", listing({"EMAIL": address}, fields), number)
        for number, address in enumerate(addresses)
    ]
    found: dict[int, Contact] = {}
    for address, page in zip(addresses, portal.batch(pages).values(), strict=True):
        rows: Iterable[Row] = as_map(page).values()
        if len(as_map(page)) == PAGE:
            rows = portal.rows("crm.contact.list", **selection({"EMAIL": address}, fields))
        found |= {int(row["ID"]): contact_of(row) for row in rows}
    return found


def _among_everyone(portal: Portal, addresses: Sequence[str], fields: Sequence[str]) -> dict[int, Contact]:
    """Reads all contacts of the portal, 50 a request; not one if there is no address to look for."""
    wanted = {address.casefold() for address in addresses}
    rows = portal.rows("crm.contact.list", **selection({}, fields)) if wanted else ()
    contacts = (contact_of(row) for row in rows)
    return {own.id: own for own in contacts if wanted & {address.casefold() for address in own.emails}}
