"""The catalogue and product rows as plain JSON, for the dump of the portal."""

from typing import Any

from backoffice.sandbox.bitrix24.catalog.fields import FIELDS, plain, shown
from backoffice.sandbox.bitrix24.catalog.rows import ProductRow
from backoffice.sandbox.bitrix24.catalog.store import Catalog, Product
from backoffice.sandbox.bitrix24.config import PortalConfig


def dump_catalog(catalog: Catalog, config: PortalConfig, *, with_times: bool) -> dict[str, Any]:
    """Properties and products; empty fields and valueIds are left out, offers name their parents."""
    return {
        "product_properties": [
            {"id": one.id, "iblock": one.iblock_id, "code": one.code, "type": one.type, "name": one.name}
            for one in catalog.properties.values()
        ],
        "products": [_product(catalog, config, one, with_times=with_times) for one in catalog.products.values()],
    }


def dump_row(row: ProductRow) -> dict[str, Any]:
    """What is sold to whom: derived prices are left out."""
    return {
        "id": row.id,
        "owner": f"{row.owner[0].lower()} {row.owner[1]}",
        "product": row.product_id,
        "name": row.name,
        "price": plain(row.price),
        "quantity": plain(row.quantity),
        "type": row.type,
    }


def _product(catalog: Catalog, config: PortalConfig, product: Product, *, with_times: bool) -> dict[str, Any]:
    fields = {
        name: shown(product.fields[name])
        for name, field in FIELDS.items()
        if product.fields.get(name) not in (None, "") and (with_times or field.type != "datetime")
    }
    values = {
        found.code or f"property{number}": found.shown(kept, config)
        for number, kept in product.values.items()
        if kept and (found := catalog.properties.get(number)) and number != catalog.sku_property_id
    }
    own = {"id": product.id, "iblock": product.iblock_id, "type": product.type}
    parent = catalog.parent_of(product.id)
    return {**own, **fields, "values": _texts(values), **({"parent": parent} if parent else {})}


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    """Ids of values are the portal's own affair."""
    return {
        name: [one["value"] for one in value] if isinstance(value, list) else value["value"]
        for name, value in values.items()
    }
