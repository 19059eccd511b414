"""Finding contacts by the key of an outside system. The facts tell by which listing this portal finds them."""

from collections.abc import Collection, Iterator
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.contacts import CONTACT, listing
from backoffice.bitrix24.listing import rows_of
from backoffice.rules.portal_facts import ASSUMED, PortalFacts

ORIGIN_FIELDS = ("ORIGINATOR_ID", "ORIGIN_ID")
ORIGIN_NAMES = {"id": "ID", "originatorId": "ORIGINATOR_ID", "originId": "ORIGIN_ID"}


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
    return listing({"=ORIGINATOR_ID": originator, "=ORIGIN_ID": origin}, ORIGIN_FIELDS)


def _universal_origin(originator: str, origin: str) -> dict[str, Any]:
    condition = {"=originatorId": originator, "=originId": origin}
    return {
        "entityTypeId": CONTACT,
        "filter": condition,
        "select": list(ORIGIN_NAMES),
        "order": {"id": "ASC"},
        "start": -1,
    }
