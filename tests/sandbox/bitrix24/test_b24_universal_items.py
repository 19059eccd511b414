"""crm.item.*: the universal façade over the same objects."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


def test_both_facades_show_one_object(call: Call) -> None:
    """crm/index.md: old methods show text under upper-case names, universal ones numbers under camelCase."""
    item = call("crm.item.add", entityTypeId=3, fields={"name": "Анна", "originatorId": "timepad", "originId": "88"})
    card = call("crm.contact.get", id=item["item"]["id"])
    assert (item["item"]["id"], card["ID"]) == (1, "1")
    assert (item["item"]["originId"], card["ORIGIN_ID"]) == ("88", "88")
    assert (item["item"]["assignedById"], card["ASSIGNED_BY_ID"]) == (1, "1")
    assert (item["item"]["companyId"], card["COMPANY_ID"]) == (0, None)
    assert (item["item"]["createdTime"], item["item"]["entityTypeId"]) == (card["DATE_CREATE"], 3)


def test_communications_are_in_fm_and_flat(call: Call) -> None:
    """crm/universal/crm-item-get.md: `fm` with numeric ids, and the first values once more."""
    fm = [{"typeId": "EMAIL", "valueType": "WORK", "value": "anna@example.org"}]
    item = call("crm.item.add", entityTypeId=3, fields={"name": "Анна", "fm": fm})["item"]
    assert item["fm"] == [{"id": 1, "valueType": "WORK", "value": "anna@example.org", "typeId": "EMAIL"}]
    assert (item["email"], item["emailWork"], item["phone"]) == ("anna@example.org", "anna@example.org", "")


def test_fm_is_changed_by_id_and_appended_by_n0(call: Call) -> None:
    """crm/universal/crm-item-update.md; an element without typeId changes nothing although the answer is 200."""
    call("crm.contact.add", fields={"NAME": "Анна", "EMAIL": [{"VALUE": "a@x.org"}], "PHONE": [{"VALUE": "+71"}]})
    fm = {
        "n0": {"typeId": "PHONE", "valueType": "MOBILE", "value": "+79990000000"},
        "1": {"typeId": "EMAIL", "value": ""},
        "2": {"value": "+72"},
    }
    item = call("crm.item.update", entityTypeId=3, id=1, fields={"fm": fm})["item"]
    assert [(entry["typeId"], entry["value"]) for entry in item["fm"]] == [("PHONE", "+71"), ("PHONE", "+79990000000")]


def test_a_selection_gives_those_fields_and_never_fm(call: Call, world: World) -> None:
    """crm/universal/crm-item-list.md: `fm` comes only with all fields; unknown names are ignored by a real portal."""
    world.portal.config.strict = False
    call("crm.contact.add", fields={"NAME": "Анна", "EMAIL": [{"VALUE": "a@x.org"}]})
    some = call("crm.item.list", entityTypeId=3, select=["id", "name", "fm", "invented"])
    assert some == {"items": [{"id": 1, "name": "Анна"}]}
    assert call("crm.item.list", entityTypeId=3)["items"][0]["fm"][0]["value"] == "a@x.org"


@pytest.mark.parametrize(
    ("upper", "camel"),
    [
        ("UF_CRM_3_DIGIT", "ufCrm3Digit"),
        ("UF_CRM_3_1747309727", "ufCrm3_1747309727"),
        ("UF_CRM_3_DIGIT10", "ufCrm_3_DIGIT10"),
        ("UF_CRM_1747309879", "ufCrm_1747309879"),
        ("UF_CRM_EVENTS_COUNT", "ufCrmEventsCount"),
    ],
)
def test_names_of_user_fields(call: Call, upper: str, camel: str) -> None:
    """crm/universal/index.md: the table of conversions, and the original names on demand."""
    call("crm.contact.userfield.add", fields={"USER_TYPE_ID": "string", "FIELD_NAME": upper})
    call("crm.contact.add", fields={"NAME": "Анна", upper: "x"})
    assert call("crm.item.get", entityTypeId=3, id=1)["item"][camel] == "x"
    assert call("crm.item.get", entityTypeId=3, id=1, useOriginalUfNames="Y")["item"][upper] == "x"
    assert upper in call("crm.item.fields", entityTypeId=3, useOriginalUfNames="Y")["fields"]


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("crm.item.get", {"entityTypeId": 3, "id": 7}, "NOT_FOUND"),
        ("crm.item.get", {"entityTypeId": 999, "id": 7}, "NOT_FOUND"),
        ("crm.item.get", {"id": 7}, 100),
        ("crm.item.add", {"entityTypeId": 2, "fields": {"contactIds": 5}}, 100),
        ("crm.item.add", {"entityTypeId": 2, "fields": {"opportunity": "x"}}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ("crm.item.add", {"entityTypeId": 2, "fields": {"stageId": "C9:NEW"}}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ("crm.item.add", {"entityTypeId": 4, "fields": {}}, "CRM_FIELD_ERROR_REQUIRED"),
        ("crm.item.list", {"entityTypeId": 2, "order": {"id": "UP"}}, "INVALID_ARG_VALUE"),
    ],
)
def test_refusals_have_codes(ask: Ask, method: str, params: Any, code: str | int) -> None:
    """crm/universal/crm-item-{get,add,list}.md, sections on errors."""
    answer = ask(method, **params)
    assert (answer.status_code, answer.json()["error"]) == (400, code)


def test_delete_answers_with_an_empty_list(call: Call) -> None:
    """crm/universal/crm-item-delete.md."""
    call("crm.contact.add", fields={"NAME": "Анна"})
    assert call("crm.item.delete", entityTypeId=3, id=1) == []


def test_there_is_no_unique_origin(call: Call) -> None:
    """crm/universal/crm-item-add.md promises none: the same origin makes a second object."""
    origin = {"name": "Анна", "originatorId": "timepad", "originId": "88"}
    call("batch", cmd={"a": "crm.item.add?entityTypeId=3&fields[name]=A&fields[originId]=88"})
    call("crm.item.add", entityTypeId=3, fields=origin)
    assert len(call("crm.item.list", entityTypeId=3, filter={"=originId": "88"}, select=["id"])["items"]) == 2
