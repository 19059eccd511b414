"""Creating a contact by whichever method keeps its addresses on this portal."""

from collections.abc import Mapping
from typing import Any

from backoffice.bitrix24.contacts import CONTACT
from backoffice.rules.portal_facts import PortalFacts

LEGACY = {
    "name": "NAME",
    "secondName": "SECOND_NAME",
    "lastName": "LAST_NAME",
    "originatorId": "ORIGINATOR_ID",
    "originId": "ORIGIN_ID",
}


def adding_method(facts: PortalFacts) -> str:
    """The universal method, which the documents recommend; the legacy one where that loses the addresses."""
    return "crm.item.add" if facts.item_add_takes_fm else "crm.contact.add"


def adding_params(fields: Mapping[str, Any], facts: PortalFacts) -> dict[str, Any]:
    """The parameters of that method for a contact described as crm.item.add has it: `fm`, and user fields by code."""
    if facts.item_add_takes_fm:
        return {"entityTypeId": CONTACT, "useOriginalUfNames": "Y", "fields": dict(fields)}
    plain = {LEGACY.get(name, name): value for name, value in fields.items() if name != "fm"}
    return {"fields": plain | _multifields(fields.get("fm", ()))}


def _multifields(fm: Any) -> dict[str, list[dict[str, str]]]:
    """`{"EMAIL": [{"VALUE", "VALUE_TYPE"}]}` (crm/contacts/crm-contact-add.md)."""
    kinds = dict.fromkeys(one["typeId"] for one in fm)
    return {
        kind: [{"VALUE": one["value"], "VALUE_TYPE": one["valueType"]} for one in fm if one["typeId"] == kind]
        for kind in kinds
    }
