"""What to know of contacts: how they are found, and what of them is kept as written."""

from collections.abc import Collection
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts import CONTACT
from backoffice.bitrix24.creation import create
from backoffice.bitrix24.errors import BatchFailed, RequestRefused
from backoffice.bitrix24.listing import rows_of
from backoffice.bitrix24.wire import as_map
from backoffice.rules.portal_probe import CROWD, MARK, NEW_USER_FIELD, ORIGINATOR, USER_FIELD

Found = dict[str, Any]

SHARED, SINGLE = "Backoffice.Probe@Example.com", "Backoffice.Probe.2@Example.com"
VALUES = ["Б", "А", "В"]
LOOKS, PAUSE_SECONDS = 5, 3.0
"""A portal may take a while to let new contacts be found as duplicates."""


def try_contacts(portal: Portal, found: Found) -> None:
    """Fill in the facts about contacts, on contacts of its own.

    RequestRefused or BatchFailed where the portal forbids it.
    """
    with_field = _add_user_field(portal)
    ids = _add_contacts(portal, with_field)
    rows = _rows(portal, {"@ID": ids}, "EMAIL", *([USER_FIELD.code] if with_field else []))
    found["item_add_takes_fm"] = all(row.get("EMAIL") for row in rows)
    if with_field:
        found["keeps_order_of_values"] = all(list(as_map(row[USER_FIELD.code]).values()) == VALUES for row in rows)
    if not found["item_add_takes_fm"]:
        _add_addresses(portal, ids)
    _try_duplicates(portal, found)
    _try_email_filter(portal, ids, found)
    _try_origins(portal, ids, found)
    found["idle_update_saves"] = _idle_update_saves(portal, ids[-1])


def _add_user_field(portal: Portal) -> bool:
    """Whether there is a field to try: only an administrator's webhook can make one."""
    try:
        create(portal, [NEW_USER_FIELD])
    except BatchFailed as failed:
        if not all(isinstance(error, RequestRefused) for _, error in failed.failures):
            raise
        return False
    return True


def _add_contacts(portal: Portal, with_field: bool) -> list[int]:
    """Ids of the crowd with one address, and last the one with an address of its own."""
    own = {USER_FIELD.code: VALUES} if with_field else {}
    fields = [
        {
            "name": str(number),
            "lastName": MARK,
            "fm": [{"typeId": "EMAIL", "valueType": "WORK", "value": _address(number)}],
            "originatorId": ORIGINATOR,
            "originId": _origin(number),
            **own,
        }
        for number in range(CROWD + 1)
    ]
    params = [{"entityTypeId": CONTACT, "useOriginalUfNames": "Y", "fields": one} for one in fields]
    commands = [Command("crm.item.add", one, number) for number, one in enumerate(params)]
    return [int(result["item"]["id"]) for result in portal.batch(commands).values()]


def _address(number: int) -> str:
    return SHARED if number < CROWD else SINGLE


def _origin(number: int) -> str:
    return f"probe:{number}"


def _add_addresses(portal: Portal, ids: list[int]) -> None:
    """By the other method, so that the rest can be tried."""
    emails = [[{"VALUE": _address(number), "VALUE_TYPE": "WORK"}] for number, _ in enumerate(ids)]
    changes = zip(ids, emails, strict=True)
    portal.batch(
        [Command("crm.contact.update", {"id": own, "fields": {"EMAIL": email}}, own) for own, email in changes]
    )


def _try_duplicates(portal: Portal, found: Found) -> None:
    hits = _duplicates(portal, SHARED)
    for _ in range(LOOKS - 1):
        if len(hits) > 1:
            break
        portal.clock.sleep(PAUSE_SECONDS)
        hits = _duplicates(portal, SHARED)
    if not hits:
        return
    found["findbycomm_most"] = len(hits)
    found["findbycomm_ignores_case"] = all(_duplicates(portal, form) for form in (SINGLE.lower(), SINGLE.upper()))


def _duplicates(portal: Portal, address: str) -> list[int]:
    answer = portal.call("crm.duplicate.findbycomm", type="EMAIL", entity_type="CONTACT", values=[address])
    return [int(own) for own in as_map(as_map(answer).get("CONTACT")).values()]


def _try_email_filter(portal: Portal, ids: list[int], found: Found) -> None:
    single = ids[-1:]
    found["filters_by_email"] = _finds(portal, {"EMAIL": SINGLE}, single)
    if not found["filters_by_email"]:
        return
    forms = (SINGLE.lower(), SINGLE.upper())
    found["email_filter_ignores_case"] = all(_finds(portal, {"EMAIL": form}, single) for form in forms)
    found["filters_by_email_list"] = _finds(portal, {"EMAIL": [SHARED, SINGLE]}, ids)


def _try_origins(portal: Portal, ids: list[int], found: Found) -> None:
    origin = _origin(CROWD)
    legacy = {"=ORIGINATOR_ID": ORIGINATOR, "=ORIGIN_ID": origin}
    found["contact_list_finds_origins"] = _finds(portal, legacy, ids[-1:])
    universal = {"=originatorId": ORIGINATOR, "=originId": origin}
    try:
        answer = portal.call("crm.item.list", entityTypeId=CONTACT, filter=universal, select=["id"], start=-1)
    except RequestRefused:
        found["item_list_finds_origins"] = False
    else:
        found["item_list_finds_origins"] = [int(row["id"]) for row in rows_of("crm.item.list", answer)] == ids[-1:]


def _finds(portal: Portal, condition: Found, ids: Collection[int]) -> bool:
    """Whether the filter gives these contacts and no other."""
    try:
        return {int(row["ID"]) for row in _rows(portal, condition)} == set(ids)
    except RequestRefused:
        return False


def _rows(portal: Portal, condition: Found, *fields: str) -> list[dict[str, Any]]:
    params = {"filter": condition, "select": ["ID", *fields], "order": {"ID": "ASC"}, "start": -1}
    return rows_of("crm.contact.list", portal.call("crm.contact.list", **params))


def _idle_update_saves(portal: Portal, contact: int) -> bool:
    """A change shows in the moment of the last one; whether it raises an event cannot be seen by a webhook."""
    own = {"entityTypeId": CONTACT, "id": contact}
    before = portal.call("crm.item.get", **own)["item"]
    portal.clock.sleep(2.0)
    portal.call("crm.item.update", **own, fields={"lastName": before["lastName"]})
    after = portal.call("crm.item.get", **own)["item"]
    return bool(after["updatedTime"] != before["updatedTime"])
