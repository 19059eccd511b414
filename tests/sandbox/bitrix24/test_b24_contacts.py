"""crm.contact.*: the old façade."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


def test_a_contact_is_shown_as_text_with_its_defaults(call: Call) -> None:
    """crm/contacts/crm-contact-get.md: strings, null, dates as midnight UTC with the portal's offset."""
    number = call("crm.contact.add", fields={"NAME": "Анна", "BIRTHDATE": "11.11.2001", "ORIGIN_ID": 300100})
    card = call("crm.contact.get", id=number)
    assert number == 1
    expected = {"ID": "1", "NAME": "Анна", "LAST_NAME": None, "OPENED": "Y", "EXPORT": "Y", "ASSIGNED_BY_ID": "1"}
    assert expected.items() <= card.items()
    assert card["BIRTHDATE"] == "2001-11-11T03:00:00+03:00"
    assert card["ORIGIN_ID"] == "300100"
    assert card["DATE_CREATE"] == "2026-03-02T12:00:00+03:00"


def test_a_kind_of_communication_it_has_none_of_is_absent(call: Call) -> None:
    """crm/contacts/crm-contact-get.md: PHONE is there, EMAIL is not."""
    call("crm.contact.add", fields={"NAME": "Анна", "PHONE": [{"VALUE": "+79990000001", "VALUE_TYPE": "MOBILE"}]})
    card = call("crm.contact.get", id=1)
    assert card["PHONE"] == [{"ID": "1", "VALUE_TYPE": "MOBILE", "VALUE": "+79990000001", "TYPE_ID": "PHONE"}]
    assert "EMAIL" not in card
    assert (card["HAS_PHONE"], card["HAS_EMAIL"]) == ("Y", "N")


@pytest.mark.parametrize(
    "deletion", [{"ID": 1, "DELETE": "Y"}, {"ID": 1, "VALUE": ""}, {"ID": 1}], ids=["delete", "empty", "bare"]
)
def test_phones_are_added_changed_and_deleted_one_by_one(call: Call, deletion: dict[str, Any]) -> None:
    """tutorials/crm/how-to-edit-crm-objects/how-to-change-email-or-phone.md: those not named stay."""
    call("crm.contact.add", fields={"NAME": "Анна", "PHONE": [{"VALUE": "+71"}, {"VALUE": "+72"}]})
    changes = [deletion, {"ID": 2, "VALUE": "+73", "VALUE_TYPE": "HOME"}, {"VALUE": "+74"}]
    assert call("crm.contact.update", id=1, fields={"PHONE": changes}) is True
    phones = call("crm.contact.get", id=1)["PHONE"]
    assert [(row["ID"], row["VALUE"], row["VALUE_TYPE"]) for row in phones] == [
        ("2", "+73", "HOME"),
        ("3", "+74", "WORK"),
    ]


def test_an_invalid_email_is_refused(ask: Ask) -> None:
    """crm/contacts/crm-contact-add.md: ERROR_CORE."""
    answer = ask("crm.contact.add", fields={"NAME": "Анна", "EMAIL": [{"VALUE": "anna"}]})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERROR_CORE")


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("crm.contact.get", {"id": 7}, {"error": "", "error_description": "Not found"}),
        ("crm.contact.get", {}, {"error": "", "error_description": "ID is not defined or invalid."}),
        ("crm.contact.update", {"id": 7, "fields": {}}, {"error": "", "error_description": "Contact is not found"}),
        ("crm.contact.add", {"fields": "x"}, {"error": "", "error_description": "Parameter 'fields' must be array."}),
        ("crm.contact.delete", {"id": 7}, {"error": "ERROR_CORE", "error_description": "Element not found"}),
    ],
)
def test_refusals_are_400_with_an_empty_code(ask: Ask, method: str, params: Any, error: dict[str, str]) -> None:
    """crm/contacts/crm-contact-{get,update,add,delete}.md, section on errors."""
    answer = ask(method, **params)
    assert (answer.status_code, answer.json()) == (400, error)


def test_a_deleted_contact_is_gone(call: Call, world: World) -> None:
    """crm/contacts/crm-contact-delete.md: `true`."""
    call("crm.contact.add", fields={"NAME": "Анна"})
    assert call("crm.contact.delete", id=1) is True
    assert world.portal.dump()["contacts"] == []


def test_a_listing_without_select_has_no_communications(call: Call) -> None:
    """crm/contacts/crm-contact-list.md: the default is `*` and `UF_*`; multifields must be named; ID always comes."""
    call("crm.contact.add", fields={"NAME": "Анна", "EMAIL": [{"VALUE": "anna@example.org"}]})
    assert "EMAIL" not in call("crm.contact.list")[0]
    assert call("crm.contact.list", select=["EMAIL"])[0].keys() == {"ID", "EMAIL"}


def test_fields_are_described(call: Call) -> None:
    """Capture of crm.lead.fields: the flags of a directory field."""
    described = call("crm.lead.fields")["STATUS_ID"]
    assert described.items() >= {"type": "crm_status", "statusType": "STATUS", "isDynamic": False}.items()
