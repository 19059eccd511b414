"""What was sent in `fields` becomes a product.

Official sources: catalog/product/catalog-product-{add,update}.md, catalog/product/offer/catalog-product-offer-add.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.catalog.access import sent_fields, the_iblock, wrong_value
from backoffice.sandbox.bitrix24.catalog.fields import FIELDS
from backoffice.sandbox.bitrix24.catalog.properties import Kept, Property
from backoffice.sandbox.bitrix24.catalog.store import Catalog, Product
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.php import map_of, values_of

# Accepted and without effect here: sections and pictures are not kept.
_IGNORED = {"IblockSection", "iblockId"}


def created(call: Call, catalog: Catalog, kind: int, *, offers: bool) -> Product:
    """A new product with its defaults; a code is unique in its block."""
    sent = sent_fields(call)
    if missing := [name for name in ("iblockId", "name") if sent.get(name) in ("", None)]:
        raise Refusal(0, f"Required fields: {', '.join(missing)}")
    block = the_iblock(catalog, sent["iblockId"])
    if (block.product_iblock_id is not None) != offers:
        raise Refusal(0, "Product type is not allowed in the iblock")  # the real text is unknown
    now, number = catalog.now(), catalog.number("product")
    audit = {"createdBy": call.user_id, "modifiedBy": call.user_id, "dateCreate": now, "xmlId": str(number)}
    fields = {**_defaults(), **audit, **_fields(call, sent), "timestampX": now}
    _refuse_second_code(catalog, block.id, fields["code"], but=0)
    values = dict(_values(call, catalog, Product(number, block.id, kind, {}), sent))
    return catalog.put(Product(number, block.id, kind, fields, values))


def updated(call: Call, catalog: Catalog, product: Product) -> Product:
    """Properties that were not sent stay; of one that was, the values whose valueId was not sent are gone."""
    sent = sent_fields(call)
    if str(sent.get("iblockId") or product.iblock_id) != str(product.iblock_id):
        raise Refusal(0, f"Product - {product.id} is not exists in catalog - {sent['iblockId']}")
    fields = {**product.fields, **_audit(call, catalog, sent), **_fields(call, sent)}
    _refuse_second_code(catalog, product.iblock_id, fields["code"], but=product.id)
    values = {**product.values, **dict(_values(call, catalog, product, sent))}
    return catalog.put(replace(product, fields=fields, values=values))


def _audit(call: Call, catalog: Catalog, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Whether an edit of properties alone counts as one is not documented: `product_edits_move_timestamp`."""
    only_properties = all(_is_property(name) or name in _IGNORED for name in sent)
    if only_properties and not call.portal.config.product_edits_move_timestamp:
        return {}
    return {"modifiedBy": call.user_id, "timestampX": catalog.now()}


def _defaults() -> dict[str, Any]:
    return {name: field.typed(field.default) for name, field in FIELDS.items()}


def _fields(call: Call, sent: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, raw in sent.items():
        field = FIELDS.get(name)
        if field is None or field.read_only or field.type == "file":
            if not _is_property(name) and name not in _IGNORED and field is None:
                call.refuse_unknown(name)
            continue
        try:
            result[name] = field.typed(raw)
        except (ValueError, TypeError, ArithmeticError):
            raise wrong_value(name) from None
    return result


def _values(call: Call, catalog: Catalog, product: Product, sent: Mapping[str, Any]) -> Iterator[tuple[int, Kept]]:
    for name, raw in sent.items():
        if not _is_property(name):
            continue
        number = catalog.sku_property_id if name == "parentId" else int(name.removeprefix("property") or 0)
        found = catalog.properties.get(number)
        if found is None or found.iblock_id != product.iblock_id:
            call.refuse_unknown(name)
            continue
        yield found.id, _kept(call, catalog, found, product.values.get(found.id, ()), raw)


def _kept(call: Call, catalog: Catalog, found: Property, old: Kept, raw: Any) -> Kept:
    """A value whose valueId was sent keeps it, every other one is new."""
    known = {str(number) for number, _ in old}
    result = []
    for item in _items(raw, multiple=found.multiple):
        entry = map_of(item) if isinstance(item, Mapping) else {"value": item}
        if entry.get("value") in ("", None, False):
            continue
        value, sent_id = found.stored(entry["value"], call.portal.config), str(entry.get("valueId"))
        result.append((int(sent_id) if sent_id in known else catalog.number("value"), value))
    return tuple(result)


def _items(raw: Any, *, multiple: bool) -> list[Any]:
    if isinstance(raw, Mapping) and "value" in raw:
        return [raw]
    items = values_of(raw) if raw not in ("", None, False) else []
    return items if multiple else items[:1]


def _is_property(name: str) -> bool:
    return name == "parentId" or (name.startswith("property") and name.removeprefix("property").isdigit())


def _refuse_second_code(catalog: Catalog, iblock_id: int, code: Any, *, but: int) -> None:
    if code and any(one.fields["code"] == code and one.id != but for one in catalog.in_block(iblock_id)):
        raise Refusal(0, "Product with the specified symbolic code already exists")  # the real text is unknown
