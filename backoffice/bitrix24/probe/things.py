"""The throw-away things of a probe, found by their unmistakable names, also those that a killed probe left behind."""

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts import CONTACT
from backoffice.bitrix24.errors import AccessDenied, BatchFailed, NotFound
from backoffice.rules.portal_probe import LIST, MARK, ORIGINATOR, USER_FIELD

BY_CODE = {"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": LIST.code}


def remove(portal: Portal) -> list[str]:
    """Remove whatever a probe has made, and say in Russian what it was; BatchFailed names what is still there.

    Where the webhook has no right to look there is nothing of ours either.
    """
    commands = [*_contacts(portal), *_user_field(portal), *_list(portal)]
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
