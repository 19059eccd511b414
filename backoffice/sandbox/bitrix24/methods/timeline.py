"""crm.timeline.comment.{add,get,list,delete}. Official sources: crm/timeline/comments/*."""

from collections.abc import Callable
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.crm.store import Comment
from backoffice.sandbox.bitrix24.errors import Refusal, missing_parameter
from backoffice.sandbox.bitrix24.moments import in_portal_zone
from backoffice.sandbox.bitrix24.paging import ordered, paged
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.registry import method

_NAMES = {"ID", "ENTITY_ID", "ENTITY_TYPE", "CREATED", "COMMENT", "AUTHOR_ID", "FILES"}
_ORDERED: dict[str, Callable[[Comment], Any]] = {
    "ID": lambda row: row.id,
    "CREATED": lambda row: row.created,
    "AUTHOR_ID": lambda row: row.author_id,
}


@method("crm.timeline.comment.add", "add", "fields", scope="crm")
def add(call: Call) -> int:
    """`fields` in lower case only."""
    sent = call.map("fields")
    for name in ("ENTITY_ID", "ENTITY_TYPE"):
        if not sent.get(name):
            raise missing_parameter(name)
    if not sent.get("COMMENT"):
        raise Refusal("INVALID_ARG_VALUE", "Empty comment message.")
    kind, owner_id = str(sent["ENTITY_TYPE"]).lower(), _number(sent["ENTITY_ID"])
    table = call.portal.crm.tables.get(kind.upper())
    if table is None or owner_id not in table:
        raise Refusal("OWNER_NOT_FOUND", "Owner was not found.")
    return call.portal.crm.comment(kind, owner_id, str(sent["COMMENT"]), call.user_id).id


@method("crm.timeline.comment.get", "read", "id", scope="crm", case="any")
def get(call: Call) -> dict[str, Any]:
    return _shown(_comment(call))


@method("crm.timeline.comment.list", "page", "select filter order start", scope="crm")
def list_(call: Call) -> Page:
    """The filter has two mandatory names: ENTITY_ID and ENTITY_TYPE; without them nothing is found (undocumented)."""
    wanted = call.map("filter")
    for name in wanted.keys() - {"ENTITY_ID", "ENTITY_TYPE"}:
        call.refuse_unknown(name)
    kind, owner_id = str(wanted.get("ENTITY_TYPE") or "").lower(), _number(wanted.get("ENTITY_ID"))
    rows = (row for row in call.portal.crm.comments.values() if (row.entity, row.entity_id) == (kind, owner_id))
    arranged = ordered(rows, _order(call), lambda row, name: _ORDERED[name](row))
    names = _asked(call)
    return paged(arranged, call.params.get("start"), lambda row: _selected(_shown(row), names))


@method("crm.timeline.comment.delete", "delete", "id", scope="crm", case="any")
def delete(call: Call) -> bool:
    del call.portal.crm.comments[_comment(call).id]
    return True


def _comment(call: Call) -> Comment:
    found = call.portal.crm.comments.get(call.integer("ID"))
    if found is None:
        raise Refusal("NOT_FOUND", "Not found.")
    return found


def _order(call: Call) -> dict[str, Any]:
    asked = call.map("order")
    for name in asked.keys() - _ORDERED.keys():
        call.refuse_unknown(name)
    return {name: way for name, way in asked.items() if name in _ORDERED}


def _number(raw: Any) -> int:
    return int(raw) if str(raw or "").isdigit() else 0


def _asked(call: Call) -> set[str]:
    """All names unless some are selected; whether the text comes in a list is not documented."""
    select = {str(name) for name in values_of(call.params.get("select") or [])}
    for name in select - _NAMES:
        call.refuse_unknown(name)
    hidden = set() if call.portal.config.comment_list_shows_text else {"COMMENT"}
    return (select or _NAMES) - hidden


def _selected(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in names}


def _shown(row: Comment) -> dict[str, Any]:
    return {
        "ID": str(row.id),
        "ENTITY_ID": str(row.entity_id),
        "ENTITY_TYPE": row.entity,
        "CREATED": in_portal_zone(row.created),
        "COMMENT": row.text,
        "AUTHOR_ID": str(row.author_id),
        "FILES": {},
    }
