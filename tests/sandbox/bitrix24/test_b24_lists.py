"""Universal lists."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]

BLOCK = {"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": "seminars"}


@pytest.fixture(autouse=True)
def _seminars(call: Call) -> None:
    """A list with a contact link (PROPERTY_1), a moment (2), an enumeration (3) and a multiple text (4)."""
    call("lists.add", **BLOCK, FIELDS={"NAME": "Семинары"})
    fields: list[dict[str, Any]] = [
        {
            "NAME": "Участник",
            "TYPE": "S:ECrm",
            "CODE": "PERSON",
            "USER_TYPE_SETTINGS": {"CONTACT": "Y", "VISIBLE": "Y"},
        },
        {"NAME": "Начало", "TYPE": "S:DateTime", "CODE": "STARTS_AT"},
        {"NAME": "Был", "TYPE": "L", "CODE": "CAME", "LIST": {"n0": {"VALUE": "да"}, "n1": {"VALUE": "нет"}}},
        {"NAME": "Метки", "TYPE": "S", "CODE": "TAGS", "MULTIPLE": "Y"},
    ]
    for field in fields:
        call("lists.field.add", **BLOCK, FIELDS=field)


def _add(call: Call, code: str, **fields: Any) -> Any:
    return call("lists.element.add", **BLOCK, ELEMENT_CODE=code, FIELDS={"NAME": code, **fields})


def test_a_list_is_found_by_its_code(call: Call) -> None:
    """lists/lists/lists-get.md: strings; an unknown list is an empty answer."""
    [row] = call("lists.get", **BLOCK)
    assert row.items() >= {"ID": "1", "CODE": "seminars", "NAME": "Семинары", "IBLOCK_TYPE_ID": "lists"}.items()
    assert call("lists.get", IBLOCK_TYPE_ID="lists", IBLOCK_CODE="other") == []


def test_a_second_list_with_the_code_is_refused(ask: Ask) -> None:
    """lists/lists/lists-add.md: ERROR_IBLOCK_ALREADY_EXISTS."""
    assert ask("lists.add", **BLOCK, FIELDS={"NAME": "x"}).json()["error"] == "ERROR_IBLOCK_ALREADY_EXISTS"


def test_one_field_is_answered_under_its_type_and_all_under_their_ids(call: Call) -> None:
    """lists/fields/lists-field-get.md: {"L": {…}}; the shape for all fields is not documented."""
    one = call("lists.field.get", **BLOCK, FIELD_ID="PROPERTY_3")
    assert (one["L"]["CODE"], one["L"]["DISPLAY_VALUES_FORM"]) == ("CAME", {"1": "да", "2": "нет"})
    every = call("lists.field.get", **BLOCK)
    assert [every[f"PROPERTY_{number}"]["CODE"] for number in (1, 2, 3, 4)] == ["PERSON", "STARTS_AT", "CAME", "TAGS"]
    assert every["PROPERTY_1"]["USER_TYPE_SETTINGS"]["CONTACT"] == "Y"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"NAME": "Ещё", "TYPE": "S"}, "Please fill the code fields"),
        ({"NAME": "Ещё", "TYPE": "S", "CODE": "TAGS"}, "Property already exists"),
    ],
)
def test_a_field_needs_a_code_of_its_own(ask: Ask, field: dict[str, str], text: str) -> None:
    """lists/fields/lists-field-add.md: ERROR_SAVE_FIELD."""
    answer = ask("lists.field.add", **BLOCK, FIELDS=field).json()
    assert answer == {"error": "ERROR_SAVE_FIELD", "error_description": text}


def test_an_element_shows_values_as_maps_and_dates_in_the_sites_format(call: Call) -> None:
    """lists/elements/lists-element-get.md: valueId -> value even for one value; the site's own date format."""
    values = {"PROPERTY_1": 7, "PROPERTY_2": "2026-03-01T10:00:00+00:00", "PROPERTY_4": ["a", "b"]}
    call("lists.section.add", **BLOCK, SECTION_CODE="tp-1", FIELDS={"NAME": "Семинар"})
    fields = {"NAME": "Анна", **values}
    number = call("lists.element.add", **BLOCK, ELEMENT_CODE="tp-1-1", IBLOCK_SECTION_ID=1, FIELDS=fields)
    [row] = call("lists.element.get", **BLOCK, ELEMENT_CODE="tp-1-1")
    assert number == 1
    assert row == {
        "ID": "1",
        "NAME": "Анна",
        "IBLOCK_SECTION_ID": "1",
        "CREATED_BY": "1",
        "CODE": "tp-1-1",
        "PROPERTY_1": {"1": "7"},
        "PROPERTY_2": {"2": "01.03.2026 13:00:00"},
        "PROPERTY_4": {"3": "a", "4": "b"},
    }


def test_an_element_code_is_unique_in_its_list(ask: Ask, call: Call) -> None:
    """lists/elements/lists-element-add.md: ERROR_ELEMENT_ALREADY_EXISTS."""
    _add(call, "tp-1-1")
    answer = ask("lists.element.add", **BLOCK, ELEMENT_CODE="tp-1-1", FIELDS={"NAME": "again"})
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "ERROR_ELEMENT_ALREADY_EXISTS", "error_description": "Element already exists"},
    )
    assert len(call("lists.element.get", **BLOCK)) == 1


def test_an_update_clears_what_it_does_not_send(call: Call) -> None:
    """lists/elements/lists-element-update.md."""
    _add(call, "tp-1-1", PROPERTY_1=7, PROPERTY_4="a")
    assert call("lists.element.update", **BLOCK, ELEMENT_CODE="tp-1-1", FIELDS={"NAME": "x", "PROPERTY_1": 8}) is True
    [row] = call("lists.element.get", **BLOCK, ELEMENT_ID=1)
    assert list(row["PROPERTY_1"].values()) == ["8"]
    assert "PROPERTY_4" not in row


def test_elements_are_filtered_by_properties_and_sections_but_not_by_id(ask: Ask, call: Call) -> None:
    """lists/elements/lists-element-get.md: neither ID nor CODE is among the filterable fields."""
    _add(call, "a", PROPERTY_1=7, PROPERTY_2="01.03.2026 10:00:00")
    _add(call, "b", PROPERTY_1=8, PROPERTY_2="02.03.2026 10:00:00")
    by_link = call("lists.element.get", **BLOCK, FILTER={"=PROPERTY_1": "8"}, SELECT=["CODE"])
    by_date = call("lists.element.get", **BLOCK, FILTER={"<PROPERTY_2": "02.03.2026"}, SELECT=["CODE"])
    assert (by_link, by_date) == ([{"CODE": "b"}], [{"CODE": "a"}])
    assert "ID" in ask("lists.element.get", **BLOCK, FILTER={">ID": 1}).json()["error_description"]


def test_elements_are_paged_by_offset(ask: Ask, call: Call) -> None:
    """lists/elements/lists-element-get.md: 50 records a page."""
    commands = {
        f"c{n}": f"lists.element.add?IBLOCK_TYPE_ID=lists&IBLOCK_ID=1&ELEMENT_CODE=e{n}&FIELDS[NAME]=n"
        for n in range(50)
    }
    call("batch", cmd=commands)
    _add(call, "last")
    first, second = (ask("lists.element.get", **BLOCK, start=start).json() for start in (0, 50))
    assert (first["next"], first["total"], len(first["result"])) == (50, 51, 50)
    assert ("next" in second, [row["CODE"] for row in second["result"]]) == (False, ["last"])


@pytest.mark.parametrize(("value", "several"), [("C_7", False), ("7", True), ("CO_7", True)])
def test_a_crm_link_has_a_prefix_only_where_several_kinds_are_allowed(
    ask: Ask, call: Call, value: str, several: bool
) -> None:
    """lists/elements/index.md: a real portal keeps the wrong form and loses it later; the sandbox refuses it."""
    settings = {"CONTACT": "Y", "DEAL": "Y" if several else "N"}
    field = {"NAME": "Связь", "TYPE": "S:ECrm", "CODE": "LINK", "USER_TYPE_SETTINGS": settings}
    name = call("lists.field.add", **BLOCK, FIELDS=field)
    answer = ask("lists.element.add", **BLOCK, ELEMENT_CODE="x", FIELDS={"NAME": "x", name: value})
    assert answer.json()["error"] == "ERROR_ELEMENT_FIELD_VALUE"


def test_sections_are_found_by_code_and_renamed(call: Call) -> None:
    """lists/sections/lists-section-get.md, lists-section-update.md; the code need not be unique."""
    number = call("lists.section.add", **BLOCK, SECTION_CODE="tp-1", FIELDS={"NAME": "Семинар", "XML_ID": "300100"})
    call("lists.section.update", **BLOCK, SECTION_ID=number, FIELDS={"NAME": "Вебинар"})
    [row] = call("lists.section.get", **BLOCK, FILTER={"CODE": "tp-1"})
    assert (row["ID"], row["NAME"], row["XML_ID"], row["EXTERNAL_ID"]) == (str(number), "Вебинар", "300100", "300100")
    assert call("lists.section.get", **BLOCK, FILTER={"=EXTERNAL_ID": "300101"}) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"IBLOCK_TYPE_ID": "lists"}, "ERROR_REQUIRED_PARAMETERS_MISSING"),
        ({"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": "other"}, "ERROR_IBLOCK_NOT_FOUND"),
        ({**BLOCK, "ELEMENT_CODE": "none"}, "ERROR_ELEMENT_NOT_FOUND"),
    ],
)
def test_what_is_missing_is_named(ask: Ask, params: dict[str, str], code: str) -> None:
    """lists/elements/lists-element-update.md, section on errors."""
    assert ask("lists.element.update", **params, FIELDS={"NAME": "x"}).json()["error"] == code


def test_parameter_names_are_upper_case(ask: Ask) -> None:
    """lists/elements/lists-element-get.md: all names but `start`."""
    assert "iblock_type_id" in ask("lists.get", iblock_type_id="lists").json()["error_description"]
