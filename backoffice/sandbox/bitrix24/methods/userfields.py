"""crm.{contact,company,lead,deal}.userfield.{add,get,list,delete}.

Official sources: crm/contacts/userfield/* and its likes for companies, leads and deals.
"""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.crm.entities import entity_types
from backoffice.sandbox.bitrix24.crm.schema import EntityType
from backoffice.sandbox.bitrix24.crm.userfields import TYPES, Option, UserField, full_name
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.paging import ordered, unpaged
from backoffice.sandbox.bitrix24.php import map_of, values_of
from backoffice.sandbox.bitrix24.registry import method

_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")
_NAMES = """
USER_TYPE_ID FIELD_NAME LABEL XML_ID SORT MULTIPLE MANDATORY SHOW_FILTER SHOW_IN_LIST EDIT_IN_LIST IS_SEARCHABLE
SETTINGS LIST ERROR_MESSAGE HELP_MESSAGE EDIT_FORM_LABEL LIST_COLUMN_LABEL LIST_FILTER_LABEL
"""
_KNOWN = frozenset(_NAMES.split())


def kind_of(call: Call) -> EntityType:
    """The kind of objects the method's name speaks of."""
    return call.portal.crm.types[call.method.split(".")[1].upper()]


def add(call: Call) -> int:
    kind, sent = kind_of(call), call.map("FIELDS")
    for name in sent.keys() - _KNOWN:
        call.refuse_unknown(name)
    field = _read(call, kind, sent)
    if field.name in kind.fields:
        raise Refusal("ERROR_CORE", f"The field {field.name} for the object {field.entity_id} already exists.")
    call.portal.crm.userfields[field.id] = field
    kind.fields[field.name] = field.as_field()
    return field.id


def get(call: Call) -> dict[str, Any]:
    """Labels by language; the sandbox speaks one."""
    field = found_field(call)
    return _shown(field) | _labels({"ru": field.label})


def list_(call: Call) -> Page:
    """The labels people gave come only when the filter names a language (LANG)."""
    entity, wanted_fields = kind_of(call).userfield_entity, call.map("FILTER")
    labelled = wanted_fields.pop("LANG", None) is not None
    every = [row for row in call.portal.crm.userfields.values() if row.entity_id == entity]
    rows = [_shown(row) | (_labels(row.label) if labelled else {}) for row in every]
    for name, wanted in wanted_fields.items():
        rows = [row for row in rows if str(row.get(name)) in {str(value) for value in values_of(wanted)}]
    order = call.map("ORDER") or {"SORT": "ASC", "ID": "ASC"}
    return unpaged(list(ordered(rows, order, lambda row, name: int(row[name]) if name in _NUMBERS else row.get(name))))


def delete(call: Call) -> bool:
    """The field and its values in every object."""
    field, kind = found_field(call), kind_of(call)
    del call.portal.crm.userfields[field.id]
    del kind.fields[field.name]
    for item in call.portal.crm.tables[kind.name]:
        item.values.pop(field.name, None)
    return True


_NUMBERS = {"ID", "SORT"}

for _entity in entity_types().values():
    _prefix = f"{_entity.prefix}.userfield"
    method(f"{_prefix}.add", "add", "fields", scope="crm", case="any")(add)
    method(f"{_prefix}.get", "read", "id", scope="crm", case="any")(get)
    method(f"{_prefix}.list", "page", "filter order", scope="crm", case="any")(list_)
    method(f"{_prefix}.delete", "delete", "id", scope="crm", case="any")(delete)


def _read(call: Call, kind: EntityType, sent: dict[str, Any]) -> UserField:
    type_id = str(sent.get("USER_TYPE_ID") or "")
    if not type_id:
        raise Refusal("", "The 'USER_TYPE_ID' field is not found.")
    if type_id not in TYPES:
        raise Refusal("", "Incorrect custom type specified")
    crm = call.portal.crm
    options = [map_of(option) for option in values_of(sent.get("LIST") or [])]
    return UserField(
        id=crm.number("userfield"),
        entity_id=kind.userfield_entity,
        name=full_name(str(sent.get("FIELD_NAME") or "")),
        type=type_id,
        multiple=sent.get("MULTIPLE") == "Y",
        mandatory=sent.get("MANDATORY") == "Y",
        label=label_of(sent),
        xml_id=sent.get("XML_ID"),
        sort=int(sent.get("SORT") or 100),
        settings=map_of(sent.get("SETTINGS")),
        options=tuple(new_option(crm.number("option"), option) for option in options),
    )


def label_of(sent: dict[str, Any]) -> str | None:
    """One text for all languages, or a map by language; the Russian one is the portal's."""
    for name in ("LABEL", *_LABELS):
        given = sent.get(name)
        if isinstance(given, dict):
            given = given.get("ru") or next(iter(given.values()), None)
        if given:
            return str(given)
    return None


def new_option(number: int, sent: dict[str, Any]) -> Option:
    """An entry of LIST as an option with this id."""
    return Option(
        number, str(sent["VALUE"]), int(sent.get("SORT") or 500), sent.get("DEF") == "Y", str(sent.get("XML_ID") or "")
    )


def found_field(call: Call) -> UserField:
    """The field of parameter ID, or the refusal."""
    field = call.portal.crm.userfields.get(call.integer("ID"))
    if field is None or field.entity_id != kind_of(call).userfield_entity:
        raise Refusal("ERROR_NOT_FOUND", "The entity with ID is not found.")
    return field


def _labels(label: object) -> dict[str, object]:
    return dict.fromkeys(_LABELS, label)


def _shown(field: UserField) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ID": str(field.id),
        "ENTITY_ID": field.entity_id,
        "FIELD_NAME": field.name,
        "USER_TYPE_ID": field.type,
        "XML_ID": field.xml_id,
        "SORT": str(field.sort),
        "MULTIPLE": "Y" if field.multiple else "N",
        "MANDATORY": "Y" if field.mandatory else "N",
        "SHOW_FILTER": "E",
        "SHOW_IN_LIST": "Y",
        "EDIT_IN_LIST": "Y",
        "IS_SEARCHABLE": "N",
        "SETTINGS": field.settings,
    }
    if field.type == "enumeration":
        row["LIST"] = [
            {"ID": str(option.id), "SORT": str(option.sort), "VALUE": option.value, "XML_ID": option.xml_id}
            | {"DEF": "Y" if option.default else "N"}
            for option in field.options
        ]
    return row
