"""Employees of the portal (user/user-get.md): who still works here."""

from collections.abc import Collection

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.listing import rows_of
from backoffice.rules.chunks import chunked
from backoffice.rules.portal_setup import PortalLacks

METHOD = "user.get"
IDS_A_COMMAND = 50
WORKING = frozenset({"true", "y", "1"})
REMEDY = "впишите в fallback_user, раздел [repeat_sale_calls.sales] файла portal.toml, номер работающего сотрудника"


def working_users(portal: Portal, user_ids: Collection[int]) -> frozenset[int]:
    """Those of them who work here; 2,500 a request. One whom the portal does not show does not."""
    portions = chunked(sorted(set(user_ids)), IDS_A_COMMAND)
    pages = portal.batch(Command(METHOD, {"FILTER": {"ID": some}}, tuple(some)) for some in portions).values()
    rows = [row for page in pages for row in rows_of(METHOD, page)]
    return frozenset(int(row["ID"]) for row in rows if str(row.get("ACTIVE")).casefold() in WORKING)


def substitutes(portal: Portal, managers: Collection[int], fallback: int) -> dict[int, int]:
    """Manager -> who calls instead, for those who have left. PortalLacks when the one to fall back on has left too."""
    working = working_users(portal, {*managers, fallback})
    if fallback not in working:
        raise PortalLacks(
            (f"сотрудник {fallback} уволен, или такого на портале нет: звонить за уволенных некому",), REMEDY
        )
    return {manager: manager if manager in working else fallback for manager in managers}
