"""A field's value as the portal keeps it: from what was sent, and to what each façade shows.

Official source: crm/data-types.md; dates without time come back as midnight UTC with the portal's offset (captured).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from backoffice.sandbox.bitrix24.crm.schema import Field
from backoffice.sandbox.bitrix24.moments import in_portal_zone, moment
from backoffice.sandbox.bitrix24.php import map_of, values_of

_TRUE = {"y", "1", "true"}
_NUMBERS = ("integer", "user", "employee", "enumeration", "location", "crm_category")
_ENUMS = ("ownertype", "activitytype", "activitystatus", "activitypriority", "activitynotifytype", "contenttype")
_LINKS = ("crm_company", "crm_contact", "crm_lead", "crm_quote")


def stored(field: Field, raw: Any) -> Any:
    """The value to keep: int, Decimal, "Y"/"N", date, aware datetime, text, or a list of these; ValueError if bad."""
    if field.multiple:
        return [_one(field, item) for item in values_of(raw or []) if item not in ("", None, False)]
    return _one(field, raw)


def shown_by_old_methods(field: Field, value: Any) -> Any:
    """Everything is text: "37", "19999.99", "Y"; a user field of yes/no is "1" or "0"."""
    if isinstance(value, list):
        return [shown_by_old_methods(field, item) for item in value]
    if field.type == "boolean" and value is not None:
        return "1" if value == "Y" else "0"
    if isinstance(value, Decimal):
        return f"{value:f}" if field.dynamic else f"{value:.2f}"
    return _dated(str(value) if isinstance(value, int) else value)


def shown_by_universal_methods(field: Field, value: Any) -> Any:
    """Numbers are numbers; an empty link is 0."""
    if isinstance(value, list):
        return [shown_by_universal_methods(field, item) for item in value]
    if value is None and field.type in {"crm_company", "crm_contact"}:
        return 0
    return _dated(float(value) if isinstance(value, Decimal) else value)


def _one(field: Field, raw: Any) -> Any:
    if field.type in {"char", "boolean"}:
        return None if raw in ("", None) else _flag(raw)
    if raw in ("", None, False):
        return None
    value = _READERS.get(field.type, str)(raw)
    if field.options and value not in dict(field.options):
        raise ValueError(f"no such option: {raw}")
    return value


def _flag(raw: Any) -> str:
    return "Y" if str(raw).lower() in _TRUE else "N"


def _amount(raw: Any) -> Decimal:
    try:
        return Decimal(str(raw))
    except InvalidOperation:
        raise ValueError(f"not a number: {raw}") from None


def _day(raw: Any) -> date:
    found = moment(str(raw))
    return found.date() if found.timetz().replace(tzinfo=None) == time() else found.astimezone(UTC).date()


def _link(raw: Any) -> int | None:
    return int(raw) or None


def _dated(value: Any) -> Any:
    if isinstance(value, datetime):
        return in_portal_zone(value)
    if isinstance(value, date):
        return in_portal_zone(datetime.combine(value, time(), UTC))
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_NUMBERS, int),
    **dict.fromkeys(_LINKS, _link),
    **dict.fromkeys((f"crm_enum_{name}" for name in (*_ENUMS, "activitydirection")), int),
    "object": map_of,
    "double": _amount,
    "date": _day,
    "datetime": lambda raw: moment(str(raw)).replace(microsecond=0),
}
