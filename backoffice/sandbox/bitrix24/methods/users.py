"""user.get, user.current, user.search. Official sources: user/user-get.md, user-current.md."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.conditions import having, split_key
from backoffice.sandbox.bitrix24.paging import ordered, paged
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.registry import method

_PARAMS = "FILTER sort order select ADMIN_MODE start"
Card = dict[str, Any]


@method("user.current", "read", scope="user")
def current(call: Call) -> Card:
    return call.portal.users[call.user_id].card()


@method("user.get", "page", f"ID {_PARAMS}", scope="user", case="any")
@method("user.search", "page", f"FIND {_PARAMS}", scope="user", case="any")
def get(call: Call) -> Page:
    """The dismissed too, unless ACTIVE is asked for; the fields may stand in FILTER or, for ID, beside it."""
    wanted = {**call.map("FILTER"), **({"ID": call.params["ID"]} if "ID" in call.params else {})}
    rows = [user.card() for user in call.portal.users.values()]
    for key, value in wanted.items():
        rows = _filtered(call, rows, key, value)
    field = str(call.params.get("SORT") or "ID")
    way = str(call.params.get("ORDER") or "ASC")
    return paged(ordered(rows, {field: way}, _comparable), call.params.get("START"), lambda row: _selected(call, row))


def _filtered(call: Call, rows: list[Card], key: str, value: Any) -> list[Card]:
    operator, name = split_key(key)
    if rows and name not in rows[0]:
        call.refuse_unknown(name)
        return rows
    test = having(operator, [_plain(item) for item in values_of(value)], case_sensitive=False)
    return [row for row in rows if test([_plain(item) for item in values_of(row[name])])]


def _selected(call: Call, row: Card) -> Card:
    """Names that are unknown are left out without a word, as documented."""
    names = {str(name) for name in values_of(call.params.get("SELECT") or [])}
    if not names or "*" in names:
        return row
    return {name: value for name, value in row.items() if name in names or ("UF_*" in names and name[:3] == "UF_")}


def _comparable(row: Card, name: str) -> Any:
    value = row.get(name)
    return _plain(value) if not isinstance(value, list) else str(value)


def _plain(value: Any) -> Any:
    """ACTIVE is asked for as true, "true", "Y" or 1; ids are numbers or text."""
    text = str(value).lower()
    if text in ("true", "false", "y", "n"):
        return int(text in ("true", "y"))
    return int(text) if text.isdigit() else text
