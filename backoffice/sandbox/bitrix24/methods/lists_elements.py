"""lists.element.add, .get, .update, .delete. Official sources: lists/elements/lists-element-*.md."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.conditions import having, split_key
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import in_site_format, moment
from backoffice.sandbox.bitrix24.paging import ordered, paged
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.registry import method
from backoffice.sandbox.bitrix24.universal_lists.requests import (
    BLOCK,
    field_values,
    fields,
    number,
    required,
    the_element,
    the_list,
)
from backoffice.sandbox.bitrix24.universal_lists.store import Element, UniversalList

Test = Callable[[Element], bool]

_SYSTEM: dict[str, Callable[[Element], Any]] = {
    "NAME": lambda element: element.name,
    "IBLOCK_SECTION_ID": lambda element: element.section,
    "CREATED_BY": lambda element: element.author,
    "DATE_CREATE": lambda element: element.created,
}
# The official b24pysdk pages by `>ID`, hence a portal lets it; strict mode keeps our own code to the documents.
_UNDOCUMENTED: dict[str, Callable[[Element], Any]] = {**_SYSTEM, "ID": lambda element: element.id}
_ORDERABLE: dict[str, Callable[[Element], Any]] = {
    **_SYSTEM,
    "ID": lambda element: element.id,
    "CODE": lambda element: element.code,
}
# Which of the two names works is switchable; the other one is ignored.
_SECTION_NAMES = ("IBLOCK_SECTION_ID", "SECTION_ID")
# Answered without a value of its own: the documents call all of these deprecated.
_DEPRECATED = {"ACTIVE_TO", "BP_PUBLISHED", "CREATED_USER_NAME", "PREVIEW_TEXT", "DETAIL_TEXT", "SORT"}


@method("lists.element.add", "add", f"{BLOCK} ELEMENT_CODE IBLOCK_SECTION_ID LIST_ELEMENT_URL FIELDS", scope="lists")
def add(call: Call) -> int:
    """ELEMENT_CODE is unique in its list: the portal's one idempotency key."""
    owner, code, sent = the_list(call), str(required(call, "ELEMENT_CODE")), fields(call)
    if owner.element_by_code(code):
        raise Refusal("ERROR_ELEMENT_ALREADY_EXISTS", "Element already exists")
    lists, section = call.portal.lists, number(call.params.get("IBLOCK_SECTION_ID"))
    if section is not None and section not in owner.sections:
        raise Refusal("ERROR_ADD_ELEMENT", "Section not found")
    values, now = field_values(call, owner, sent), lists.now()
    element = Element(lists.number("element"), code, str(sent["NAME"]), section, call.user_id, now, now, values)
    owner.put(element)
    return element.id


@method("lists.element.update", "update", f"{BLOCK} ELEMENT_ID ELEMENT_CODE IBLOCK_SECTION_ID FIELDS", scope="lists")
def update(call: Call) -> bool:
    """Fields that were not sent are cleared; the section stays unless one is sent."""
    owner = the_list(call)
    element, sent = the_element(call, owner), fields(call)
    section = number(call.params.get("IBLOCK_SECTION_ID")) or element.section
    values, now = field_values(call, owner, sent), call.portal.lists.now()
    owner.put(
        Element(element.id, element.code, str(sent["NAME"]), section, element.author, element.created, now, values)
    )
    return True


@method("lists.element.delete", "delete", f"{BLOCK} ELEMENT_ID ELEMENT_CODE", scope="lists")
def delete(call: Call) -> bool:
    owner = the_list(call)
    owner.remove(the_element(call, owner))
    return True


@method(
    "lists.element.get", "page", f"{BLOCK} ELEMENT_ID ELEMENT_CODE SELECT FILTER ELEMENT_ORDER start", scope="lists"
)
def get(call: Call) -> Page:
    """By offset only: neither ID nor CODE is documented as a filter."""
    owner = the_list(call)
    tests = [test for key, wanted in call.map("FILTER").items() if (test := _test(call, owner, key, wanted))]
    rows = (element for element in _candidates(call, owner) if all(test(element) for test in tests))
    sorted_rows = ordered(rows, call.map("ELEMENT_ORDER"), lambda row, name: _order_value(call, row, name))
    select = _selected(call, owner)
    return paged(sorted_rows, call.params.get("start"), lambda element: _shown(call, owner, element, select))


def _candidates(call: Call, owner: UniversalList) -> Iterable[Element]:
    element_id, code = number(call.params.get("ELEMENT_ID")), call.params.get("ELEMENT_CODE")
    if element_id is not None:
        return _present(owner.element(element_id))
    return _present(owner.element_by_code(str(code))) if code else owner.elements()


def _present(element: Element | None) -> Iterator[Element]:
    if element is not None:
        yield element


def _test(call: Call, owner: UniversalList, key: str, wanted: Any) -> Test | None:
    operator, name = split_key(key)
    case_sensitive, raw = call.portal.config.filter_case_sensitive, values_of(wanted)
    if name in _SECTION_NAMES:
        if name != call.portal.config.element_section_filter:
            return None
        name = "IBLOCK_SECTION_ID"
    if read := (_SYSTEM if call.portal.config.strict else _UNDOCUMENTED).get(name):
        matches = having(operator, [_system_value(name, value) for value in raw], case_sensitive=case_sensitive)
        return lambda element: matches([read(element)])
    field = owner.fields.get(name)
    if field is None:
        call.refuse_unknown(name)
        return None
    targets = [None if value in ("", None, False) else field.stored(value) for value in raw]
    matches = having(operator, targets, case_sensitive=case_sensitive)
    return lambda element: matches([value for _, value in element.values.get(field.id, [])])


def _system_value(name: str, raw: Any) -> Any:
    if name == "DATE_CREATE":
        return moment(str(raw))
    return number(raw) if name != "NAME" else str(raw)


def _order_value(call: Call, element: Element, name: str) -> Any:
    if name.upper() in _ORDERABLE:
        return _ORDERABLE[name.upper()](element)
    if name not in _DEPRECATED and not name.startswith("PROPERTY_"):
        call.refuse_unknown(name)
    return next((value for _, value in element.values.get(name, [])), None)


_MISSING: dict[str, Any] = {"null": None, "false": False, "text": "", "map": {"0": ""}}


def _selected(call: Call, owner: UniversalList) -> set[str]:
    names = {str(name) for name in values_of(call.params.get("SELECT") or [])}
    for name in names - {"ID", "CODE", *_SYSTEM, *_DEPRECATED, *owner.fields}:
        call.refuse_unknown(name)
    return names


def _shown(call: Call, owner: UniversalList, element: Element, select: set[str]) -> dict[str, Any]:
    """How a portal shows a field without a value is not documented: see `missing_property`."""
    config = call.portal.config
    row: dict[str, Any] = {
        "ID": str(element.id),
        "NAME": element.name,
        "IBLOCK_SECTION_ID": str(element.section) if element.section else None,
        "CREATED_BY": str(element.author),
        "CODE": element.code,
    }
    if "DATE_CREATE" in select:
        row["DATE_CREATE"] = in_site_format(element.created, config.site_datetime)
    for field_id, values in element.values.items():
        if field := owner.fields.get(field_id):
            row[field_id] = {str(number): field.shown(value, config) for number, value in values}
    if config.missing_property != "absent":
        row |= dict.fromkeys(owner.fields.keys() - row.keys(), _MISSING[config.missing_property])
    return {name: value for name, value in row.items() if not select or name in select}
