"""Products and product rows put into a portal by tens of thousands: no method is called, nothing is announced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.bitrix24.catalog.fields import FIELDS
from backoffice.sandbox.bitrix24.catalog.properties import DEFAULTS, Kept
from backoffice.sandbox.bitrix24.catalog.rows import ProductRow
from backoffice.sandbox.bitrix24.catalog.store import LONELY_OFFER, OFFERS_IBLOCK, PRODUCTS_IBLOCK, SIMPLE, Product
from backoffice.sandbox.bitrix24.config import WEBHOOK_USER

if TYPE_CHECKING:
    from backoffice.sandbox.bitrix24.portal import Portal


def plant_property(portal: Portal, code: str, name: str, kind: str = "S:DateTime", *, multiple: bool = True) -> int:
    """A property of products; gives its number N, as in `propertyN`."""
    settings = {**DEFAULTS, "code": code, "multiple": "Y" if multiple else "N"}
    return portal.catalog.add_property(PRODUCTS_IBLOCK, name, kind, settings).id


def plant_course(
    portal: Portal, name: str, property_id: int = 0, dates: Iterable[datetime | str] = (), *, kind: int = SIMPLE
) -> int:
    """A product whose property holds the dates: moments, or text as a person wrote it."""
    kept = portal.catalog.kept(dates)
    return _put(portal, PRODUCTS_IBLOCK, kind, name, {property_id: kept} if kept else {}).id


def plant_offer(portal: Portal, parent_id: int, name: str) -> int:
    """A variation of the product, which becomes a parent."""
    link = portal.catalog.kept([parent_id])
    return _put(portal, OFFERS_IBLOCK, LONELY_OFFER, name, {portal.catalog.sku_property_id: link}).id


def redate(portal: Portal, product_id: int, property_id: int, dates: Iterable[datetime | str]) -> None:
    """These dates instead of those there were, as if somebody edited the card: the time of change moves."""
    product, catalog = portal.catalog.products[product_id], portal.catalog
    values = {**product.values, property_id: catalog.kept(dates)}
    fields = {**product.fields, "timestampX": catalog.now()}
    catalog.put(Product(product.id, product.iblock_id, product.type, fields, values))


def plant_rows(
    portal: Portal, owner_id: int, products: Sequence[int | str], price: int = 0, *, entity: str = "DEAL"
) -> None:
    """Rows of the owner besides those it has: a product by number, or a free row by its name.

    The owner's sum stays as it is: plant what the deal costs with the deal.
    """
    rows, amount = portal.crm.product_rows, Decimal(price)
    for one in products:
        known = portal.catalog.products.get(one) if isinstance(one, int) else None
        number, name = (0, one) if isinstance(one, str) else (one, known.name if known else f"[{one}]")
        kind = known.type if known else SIMPLE
        rows.put(ProductRow(rows.next_id(), (entity, owner_id), number, name, amount, type=kind))


def _put(portal: Portal, iblock_id: int, kind: int, name: str, values: dict[int, Kept]) -> Product:
    catalog = portal.catalog
    number, now = catalog.number("product"), catalog.now()
    audit: dict[str, Any] = {"createdBy": WEBHOOK_USER, "modifiedBy": WEBHOOK_USER, "dateCreate": now}
    own = {"name": name, "xmlId": str(number), "timestampX": now}
    return catalog.put(Product(number, iblock_id, kind, {**_BLANK, **audit, **own}, values))


_BLANK = {name: field.typed(field.default) for name, field in FIELDS.items()}
