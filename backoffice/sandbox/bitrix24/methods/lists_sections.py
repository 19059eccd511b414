"""lists.section.add, .get, .update, .delete. Official sources: lists/sections/lists-section-*.md."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.conditions import having, split_key
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import in_site_format
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.registry import method
from backoffice.sandbox.bitrix24.universal_lists.requests import BLOCK, fields, number, required, the_list
from backoffice.sandbox.bitrix24.universal_lists.store import Section, UniversalList

_KNOWN = {"NAME", "EXTERNAL_ID", "XML_ID", "SORT", "ACTIVE", "DESCRIPTION", "DESCRIPTION_TYPE"}

_NUMBERS = {"ID", "CREATED_BY", "IBLOCK_SECTION_ID"}
_FILTERS: dict[str, Callable[[Section], Any]] = {
    "ID": lambda section: section.id,
    "CODE": lambda section: section.code,
    "XML_ID": lambda section: section.external_id,
    "EXTERNAL_ID": lambda section: section.external_id,
    "NAME": lambda section: section.name,
    "ACTIVE": lambda section: section.active,
    "CREATED_BY": lambda section: section.author,
}


@method("lists.section.add", "add", f"{BLOCK} SECTION_CODE IBLOCK_SECTION_ID FIELDS", scope="lists")
def add(call: Call) -> int:
    """Nothing documented forbids two sections with one code; `section_codes_unique` does."""
    owner, code, sent = the_list(call), str(required(call, "SECTION_CODE")), _fields(call)
    lists = call.portal.lists
    if call.portal.config.section_codes_unique and any(row.code == code for row in owner.sections.values()):
        raise Refusal("ERROR_ADD_SECTION", "Section with this code already exists")  # the real text is unknown
    section = Section(
        lists.number("section"),
        str(sent["NAME"]),
        code,
        _external_id(sent),
        number(call.params.get("IBLOCK_SECTION_ID")),
        number(sent.get("SORT")) or 500,
        str(sent.get("ACTIVE", "Y")),
        call.user_id,
        lists.now(),
        lists.now(),
    )
    owner.sections[section.id] = section
    return section.id


@method("lists.section.get", "page", f"{BLOCK} FILTER SELECT start", scope="lists")
def get(call: Call) -> Page:
    owner = the_list(call)
    tests = [_test(call, key, wanted) for key, wanted in call.map("FILTER").items()]
    rows = (row for row in owner.sections.values() if all(test(row) for test in tests))
    select = [str(name) for name in values_of(call.params.get("SELECT") or [])]
    return paged(rows, call.params.get("start"), lambda row: _selected(call, row, select))


@method("lists.section.update", "update", f"{BLOCK} SECTION_ID SECTION_CODE FIELDS", scope="lists")
def update(call: Call) -> bool:
    owner, sent = the_list(call), _fields(call)
    section = _section(call, owner)
    owner.sections[section.id] = replace(
        section,
        name=str(sent["NAME"]),
        external_id=_external_id(sent) or section.external_id,
        sort=number(sent.get("SORT")) or section.sort,
        active=str(sent.get("ACTIVE", section.active)),
        changed=call.portal.lists.now(),
    )
    return True


@method("lists.section.delete", "delete", f"{BLOCK} SECTION_ID SECTION_CODE", scope="lists")
def delete(call: Call) -> bool:
    """With the elements in it."""
    owner = the_list(call)
    section = _section(call, owner)
    for element in [element for element in owner.elements() if element.section == section.id]:
        owner.remove(element)
    del owner.sections[section.id]
    return True


def _fields(call: Call) -> dict[str, Any]:
    sent = fields(call)
    for name in sent.keys() - _KNOWN:
        call.refuse_unknown(name)
    return sent


def _external_id(sent: dict[str, Any]) -> str:
    """XML_ID and EXTERNAL_ID show one value in the documents' sample."""
    return str(sent.get("XML_ID") or sent.get("EXTERNAL_ID") or "")


def _section(call: Call, owner: UniversalList) -> Section:
    section_id, code = number(call.params.get("SECTION_ID")), call.params.get("SECTION_CODE")
    for section in owner.sections.values():
        if section.id == section_id or (section_id is None and code and section.code == code):
            return section
    raise Refusal("ERROR_SECTION_NOT_FOUND", "Section not found")


def _test(call: Call, key: str, wanted: Any) -> Callable[[Section], bool]:
    operator, name = split_key(key)
    if name == "CODE" and not call.portal.config.finds_sections_by_code:
        return lambda _: True
    read = _FILTERS.get(name)
    if read is None:
        call.refuse_unknown(name)
        return lambda _: True
    targets = [number(value) if name in _NUMBERS else str(value) for value in values_of(wanted)]
    matches = having(operator, targets, case_sensitive=call.portal.config.filter_case_sensitive)
    return lambda section: matches([read(section)])


def _selected(call: Call, section: Section, select: list[str]) -> dict[str, Any]:
    row = _row(call, section)
    for name in set(select) - row.keys():
        call.refuse_unknown(name)
    return {name: row[name] for name in select if name in row} if select else row


def _row(call: Call, section: Section) -> dict[str, Any]:
    site = call.portal.config.site_datetime
    return {
        "ID": str(section.id),
        "CODE": section.code,
        "XML_ID": section.external_id or None,
        "EXTERNAL_ID": section.external_id or None,
        "IBLOCK_SECTION_ID": str(section.parent) if section.parent else None,
        "TIMESTAMP_X": in_site_format(section.changed, site),
        "SORT": str(section.sort),
        "NAME": section.name,
        "ACTIVE": section.active,
        "GLOBAL_ACTIVE": section.active,
        "LEFT_MARGIN": str(2 * section.id - 1),
        "RIGHT_MARGIN": str(2 * section.id),
        "DEPTH_LEVEL": "2" if section.parent else "1",
        "SEARCHABLE_CONTENT": section.name.upper() + "\r\n",
        "MODIFIED_BY": str(section.author),
        "DATE_CREATE": in_site_format(section.created, site),
        "CREATED_BY": str(section.author),
    }
