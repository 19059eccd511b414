"""The throw-away things of a probe, found by their unmistakable names, also those that a killed probe left behind."""

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.catalogues import read_catalogues
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts import CONTACT
from backoffice.bitrix24.courses import KINDS
from backoffice.bitrix24.errors import AccessDenied, BatchFailed, NotFound
from backoffice.bitrix24.listing import rows_of
from backoffice.rules.portal_probe import LIST, MARK, ORIGINATOR, PRODUCT_FIELD, USER_FIELD

BY_CODE = {"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": LIST.code}


def remove(portal: Portal) -> list[str]:
    """Remove whatever a probe has made, and say in Russian what it was; BatchFailed names what is still there.

    Where the webhook has no right to look there is nothing of ours either.
    """
    commands = [*_contacts(portal), *_user_field(portal), *_list(portal), *_shelf(portal), *_tasks(portal)]
    result = portal.batch(commands)
    failures = [(title, error) for title, error in result.failed if not isinstance(error, NotFound)]
    if failures:
        raise BatchFailed("portal-probe", failures, len(commands))
    return [command.item for command in commands]


def _contacts(portal: Portal) -> list[Command[str]]:
    """By the last name, and by it alone compared: a contact of another system is nobody's of ours."""
    wanted = {"filter": {"=LAST_NAME": MARK}, "select": ["ID", "LAST_NAME", "ORIGINATOR_ID"]}
    try:
        rows = list(portal.rows("crm.contact.list", **wanted))
    except AccessDenied:
        return []
    ours = [
        row["ID"] for row in rows if row.get("LAST_NAME") == MARK and row.get("ORIGINATOR_ID") in (ORIGINATOR, "", None)
    ]
    return [Command("crm.item.delete", {"entityTypeId": CONTACT, "id": own}, f"контакт {own}") for own in ours]


def _user_field(portal: Portal) -> list[Command[str]]:
    try:
        rows = list(portal.rows("crm.contact.userfield.list", filter={"FIELD_NAME": USER_FIELD.code}))
    except AccessDenied:
        return []
    return [
        Command("crm.contact.userfield.delete", {"id": row["ID"]}, f"поле {USER_FIELD.code}")
        for row in rows
        if row.get("FIELD_NAME") == USER_FIELD.code
    ]


def _list(portal: Portal) -> list[Command[str]]:
    try:
        rows = list(portal.rows("lists.get", **BY_CODE))
    except (AccessDenied, NotFound):
        return []
    return [
        Command("lists.delete", {"IBLOCK_TYPE_ID": "lists", "IBLOCK_ID": row["ID"]}, f"список {LIST.code}")
        for row in rows
        if row.get("CODE") == LIST.code
    ]


def _shelf(portal: Portal) -> list[Command[str]]:
    """Products by their name and outside code, their field by its code."""
    try:
        catalogues = read_catalogues(portal.call("catalog.catalog.list"), ())
    except AccessDenied:
        return []
    kinds = _products(portal, [catalogue.id for catalogue in catalogues])
    fields = portal.rows("catalog.productProperty.list", filter={"code": PRODUCT_FIELD.code})
    return [
        *(Command(kind.replace(".list", ".delete"), {"id": own}, f"товар {own}") for own, kind in kinds.items()),
        *(
            Command("catalog.productProperty.delete", {"id": row["id"]}, f"поле товара {PRODUCT_FIELD.code}")
            for row in fields
            if row.get("code") == PRODUCT_FIELD.code
        ),
    ]


def _tasks(portal: Portal) -> list[Command[str]]:
    try:
        rows = list(portal.rows("tasks.task.list", filter={"TITLE": MARK}, select=["ID", "TITLE"]))
    except AccessDenied:
        return []
    return [
        Command("tasks.task.delete", {"taskId": row["id"]}, f"задача {row['id']}")
        for row in rows
        if row.get("title") == MARK
    ]


def _products(portal: Portal, catalogue_ids: list[int]) -> dict[int, str]:
    """Our products, each with the narrowest kind of listing that knows it."""
    select = ["id", "iblockId", "name", "xmlId"]
    asked = [
        Command(kind, {"select": select, "filter": {"iblockId": own, "name": MARK}}, kind)
        for kind in KINDS
        for own in catalogue_ids
    ]
    pages = zip(asked, portal.batch(asked).values(), strict=True)
    rows = ((row, command.method) for command, page in pages for row in rows_of(command.method, page))
    return {int(row["id"]): kind for row, kind in rows if (row.get("name"), row.get("xmlId")) == (MARK, ORIGINATOR)}
