"""The fields of a universal list, out of any form `lists.field.get` answers in."""

from collections.abc import Iterator, Mapping
from typing import Any

from backoffice.bitrix24.wire import as_map
from backoffice.rules.portal_shape import PortalListField
from backoffice.rules.portal_words import Entity

ENTITIES: tuple[Entity, ...] = ("contact", "deal", "company", "lead")


def read_list_fields(answer: Any) -> tuple[PortalListField, ...]:
    """The custom fields of a list; system ones such as NAME have no code and are left out.

    The documents show the answer for one field, an object keyed by its TYPE (lists/fields/lists-field-get.md). The
    answer for all fields is not shown, so an object keyed by FIELD_ID, one keyed by TYPE with a field or several
    under each, and a plain list are all read.
    """
    return tuple(_field(row) for row in _rows(answer) if row.get("CODE"))


def _rows(answer: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(answer, Mapping) and "FIELD_ID" in answer:
        yield answer
        return
    inner = answer.values() if isinstance(answer, Mapping) else answer
    for part in inner if isinstance(answer, Mapping | list) else ():
        yield from _rows(part)


def _field(row: Mapping[str, Any]) -> PortalListField:
    kind = _type(row)
    settings = as_map(row.get("USER_TYPE_SETTINGS")) if kind == "S:ECrm" else {}
    return PortalListField(
        id=str(row["FIELD_ID"]),
        code=str(row["CODE"]),
        name=str(row["NAME"]),
        type=kind,
        multiple=row.get("MULTIPLE") == "Y",
        binds=frozenset(own for own in ENTITIES if settings.get(own.upper()) == "Y") if settings else None,
        shown_in_card=settings.get("VISIBLE") == "Y" if settings else None,
    )


def _type(row: Mapping[str, Any]) -> str:
    """`S:ECrm`; where TYPE is the bare `S`, the second half stands in PROPERTY_USER_TYPE (false for plain fields)."""
    kind, second = str(row["TYPE"]), row.get("PROPERTY_USER_TYPE")
    if isinstance(second, Mapping):
        second = second.get("USER_TYPE")
    return f"{kind}:{second}" if second and ":" not in kind else kind
