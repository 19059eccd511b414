"""User fields of contacts, deals, companies, leads."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


@pytest.mark.parametrize("sent", ["VISITS", "UF_VISITS", "UF_CRM_VISITS", "visits"])
def test_the_prefix_comes_by_itself(call: Call, sent: str) -> None:
    """crm/contacts/userfield/crm-contact-userfield-add.md."""
    assert call("crm.contact.userfield.add", fields={"USER_TYPE_ID": "integer", "FIELD_NAME": sent}) == 1
    [row] = call("crm.contact.userfield.list", filter={"FIELD_NAME": "UF_CRM_VISITS"})
    assert row.items() >= {"ID": "1", "ENTITY_ID": "CRM_CONTACT", "USER_TYPE_ID": "integer", "MULTIPLE": "N"}.items()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"FIELD_NAME": "X"}, ""),
        ({"USER_TYPE_ID": "string"}, ""),
        ({"USER_TYPE_ID": "string", "FIELD_NAME": "X" * 44}, "ERROR_CORE"),
        ({"USER_TYPE_ID": "string", "FIELD_NAME": "ПОЛЕ"}, "ERROR_CORE"),
    ],
)
def test_bad_settings_are_refused(ask: Ask, fields: dict[str, str], error: str) -> None:
    """crm/contacts/userfield/crm-contact-userfield-add.md, section on errors."""
    answer = ask("crm.contact.userfield.add", fields=fields)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_second_field_with_the_name_is_refused(ask: Ask, call: Call) -> None:
    """crm/contacts/userfield/crm-contact-userfield-add.md: the code is unique within contacts only."""
    field = {"USER_TYPE_ID": "string", "FIELD_NAME": "VISITS"}
    call("crm.contact.userfield.add", fields=field)
    assert ask("crm.contact.userfield.add", fields=field).status_code == 400
    assert call("crm.deal.userfield.add", fields=field) > 0


def test_labels_come_only_with_a_language(call: Call) -> None:
    """crm/contacts/userfield/crm-contact-userfield-list.md: filter LANG; -get.md: a map by language."""
    call("crm.contact.userfield.add", fields={"USER_TYPE_ID": "string", "FIELD_NAME": "X", "LABEL": "Посещено"})
    assert "EDIT_FORM_LABEL" not in call("crm.contact.userfield.list")[0]
    assert call("crm.contact.userfield.list", filter={"LANG": "ru"})[0]["EDIT_FORM_LABEL"] == "Посещено"
    assert call("crm.contact.userfield.get", id=1)["EDIT_FORM_LABEL"] == {"ru": "Посещено"}
    assert call("crm.contact.fields")["UF_CRM_X"]["formLabel"] == "Посещено"


def test_values_by_type_in_both_facades(call: Call) -> None:
    """crm/data-types.md; a date is midnight UTC with the portal's offset (capture crm_item_list)."""
    kinds = {"COUNT": "integer", "FIRST": "date", "SEEN": "datetime", "RATE": "double", "VIP": "boolean"}
    for name, kind in kinds.items():
        call("crm.contact.userfield.add", fields={"USER_TYPE_ID": kind, "FIELD_NAME": name})
    values = {
        "UF_CRM_COUNT": 3,
        "UF_CRM_FIRST": "2026-03-01",
        "UF_CRM_SEEN": "2026-03-01T10:00:00Z",
        "UF_CRM_RATE": "1.5",
        "UF_CRM_VIP": "Y",
    }
    call("crm.contact.add", fields={"NAME": "Анна", **values})
    old = call("crm.contact.list", select=["UF_*"])[0]
    new = call("crm.item.get", entityTypeId=3, id=1)["item"]
    assert (old["UF_CRM_COUNT"], new["ufCrmCount"]) == ("3", 3)
    assert old["UF_CRM_FIRST"] == new["ufCrmFirst"] == "2026-03-01T03:00:00+03:00"
    assert old["UF_CRM_SEEN"] == new["ufCrmSeen"] == "2026-03-01T13:00:00+03:00"
    assert (old["UF_CRM_RATE"], new["ufCrmRate"]) == ("1.5", 1.5)
    assert (old["UF_CRM_VIP"], new["ufCrmVip"]) == ("1", "Y")


def test_a_multiple_enumeration_keeps_ids_of_its_options(ask: Ask, call: Call) -> None:
    """crm/contacts/userfield/crm-contact-userfield-add.md: LIST; any of the ids can be filtered by."""
    options = [{"VALUE": "Семинар"}, {"VALUE": "Вебинар"}]
    fields = {"USER_TYPE_ID": "enumeration", "FIELD_NAME": "KINDS", "MULTIPLE": "Y", "LIST": options}
    number = call("crm.contact.userfield.add", fields=fields)
    ids = [int(option["ID"]) for option in call("crm.contact.userfield.get", id=number)["LIST"]]
    call("crm.contact.add", fields={"NAME": "Анна", "UF_CRM_KINDS": ids})
    call("crm.contact.add", fields={"NAME": "Олег"})
    found = call("crm.contact.list", filter={"UF_CRM_KINDS": ids[1]}, select=["NAME", "UF_CRM_KINDS"])
    assert found == [{"ID": "1", "NAME": "Анна", "UF_CRM_KINDS": [str(option) for option in ids]}]
    assert call("crm.item.get", entityTypeId=3, id=2)["item"]["ufCrmKinds"] == []
    assert ask("crm.contact.add", fields={"NAME": "Иван", "UF_CRM_KINDS": [999]}).status_code == 400


def test_a_deleted_field_takes_its_values_along(ask: Ask, call: Call) -> None:
    """crm/contacts/userfield/crm-contact-userfield-delete.md."""
    call("crm.contact.userfield.add", fields={"USER_TYPE_ID": "string", "FIELD_NAME": "X"})
    call("crm.contact.add", fields={"NAME": "Анна", "UF_CRM_X": "1"})
    assert call("crm.contact.userfield.delete", id=1) is True
    assert "UF_CRM_X" not in call("crm.contact.get", id=1)
    assert ask("crm.contact.userfield.get", id=1).status_code == 400


def test_a_required_field_is_checked_by_the_universal_methods(ask: Ask, call: Call) -> None:
    """crm/universal/crm-item-add.md: CRM_FIELD_ERROR_REQUIRED; the old methods do not check."""
    call("crm.contact.userfield.add", fields={"USER_TYPE_ID": "string", "FIELD_NAME": "X", "MANDATORY": "Y"})
    answer = ask("crm.item.add", entityTypeId=3, fields={"name": "Анна"})
    assert answer.json()["error"] == "CRM_FIELD_ERROR_REQUIRED"
    assert call("crm.contact.add", fields={"NAME": "Анна"}) == 1
