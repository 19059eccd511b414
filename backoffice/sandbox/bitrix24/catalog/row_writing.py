"""Product rows as they are written, and what that does to the sum of their owner.

Official sources: crm/universal/product-rows/crm-item-productrow-{add,set,update}.md, crm/deals/crm-deal-add.md.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.catalog.rows import OWNERS, Owner, ProductRow
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.portal import Portal


def _decimal(raw: Any) -> Decimal:
    return Decimal(str(raw or 0))


def _rate(raw: Any) -> Decimal | None:
    return None if raw in ("", None) else Decimal(str(raw))


# What may be written, and the row's own name for it.
WRITTEN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "productId": ("product_id", lambda raw: int(raw or 0)),
    "productName": ("name", str),
    "price": ("price", _decimal),
    "quantity": ("quantity", _decimal),
    "discountTypeId": ("discount_type", int),
    "discountRate": ("discount_rate", _decimal),
    "discountSum": ("discount_sum", _decimal),
    "taxRate": ("tax_rate", _rate),
    "taxIncluded": ("tax_included", str),
    "measureCode": ("measure_code", int),
    "measureName": ("measure_name", str),
    "sort": ("sort", int),
}


def the_owner(portal: Portal, letter: Any, number: Any) -> Owner:
    """Deals and leads have product rows here; on a portal, quotes, invoices and smart processes too."""
    entity = OWNERS.get(str(letter))
    if entity is None:
        raise Refusal("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    if not str(number).isdigit() or int(number) not in portal.crm.tables[entity]:
        raise Refusal("OWNER_NOT_FOUND", "Owner was not found")
    return entity, int(number)


def new_row(portal: Portal, owner: Owner, sent: Mapping[str, Any]) -> ProductRow:
    """A row with what its product gives: the name unless one is sent, the type, the unit of measure."""
    number = portal.crm.product_rows.next_id()
    return changed_row(portal, ProductRow(number, owner, 0, f"[{number}]", Decimal(0)), sent)


def changed_row(portal: Portal, row: ProductRow, sent: Mapping[str, Any]) -> ProductRow:
    values: dict[str, Any] = {}
    for name, raw in sent.items():
        if name in WRITTEN:
            own, typed = WRITTEN[name]
            values[own] = _typed(name, typed, raw)
    product = portal.catalog.products.get(values.get("product_id") or 0)
    if product is None:
        return replace(row, **values)
    return replace(row, **{"name": product.name, **values, "type": product.type})


def replace_rows(portal: Portal, owner: Owner, rows: Iterable[ProductRow]) -> None:
    """These instead of all there were."""
    portal.crm.product_rows.forget(owner)
    for row in rows:
        portal.crm.product_rows.put(row)


def settle(portal: Portal, owner: Owner, user_id: int) -> None:
    """The sum follows the rows unless it is kept by hand. The time of change stays: see `product_rows_touch_owner`."""
    entity, number = owner
    table = portal.crm.tables[entity]
    item = table.get(number)
    if item is None:
        return
    summed = {"OPPORTUNITY": total(portal.crm.product_rows.of(owner))}
    values = {} if item.values.get("IS_MANUAL_OPPORTUNITY") == "Y" else summed
    if portal.config.product_rows_touch_owner:
        portal.crm.update(entity, item, Change(values), user_id)
    else:
        table.put(replace(item, values={**item.values, **values}))


def refuse_unknown(call: Call, sent: Mapping[str, Any]) -> None:
    for name in sent:
        if name not in WRITTEN and name not in ("ownerId", "ownerType"):
            call.refuse_unknown(name)


def total(rows: Iterable[ProductRow]) -> Decimal:
    return sum((row.amount for row in rows), Decimal(0))


def _typed(name: str, typed: Callable[[Any], Any], raw: Any) -> Any:
    try:
        return typed(raw)
    except (ValueError, TypeError, ArithmeticError):
        raise Refusal("INVALID_ARG_VALUE", f"Invalid value of field '{name}'") from None
