"""The universal façade: `crm.item.*`, names in camelCase, numbers as numbers.

Official sources: crm/universal/crm-item-{add,update,get,list,fields}.md, object-fields.md, index.md (user fields).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.crm.multifields import MultifieldChange
from backoffice.sandbox.bitrix24.crm.schema import EntityType, Field
from backoffice.sandbox.bitrix24.crm.search import Search
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.bitrix24.crm.values import shown_by_universal_methods, stored
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.php import map_of, values_of

_FLAT = {"phone": ("PHONE", None), "phoneMobile": ("PHONE", "MOBILE"), "phoneWork": ("PHONE", "WORK")} | {
    "email": ("EMAIL", None),
    "emailHome": ("EMAIL", "HOME"),
    "emailWork": ("EMAIL", "WORK"),
}


@dataclass(frozen=True)
class UniversalFacade:
    """One call upon one kind of objects; user fields go by their original names when the call asks so."""

    call: Call
    kind: EntityType
    original_names: bool

    @classmethod
    def of(cls, call: Call) -> "UniversalFacade":
        """By parameter entityTypeId."""
        number = call.integer("entityTypeId")
        kind = next((kind for kind in call.portal.crm.types.values() if kind.id == number), None)
        if kind is None:
            raise Refusal("NOT_FOUND", "Smart process not found")
        return cls(call, kind, call.params.get("useOriginalUfNames") in ("Y", True, "1", 1))

    def item(self) -> Item:
        item = self.call.portal.crm.tables[self.kind.name].get(self.call.integer("id"))
        if item is None:
            raise Refusal("NOT_FOUND", "Element not found")
        return item

    def change(self) -> Change:
        """Parameter `fields` as a change of the store."""
        values: dict[str, Any] = {}
        comms: tuple[MultifieldChange, ...] = ()
        for name, raw in self.call.map("fields").items():
            if name == "fm":
                comms = tuple(_multifield_changes(raw))
            elif field := self._writable(name):
                values[field.name] = self._stored(field, raw)
        return Change(values, comms)

    def refuse_incomplete(self, values: Mapping[str, Any]) -> None:
        """Required user fields are checked on creation and on a change of stage."""
        for field in self.kind.fields.values():
            if field.required and values.get(field.name) in (None, "", []):
                raise Refusal("CRM_FIELD_ERROR_REQUIRED", f'The "{field.title}" field is required')

    def page(self) -> Page:
        """Parameters filter, order, select, start."""
        table = self.call.portal.crm.tables[self.kind.name]
        config = self.call.portal.config
        ignored = frozenset() if config.item_list_finds_origins else frozenset({"ORIGINATOR_ID", "ORIGIN_ID"})
        search = Search(table, self._searchable, _bad_filter, config.filter_case_sensitive, ignored)
        order = self.call.map("order")
        for name, way in order.items():
            _check_order(name, way, self._listable)
        names = self._selected()
        key = ("universal", self.original_names, names is None, *(names or self._by_name))
        rows, show = search.shown(self.call.map("filter"), order, lambda item: self.show(item, names), key)
        return paged(rows, self.call.params.get("start"), show, "items")

    def show(self, item: Item, names: Iterable[str] | None = None) -> dict[str, Any]:
        """The object, or those of its fields that were selected (`fm` comes only with all of them)."""
        by_name = self._by_name
        if names is not None:
            return {name: self._shown(item, by_name[name]) for name in names if name in by_name}
        whole = {name: self._shown(item, field) for name, field in by_name.items()}
        flat = {name: _first(item, *kind) for name, kind in _FLAT.items()} if "PHONE" in self.kind.fields else {}
        return {**whole, **flat, "fm": _fm(item), "entityTypeId": self.kind.id}

    def name_of(self, field: Field) -> str:
        return field.name if field.dynamic and self.original_names else field.camel

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {self.name_of(field): field for field in self.kind.fields.values() if field.type != "crm_multifield"}

    @property
    def _listable(self) -> Mapping[str, Field]:
        """Only camelCase is documented, but fast-bitrix24 and b24pysdk order by `ID`, and portals let them."""
        return self._by_name if self.call.portal.config.strict else {**self.kind.fields, **self._by_name}

    def _shown(self, item: Item, field: Field) -> Any:
        if field.name == "ID":
            return item.id
        return shown_by_universal_methods(field, item.values.get(field.name, [] if field.multiple else None))

    def _selected(self) -> list[str] | None:
        wanted = [str(name) for name in values_of(self.call.params.get("select") or [])]
        if not wanted or "*" in wanted:
            return None
        for name in wanted:
            if name not in self._by_name and name != "uf_*":
                self.call.refuse_unknown(name)
        return wanted

    def _searchable(self, name: str) -> Field:
        field = self._listable.get(name)
        if field is None:
            raise Refusal("INVALID_ARG_VALUE", f"Invalid filter: field '{name}' is not allowed in filter")
        return field

    def _writable(self, name: str) -> Field | None:
        field = self._by_name.get(name)
        if field is None and not name.startswith("parentId"):
            self.call.refuse_unknown(name)
        return None if field is None or field.read_only else field

    def _stored(self, field: Field, raw: Any) -> Any:
        if field.multiple and not isinstance(raw, list | Mapping) and raw not in ("", None, False):
            raise Refusal(100, f"Expected iterable value for multiple field, but got {type(raw).__name__} instead")
        try:
            return stored(field, raw)
        except (ValueError, TypeError):
            raise Refusal(
                "CRM_FIELD_ERROR_VALUE_NOT_VALID", f'Invalid value for field "{self.name_of(field)}"'
            ) from None


def _multifield_changes(raw: Any) -> Iterable[MultifieldChange]:
    """A list appends; in a map a number is the id to change, other keys (`n0`) append; no `typeId`, no effect."""
    appending = isinstance(raw, list)
    for key, entry in map_of(raw).items():
        known_id = int(key) if key.isdigit() and not appending else None
        sent = map_of(entry)
        if sent.get("typeId"):
            yield MultifieldChange(sent["typeId"], str(sent.get("value") or ""), sent.get("valueType"), known_id)


def _fm(item: Item) -> list[dict[str, Any]]:
    return [
        {"id": entry.id, "valueType": entry.value_type, "value": entry.value, "typeId": entry.type_id}
        for entry in item.multifields
    ]


def _first(item: Item, type_id: str, value_type: str | None) -> str:
    fitting = (
        entry.value for entry in item.multifields if entry.type_id == type_id and value_type in (None, entry.value_type)
    )
    return next(fitting, "")


def _bad_filter(name: str) -> Refusal:
    return Refusal("INVALID_ARG_VALUE", f"Invalid filter: field '{name}' has invalid value")


def _check_order(name: str, way: Any, known: Mapping[str, Field]) -> None:
    if name not in known:
        raise Refusal("INVALID_ARG_VALUE", f"Invalid order: field '{name}' is not allowed in order")
    if str(way).upper() not in {"ASC", "DESC"}:
        allowed = "allowed sort directions are `ASC, DESC`"
        raise Refusal("INVALID_ARG_VALUE", f"Invalid order: {allowed}. But got '{way}' for field '{name}'")
