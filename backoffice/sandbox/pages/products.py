"""The table of products and the card of one."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from backoffice.sandbox.bitrix24.catalog.properties import Property
from backoffice.sandbox.bitrix24.catalog.store import OFFER, PRODUCTS_IBLOCK, SERVICE, Product
from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.pages.render import NoSuchPage
from backoffice.sandbox.pages.wording import texts
from backoffice.sandbox.world import World

KINDS = {OFFER: "вариация", SERVICE: "услуга"}
MOST_DEALS = 50


def product_table(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """All products and services by id; properties that hold moments are columns."""
    catalog = world.portal.catalog
    dated = [one for one in catalog.properties_of(PRODUCTS_IBLOCK) if one.type == "S:DateTime"]
    products = paged(list(catalog.in_block(PRODUCTS_IBLOCK)), request)
    return "products.html", {
        "products": products,
        "columns": [one.name for one in dated],
        "rows": [
            {**_line(world, product), "cells": [_cell(product, one) for one in dated]} for product in products.rows
        ],
    }


def product_card(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """Properties, variations or the parent, and the deals it is sold in."""
    catalog, number = world.portal.catalog, int(request.path_params["product_id"])
    product = catalog.products.get(number)
    if product is None:
        raise NoSuchPage(f"Товара {number} нет: его удалили.")
    parent = catalog.products.get(catalog.parent_of(number) or 0)
    deals = list(_deals(world, {number, *catalog.offers_of(number)}))
    return "product.html", {
        "product": _line(world, product),
        "parent": _line(world, parent) if parent else None,
        "fields": [(one.name, _cell(product, one)) for one in _own_properties(world, product)],
        "offers": [_line(world, catalog.products[offer]) for offer in catalog.offers_of(number)],
        "deals": deals[:MOST_DEALS],
        "deals_total": len(deals),
    }


def product_address(product: Product) -> str:
    """The address of the product's card."""
    return f"/crm/catalog/{product.iblock_id}/product/{product.id}/"


def _line(world: World, product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "address": product_address(product),
        "name": product.name,
        "kind": KINDS.get(product.type, "товар"),
        "active": product.fields["active"] == "Y",
        "changed": product.fields["timestampX"],
        "offers": len(world.portal.catalog.offers_of(product.id)),
    }


def _own_properties(world: World, product: Product) -> list[Property]:
    """Without the link of an offer to its parent, which is shown by name."""
    catalog = world.portal.catalog
    return [one for one in catalog.properties_of(product.iblock_id) if one.id != catalog.sku_property_id]


def _cell(product: Product, one: Property) -> list[str]:
    return texts([value for _, value in product.values.get(one.id, ())])


def _deals(world: World, products: set[int]) -> Iterator[tuple[str, str]]:
    """Addresses and titles."""
    crm = world.portal.crm
    owners = {row.owner: None for row in crm.product_rows.every() if row.product_id in products}
    for entity, number in sorted(owners):
        item = crm.tables[entity].get(number) if entity == "DEAL" else None
        if item is not None:
            yield f"/crm/deal/details/{number}/", str(item.values["TITLE"])
