"""crm.{contact,company,lead,deal}.userfield.update: only what is sent changes.

Official sources: crm/contacts/userfield/crm-contact-userfield-update.md and its likes.
"""

from dataclasses import replace
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.crm.entities import entity_types
from backoffice.sandbox.bitrix24.crm.userfields import Option, UserField
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.methods.userfields import found_field, kind_of, label_of, new_option
from backoffice.sandbox.bitrix24.php import map_of, values_of
from backoffice.sandbox.bitrix24.registry import method

_NAMES = """
MANDATORY SHOW_FILTER XML_ID SETTINGS LIST SORT SHOW_IN_LIST EDIT_IN_LIST IS_SEARCHABLE
LIST_FILTER_LABEL LIST_COLUMN_LABEL EDIT_FORM_LABEL ERROR_MESSAGE HELP_MESSAGE
"""
_KNOWN = frozenset(_NAMES.split())


def update(call: Call) -> bool:
    """Neither the code nor the type nor multiplicity can be changed; such names are ignored."""
    field = found_field(call)
    if not isinstance(call.params.get("FIELDS"), dict | list):
        raise Refusal("", "Parameter 'fields' must be array")
    sent = call.map("FIELDS")
    for name in sent.keys() - _KNOWN:
        call.refuse_unknown(name)
    changed = _changed(call, field, sent)
    call.portal.crm.userfields[field.id] = changed
    kind_of(call).fields[field.name] = changed.as_field()
    return True


for _entity in entity_types().values():
    method(f"{_entity.prefix}.userfield.update", "update", "id fields", scope="crm", case="any")(update)


def _changed(call: Call, field: UserField, sent: dict[str, Any]) -> UserField:
    return replace(
        field,
        mandatory=sent["MANDATORY"] == "Y" if "MANDATORY" in sent else field.mandatory,
        label=label_of(sent) or field.label,
        xml_id=sent.get("XML_ID", field.xml_id),
        sort=int(sent.get("SORT") or field.sort),
        settings={**field.settings, **map_of(sent.get("SETTINGS"))},
        options=_options(call, field, [map_of(option) for option in values_of(sent.get("LIST") or [])]),
    )


def _options(call: Call, field: UserField, sent: list[dict[str, Any]]) -> tuple[Option, ...]:
    """With ID an option is changed or, with DEL, removed; without it one is added; the others stay."""
    by_id = {str(option["ID"]): option for option in sent if option.get("ID")}
    gone = {number for number, option in by_id.items() if option.get("DEL") == "Y"}
    kept = [_option(option, by_id.get(str(option.id), {})) for option in field.options if str(option.id) not in gone]
    added = [new_option(call.portal.crm.number("option"), option) for option in sent if not option.get("ID")]
    return (*kept, *added)


def _option(option: Option, sent: dict[str, Any]) -> Option:
    return Option(
        option.id,
        str(sent.get("VALUE", option.value)),
        int(sent.get("SORT", option.sort)),
        sent["DEF"] == "Y" if "DEF" in sent else option.default,
        str(sent.get("XML_ID", option.xml_id)),
    )
