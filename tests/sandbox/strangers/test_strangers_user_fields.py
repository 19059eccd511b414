"""User fields as foreign clients make them, fill them, list them and take them away."""

from typing import Any

import pytest
from b24pysdk import BitrixWebhook, Client
from fast_bitrix24 import Bitrix

from backoffice.sandbox.bitrix24.crm.userfields import UserField
from backoffice.sandbox.world import World

VISITS = {"USER_TYPE_ID": "integer", "FIELD_NAME": "VISITS", "EDIT_FORM_LABEL": "Посещений"}


def the_field(world: World) -> UserField:
    """The one user field of the portal."""
    [field] = world.portal.crm.userfields.values()
    return field


def test_a_field_is_made_described_changed_and_deleted(sdk: BitrixWebhook, world: World, kind: str) -> None:
    """crm.*.userfield.*: an update changes what is sent and nothing else."""
    userfield = getattr(Client(sdk).crm, kind).userfield
    made = userfield.add(fields=VISITS).result
    assert userfield.get(made).result["FIELD_NAME"] == "UF_CRM_VISITS"
    assert userfield.update(made, {"MANDATORY": "Y", "LIST_COLUMN_LABEL": {"ru": "Визитов"}}).result is True
    field = the_field(world)
    assert (field.name, field.type, field.mandatory, field.label) == ("UF_CRM_VISITS", "integer", True, "Визитов")
    assert world.portal.crm.types[kind.upper()].fields["UF_CRM_VISITS"].required
    assert userfield.delete(made).result is True
    assert "UF_CRM_VISITS" not in world.portal.crm.types[kind.upper()].fields


def test_the_options_of_an_enumeration_are_changed_by_id(sdk: BitrixWebhook, world: World, kind: str) -> None:
    """crm/contacts/userfield/crm-contact-userfield-update.md: ID changes, ID with DEL removes, no ID adds."""
    userfield = getattr(Client(sdk).crm, kind).userfield
    options = [{"VALUE": "Онлайн"}, {"VALUE": "В зале"}]
    made = userfield.add(fields={"USER_TYPE_ID": "enumeration", "FIELD_NAME": "PLACE", "LIST": options}).result
    first, second = (option["ID"] for option in userfield.get(made).result["LIST"])
    changes = [{"ID": first, "VALUE": "В эфире"}, {"ID": second, "DEL": "Y"}, {"VALUE": "В записи"}]
    assert userfield.update(made, {"LIST": changes}).result is True
    assert [(option.id, option.value) for option in the_field(world).options] == [(1, "В эфире"), (3, "В записи")]


@pytest.mark.parametrize("count", [2, 60])
def test_all_fields_are_listed(fast: Bitrix, sdk: BitrixWebhook, kind: str, count: int) -> None:
    """Made in batches by one client, listed by both."""
    fields = [{"fields": {"USER_TYPE_ID": "string", "FIELD_NAME": f"NOTE_{n}"}} for n in range(count)]
    fast.call(f"crm.{kind}.userfield.add", fields)
    method, expected = f"crm.{kind}.userfield.list", {f"UF_CRM_NOTE_{n}" for n in range(count)}
    listed: list[list[dict[str, Any]]] = [fast.get_all(method), sdk.call_list(api_method=method)["result"]]
    assert [{row["FIELD_NAME"] for row in rows} for rows in listed] == [expected, expected]


def test_a_value_goes_in_and_comes_out_under_every_name(
    fast: Bitrix, sdk: BitrixWebhook, kind: str, type_id: int
) -> None:
    """UF_CRM_VISITS for the old methods, ufCrmVisits for the universal ones, or the original if asked."""
    crm = Client(sdk).crm
    assert getattr(crm, kind).userfield.add(fields=VISITS).result == 1
    name = {"NAME": "Анна"} if kind == "contact" else {"TITLE": "Анна"}
    fast.call(f"crm.{kind}.add", [{"fields": {**name, "UF_CRM_VISITS": 7}}, {"fields": {**name, "UF_CRM_VISITS": 8}}])
    assert getattr(crm, kind).get(1).result["UF_CRM_VISITS"] == "7"
    assert crm.item.update(type_id, 1, {"ufCrmVisits": 9}).result["item"]["ufCrmVisits"] == 9
    original = crm.item.get(type_id, 1, use_original_uf_names=True).result["item"]
    assert original["UF_CRM_VISITS"] == 9
    found = fast.get_all(f"crm.{kind}.list", {"filter": {">UF_CRM_VISITS": 8}, "select": ["ID", "UF_*"]})
    assert found == [{"ID": "1", "UF_CRM_VISITS": "9"}]
