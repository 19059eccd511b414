"""Filters, order and pages."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]

PEOPLE = [("Анна", "Иванова"), ("Олег", "Петров"), ("Иван", "Иванов"), ("анна", None)]


@pytest.fixture
def people(call: Call) -> None:
    for name, last_name in PEOPLE:
        call("crm.contact.add", fields={"NAME": name, "LAST_NAME": last_name, "ORIGIN_ID": name.upper()})


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"NAME": "Анна"}, "14"),
        ({"=NAME": ["Анна", "Олег"]}, "124"),
        ({"@NAME": ["Анна", "Олег"]}, "124"),
        ({"!@NAME": ["Анна", "Олег"]}, "3"),
        ({"!NAME": "Анна"}, "23"),
        ({"!=NAME": "Анна"}, "23"),
        ({"%LAST_NAME": "ванов"}, "13"),
        ({"=%LAST_NAME": "Иванов%"}, "13"),
        ({"%=LAST_NAME": "%ов"}, "23"),
        ({"LAST_NAME": ""}, "4"),
        ({"!=LAST_NAME": ""}, "123"),
        ({">ID": 2}, "34"),
        ({">=ID": "2", "<ID": 4}, "23"),
        ({"@ID": [4, 1]}, "14"),
        ({"ORIGIN_ID": "ОЛЕГ"}, "2"),
        ({"<=DATE_CREATE": "2026-03-02T12:00:00+03:00"}, "1234"),
        ({">DATE_CREATE": "2026-03-02T09:00:02+00:00"}, ""),
    ],
)
def test_prefixes_of_a_filter(call: Call, wanted: dict[str, Any], found: str) -> None:
    """crm/contacts/crm-contact-list.md: prefixes; letter case is not documented and ignored by default."""
    rows = call("crm.contact.list", filter=wanted, select=["ID"], order={"ID": "ASC"})
    assert "".join(row["ID"] for row in rows) == found


@pytest.mark.usefixtures("people")
def test_letter_case_can_be_made_to_count(world: World, call: Call) -> None:
    """Not documented: the other of the two plausible answers."""
    world.portal.config.filter_case_sensitive = True
    assert [row["ID"] for row in call("crm.contact.list", filter={"NAME": "Анна"}, select=["ID"])] == ["1"]


@pytest.mark.usefixtures("people")
def test_universal_filters_combine_with_or(call: Call) -> None:
    """crm/universal/crm-item-list.md: {"0": {"logic": "OR", …}} beside plain conditions."""
    either = {"logic": "OR", "0": {"=name": "Олег"}, "1": {"=lastName": "Иванова"}}
    found = call("crm.item.list", entityTypeId=3, filter={"0": either, "<id": 4}, select=["id"])
    assert found == {"items": [{"id": 1}, {"id": 2}]}


def test_a_universal_filter_refuses_an_unknown_name(world: World, ask: Ask) -> None:
    """crm/universal/crm-item-list.md: 400 INVALID_ARG_VALUE, in lenient mode too."""
    world.portal.config.strict = False
    answer = ask("crm.item.list", entityTypeId=3, filter={"FIELD": 1})
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "error": "INVALID_ARG_VALUE",
            "error_description": "Invalid filter: field 'FIELD' is not allowed in filter",
        },
    )


@pytest.mark.usefixtures("people")
def test_order_by_several_names(call: Call) -> None:
    """crm/contacts/crm-contact-list.md: parameter order."""
    rows = call("crm.contact.list", order={"NAME": "DESC", "ID": "DESC"}, select=["ID"])
    assert "".join(row["ID"] for row in rows) == "2341"


def test_pages_are_fifty_rows_by_offset(call: Call, ask: Ask) -> None:
    """settings/how-to-call-rest-api/list-methods-pecularities.md: `next` is an offset and is absent at the end."""
    for start in range(0, 120, 40):
        call("batch", cmd={f"c{n}": f"crm.contact.add?fields[NAME]={start + n}" for n in range(40)})
    pages = [ask("crm.contact.list", start=start).json() for start in (0, 50, 100)]
    assert [len(page["result"]) for page in pages] == [50, 50, 20]
    assert [page.get("next") for page in pages] == [50, 100, None]
    assert {page["total"] for page in pages} == {120}


def test_start_minus_one_counts_nothing(call: Call, ask: Ask) -> None:
    """settings/performance/huge-data.md: total 0, no `next`, traversal by >ID."""
    for start in (0, 40):
        call("batch", cmd={f"c{n}": f"crm.contact.add?fields[NAME]={start + n}" for n in range(40)})
    first = ask("crm.contact.list", start=-1, order={"ID": "ASC"}, filter={">ID": 0}).json()
    rest = ask("crm.contact.list", start=-1, order={"ID": "ASC"}, filter={">ID": first["result"][-1]["ID"]}).json()
    assert ("next" in first, first["total"], len(first["result"]), len(rest["result"])) == (False, 0, 50, 30)


def test_a_yes_no_user_field_is_filtered_by_one_and_zero(ask: Ask, call: Call) -> None:
    """crm/universal/crm-item-list.md: values are Y and N, filters 1 and 0."""
    call("crm.contact.userfield.add", fields={"USER_TYPE_ID": "boolean", "FIELD_NAME": "VIP"})
    call("crm.contact.add", fields={"NAME": "Анна", "UF_CRM_VIP": "1"})
    call("crm.contact.add", fields={"NAME": "Олег", "UF_CRM_VIP": "0"})
    found = call("crm.item.list", entityTypeId=3, filter={"ufCrmVip": 1}, select=["name", "ufCrmVip"])
    assert found == {"items": [{"name": "Анна", "ufCrmVip": "Y"}]}
    assert ask("crm.item.list", entityTypeId=3, filter={"ufCrmVip": "Y"}).json()["error"] == "INVALID_ARG_VALUE"
    assert call("crm.contact.list", filter={"UF_CRM_VIP": 0}, select=["NAME"])[0]["NAME"] == "Олег"
