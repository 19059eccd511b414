"""The old façade: `crm.contact|company|lead|deal.*`, names in upper case, every value as text.

Official sources: crm/{contacts,companies,leads,deals}/crm-*-{add,update,get,list}.md; captured answers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.config import PortalConfig
from backoffice.sandbox.bitrix24.crm.multifields import MultifieldChange
from backoffice.sandbox.bitrix24.crm.schema import EntityType, Field
from backoffice.sandbox.bitrix24.crm.search import Search
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.bitrix24.crm.values import shown_by_old_methods, stored
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.php import map_of, values_of

# Accepted and without effect here.
_IGNORED = {"TRACE", "ADDRESS_LOC_ADDR_ID"}


@dataclass(frozen=True)
class OldFacade:
    """One call upon one kind of objects."""

    call: Call
    kind: EntityType

    def item(self, missing: str = "Not found", code: str = "") -> Item:
        """The object of parameter ID, or the refusal with this text."""
        raw = self.call.params.get("ID")
        if not str(raw or "").isdigit() or int(str(raw)) <= 0:
            raise Refusal("", "ID is not defined or invalid.")
        item = self.call.portal.crm.tables[self.kind.name].get(int(str(raw)))
        if item is None:
            raise Refusal(code, missing)
        return item

    def change(self) -> Change:
        """Parameter FIELDS as a change of the store."""
        if not isinstance(self.call.params.get("FIELDS"), Mapping | list):
            raise Refusal("", "Parameter 'fields' must be array.")
        values: dict[str, Any] = {}
        comms: list[MultifieldChange] = []
        for name, raw in self.call.map("FIELDS").items():
            field = self._writable(name)
            if field is not None and field.type == "crm_multifield":
                comms += [_multifield_change(name, entry) for entry in values_of(raw or [])]
            elif field is not None:
                values[name] = self._stored(field, raw)
        return Change(values, tuple(comms))

    def page(self) -> Page:
        """Parameters FILTER, ORDER, SELECT, start."""
        config = self.call.portal.config
        table = self.call.portal.crm.tables[self.kind.name]
        search = Search(table, self._searchable, _bad_filter, config.filter_case_sensitive, _ignored_by(config))
        order = {name: way for name, way in self.call.map("ORDER").items() if self._searchable(name)}
        names = self._selected(self.call.params.get("SELECT"))
        rows, show = search.shown(self._filter(), order, lambda item: self.show(item, names), tuple(names))
        return paged(rows, self.call.params.get("START"), show)

    def card(self, item: Item) -> dict[str, Any]:
        """The whole object, as `get` shows it: a kind of phone or e-mail it has none of is left out."""
        names = [name for name, field in self.kind.fields.items() if not field.write_only]
        return self.show(item, names)

    def show(self, item: Item, names: Iterable[str]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for name in names:
            field = self.kind.fields[name]
            if field.type != "crm_multifield":
                row[name] = shown_by_old_methods(field, item.id if name == "ID" else self._value(item, field))
            elif shown := _multifields(item, name):
                row[name] = shown
        return row

    def _filter(self) -> dict[str, Any]:
        """Parameter FILTER; of several addresses only the first, where the config says so."""
        wanted = self.call.map("FILTER")
        if self.call.portal.config.filters_by_email_list:
            return wanted
        return {name: values_of(raw)[:1] if name.endswith("EMAIL") else raw for name, raw in wanted.items()}

    def _value(self, item: Item, field: Field) -> Any:
        value = item.values.get(field.name, [] if field.multiple else None)
        if isinstance(value, list) and field.dynamic and not self.call.portal.config.keeps_order_of_values:
            return sorted(value, key=str)
        return value

    def _selected(self, raw: Any) -> list[str]:
        wanted = [str(name) for name in values_of(raw or [])] or ["*", "UF_*"]
        shown = {name: field for name, field in self.kind.fields.items() if not field.write_only}
        names: dict[str, None] = {"ID": None}
        for name in wanted:
            if name == "*":
                names.update({key: None for key, field in shown.items() if _plain(field)})
            elif name == "UF_*":
                names.update({key: None for key, field in shown.items() if field.dynamic})
            elif name in shown:
                names[name] = None
            else:
                self.call.refuse_unknown(name)
        return list(names)

    def _searchable(self, name: str) -> Field | None:
        field = self.kind.fields.get(name)
        if field is None or field.write_only:
            self.call.refuse_unknown(name)
            return None
        return field

    def _writable(self, name: str) -> Field | None:
        field = self.kind.fields.get(name)
        if field is None and name not in _IGNORED and not name.startswith("PARENT_ID_"):
            self.call.refuse_unknown(name)
        return None if field is None or field.read_only else field

    def _stored(self, field: Field, raw: Any) -> Any:
        try:
            return stored(field, raw)
        except (ValueError, TypeError):
            raise Refusal("", f"Invalid value of field {field.name}") from None


def _plain(field: Field) -> bool:
    return not field.dynamic and field.type != "crm_multifield"


def _multifields(item: Item, type_id: str) -> list[dict[str, str]]:
    return [
        {"ID": str(entry.id), "VALUE_TYPE": entry.value_type, "VALUE": entry.value, "TYPE_ID": entry.type_id}
        for entry in item.multifields
        if entry.type_id == type_id
    ]


def _multifield_change(type_id: str, raw: Any) -> MultifieldChange:
    entry = map_of(raw)
    known_id = int(entry["ID"]) if entry.get("ID") else None
    value = "" if entry.get("DELETE") == "Y" else str(entry.get("VALUE") or "")
    return MultifieldChange(type_id, value, entry.get("VALUE_TYPE"), known_id)


def _ignored_by(config: PortalConfig) -> frozenset[str]:
    ignored = set() if config.contact_list_finds_origins else {"ORIGINATOR_ID", "ORIGIN_ID"}
    return frozenset(ignored | (set() if config.filters_by_email else {"EMAIL"}))


def _bad_filter(name: str) -> Refusal:
    return Refusal("", f"Invalid filter value of field {name}")
