"""user.get, user.current, user.search. Official sources: user/user-get.md, user-current.md."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.conditions import split_key
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.registry import method

_PARAMS = "FILTER sort order select ADMIN_MODE start"


@method("user.current", "read", scope="user")
def current(call: Call) -> dict[str, Any]:
    return call.portal.users[call.user_id].card()


@method("user.get", "page", f"ID {_PARAMS}", scope="user", case="any")
@method("user.search", "page", f"FIND {_PARAMS}", scope="user", case="any")
def get(call: Call) -> Page:
    """Exact filters; the fields may stand in FILTER or, for ID, beside it."""
    wanted = {**call.map("FILTER"), **({"ID": call.params["ID"]} if "ID" in call.params else {})}
    rows = [user.card() for user in call.portal.users.values()]
    for key, value in wanted.items():
        _, name = split_key(key)
        if rows and name not in rows[0]:
            call.refuse_unknown(name)
            continue
        rows = [row for row in rows if _text(row[name]) in {_text(item) for item in values_of(value)}]
    return paged(rows, call.params.get("START"), lambda row: row)


def _text(value: Any) -> str:
    """ACTIVE is asked for as true, "true", "Y" or 1; ids are numbers or text."""
    text = str(value).lower()
    return {"y": "true", "n": "false"}.get(text, text)
