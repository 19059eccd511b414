"""The phones that contacts' cards show."""

from collections.abc import Collection

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.contacts import IDS_A_COMMAND
from backoffice.bitrix24.wire import as_map
from backoffice.rules.chunks import chunked
from backoffice.rules.people import normal_phone


def read_phones(portal: Portal, contact_ids: Collection[int]) -> dict[int, list[str]]:
    """The numbers of each contact there is, in E.164, in their order."""
    pages = [
        Command("crm.contact.list", {"filter": {"@ID": some}, "select": ["ID", "PHONE"], "start": -1}, "phones")
        for some in chunked(sorted(contact_ids), IDS_A_COMMAND)
    ]
    rows = [row for page in portal.batch(pages).values() for row in as_map(page).values()]
    return {int(row["ID"]): _phones(row) for row in rows}


def _phones(row: Row) -> list[str]:
    written = [normal_phone(str(phone["VALUE"])) for phone in as_map(row.get("PHONE")).values()]
    return [phone for phone in written if phone]
