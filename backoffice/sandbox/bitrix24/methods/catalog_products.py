"""catalog.product.{add,update,get,list,delete}, and the same of offers, parents and services.

Official sources: catalog/product/*, catalog/product/offer/*, catalog/product/sku/*, catalog/product/service/*.
"""

from collections.abc import Callable
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.catalog.access import catalog_of
from backoffice.sandbox.bitrix24.catalog.products import Group, Products
from backoffice.sandbox.bitrix24.catalog.store import EMPTY_PARENT, LONELY_OFFER, OFFER, PARENT, SERVICE
from backoffice.sandbox.bitrix24.catalog.writing import created, updated
from backoffice.sandbox.bitrix24.registry import method

# `catalog.product.add` answers under `element`, the other families under their own name.
GROUPS = (
    Group("catalog.product", "product", "products", "element"),
    Group("catalog.product.offer", "offer", "offers", "offer", frozenset({OFFER, LONELY_OFFER}), LONELY_OFFER),
    Group("catalog.product.sku", "sku", "units", "sku", frozenset({PARENT, EMPTY_PARENT}), EMPTY_PARENT),
    Group("catalog.product.service", "service", "services", "service", frozenset({SERVICE}), SERVICE),
)


def _adding(group: Group) -> Callable[[Call], dict[str, Any]]:
    def add(call: Call) -> dict[str, Any]:
        made = created(call, catalog_of(call), group.new_type, offers=group.new_type == LONELY_OFFER)
        return {group.written: Products.of(call, group).card(made)}

    return add


def _updating(group: Group) -> Callable[[Call], dict[str, Any]]:
    def update(call: Call) -> dict[str, Any]:
        products = Products.of(call, group)
        changed = updated(call, products.catalog, products.product())
        return {group.written: products.card(changed)}

    return update


def _getting(group: Group) -> Callable[[Call], dict[str, Any]]:
    def get(call: Call) -> dict[str, Any]:
        products = Products.of(call, group)
        return {group.one: products.card(products.product())}

    return get


def _listing(group: Group) -> Callable[[Call], Page]:
    def list_(call: Call) -> Page:
        return Products.of(call, group).page()

    return list_


def _deleting(group: Group) -> Callable[[Call], bool]:
    def delete(call: Call) -> bool:
        """Offers go with their parent."""
        products = Products.of(call, group)
        products.catalog.delete(products.product().id)
        return True

    return delete


for _group in GROUPS:
    method(f"{_group.prefix}.add", "add", "fields", scope="catalog")(_adding(_group))
    method(f"{_group.prefix}.update", "update", "id fields", scope="catalog")(_updating(_group))
    method(f"{_group.prefix}.get", "read", "id", scope="catalog")(_getting(_group))
    method(f"{_group.prefix}.list", "page", "select filter order start", scope="catalog")(_listing(_group))
    method(f"{_group.prefix}.delete", "delete", "id", scope="catalog")(_deleting(_group))
