"""catalog.productProperty.{add,update,get,list,delete}. Official sources: catalog/product-property/*."""

from dataclasses import replace
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.catalog.access import catalog_of, sent_fields
from backoffice.sandbox.bitrix24.catalog.listing import Column, Listing, selected
from backoffice.sandbox.bitrix24.catalog.properties import DEFAULTS, TYPES, Property, check_code
from backoffice.sandbox.bitrix24.catalog.store import Catalog
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import moment
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.registry import method

_REFUSED = "0"  # text in the documents of these methods, a number in those of products
_OWN = ("id", "iblockId", "name", "propertyType", "timestampX")
_NAMES = sorted({*DEFAULTS, *_OWN})
_NUMBERS = {"id", "iblockId", "colCount", "linkIblockId", "multipleCnt", "rowCount", "sort"}


@method("catalog.productProperty.list", "page", "select filter order start", scope="catalog")
def list_(call: Call) -> Page:
    """Of all the catalogue's blocks, unless the filter names one; with start=-1 there is no `total`."""
    names = selected(call, _NAMES)
    rows = Listing(call, _column, _wrong_value).rows(catalog_of(call, _REFUSED).properties.values())
    page = paged(rows, call.params.get("start"), lambda one: _chosen(one, names), "productProperties")
    return replace(page, total=None) if str(call.params.get("start")) == "-1" else page


@method("catalog.productProperty.get", "read", "id", scope="catalog")
def get(call: Call) -> dict[str, Any]:
    return {"productProperty": _chosen(_the_property(call), _NAMES)}


@method("catalog.productProperty.add", "add", "fields", scope="catalog")
def add(call: Call) -> dict[str, Any]:
    catalog, sent = catalog_of(call, _REFUSED), sent_fields(call)
    if any(sent.get(name) in ("", None) for name in ("iblockId", "name", "propertyType")):
        raise Refusal(_REFUSED, "Required fields: iblockId, name, propertyType")
    iblock_id = _iblock(catalog, sent)
    kind = ":".join(filter(None, (str(sent["propertyType"]), str(sent.get("userType") or ""))))
    if kind not in TYPES:
        raise Refusal(_REFUSED, "Invalid property type specified")
    made = catalog.add_property(iblock_id, str(sent["name"]), kind, {**DEFAULTS, **_settings(call, sent)})
    return {"productProperty": _chosen(made, _NAMES)}


@method("catalog.productProperty.update", "update", "id fields", scope="catalog")
def update(call: Call) -> dict[str, Any]:
    """The type stays as it is; iblockId must be sent."""
    catalog, found, sent = catalog_of(call, _REFUSED), _the_property(call), sent_fields(call)
    if sent.get("iblockId") in ("", None):
        raise Refusal(_REFUSED, "Required fields: iblockId")
    _iblock(catalog, sent)
    settings = {**found.settings, **_settings(call, sent)}
    changed = replace(found, name=str(sent.get("name") or found.name), settings=settings, changed=catalog.now())
    catalog.properties[found.id] = changed
    return {"productProperty": _chosen(changed, _NAMES)}


@method("catalog.productProperty.delete", "delete", "id", scope="catalog")
def delete(call: Call) -> bool:
    """With the values that products have in it."""
    catalog_of(call, _REFUSED).delete_property(_the_property(call).id)
    return True


def _the_property(call: Call) -> Property:
    found = catalog_of(call, _REFUSED).properties.get(call.integer("id"))
    if found is None:
        raise Refusal("", "productProperty does not exist.")
    return found


def _iblock(catalog: Catalog, sent: dict[str, Any]) -> int:
    number = int(sent["iblockId"]) if str(sent["iblockId"]).isdigit() else 0
    if number not in catalog.iblocks:
        raise Refusal(_REFUSED, "The specified iblock is not a product catalog")
    return number


def _settings(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    for name in sent:
        if name not in _NAMES:
            call.refuse_unknown(name)
    check_code(str(sent.get("code") or ""))
    return {name: _typed(name, sent[name]) for name in DEFAULTS.keys() & sent.keys() - {"userType"}}


def _wrong_value(name: str) -> Refusal:
    return Refusal(_REFUSED, f"Wrong format of field `{name}`")


def _typed(name: str, raw: Any) -> Any:
    try:
        return _comparable(name, raw)
    except (ValueError, TypeError):
        raise _wrong_value(name) from None


def _comparable(name: str, raw: Any) -> Any:
    if raw in ("", None) or name == "userTypeSettings":
        return raw or None
    if name == "timestampX":
        return moment(str(raw))
    return int(raw) if name in _NUMBERS else str(raw)


def _column(name: str) -> Column[Property] | None:
    if name not in _NAMES:
        return None
    return Column(lambda one: [_value(one, name)], lambda raw: _comparable(name, raw))


def _value(one: Property, name: str) -> Any:
    return one.changed if name == "timestampX" else one.row()[name]


def _chosen(one: Property, names: list[str]) -> dict[str, Any]:
    row = one.row()
    return {name: row[name] for name in names}
