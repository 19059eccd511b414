"""One call upon products of some kinds: which there are, how they are shown, what is written.

Official sources: catalog/product/catalog-product-{add,update,get,list}.md, the same for offers and parents.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.catalog.access import NO_ELEMENT, catalog_of, the_iblock, wrong_value
from backoffice.sandbox.bitrix24.catalog.fields import FIELDS, shown
from backoffice.sandbox.bitrix24.catalog.listing import Column, Listing, selected
from backoffice.sandbox.bitrix24.catalog.properties import Property
from backoffice.sandbox.bitrix24.catalog.store import OFFERS_IBLOCK, Catalog, Product
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.php import values_of


@dataclass(frozen=True)
class Group:
    """A family of methods: `catalog.product.offer.*` knows offers only; without `types` it knows every product."""

    prefix: str
    one: str
    many: str
    written: str  # the key add and update answer under
    types: frozenset[int] = frozenset()
    new_type: int = 1


@dataclass(frozen=True)
class Products:
    call: Call
    group: Group
    catalog: Catalog

    @classmethod
    def of(cls, call: Call, group: Group) -> "Products":
        return cls(call, group, catalog_of(call))

    def product(self) -> Product:
        """By parameter `id`; how a portal answers about one that is gone leaves room: `missing_product`."""
        found = self.catalog.products.get(self.call.integer("id"))
        if found is not None and self._covers(found):
            return found
        if self.call.portal.config.missing_product == "access_denied":
            raise Refusal(NO_ELEMENT, "Access Denied")
        raise Refusal(0, "Product is not exists")

    def page(self) -> Page:
        """Parameters select and filter must have their obligatory members."""
        iblock = self._asked_iblock()
        names = selected(self.call, [*FIELDS, *self._property_names(iblock)])
        listing: Listing[Product] = Listing(self.call, self._column, wrong_value)
        rows = listing.rows(one for one in self._candidates(iblock) if self._covers(one))
        return paged(rows, self.call.params.get("start"), lambda one: self.show(one, names), self.group.many)

    def card(self, product: Product) -> dict[str, Any]:
        """The whole product, as get, add and update show it: fewer fields than a list, and a price as text."""
        own = [name for name, field in FIELDS.items() if not field.listed]
        row = self.show(product, [*own, *self._property_names(product.iblock_id)])
        price = product.fields.get("purchasingPrice")
        return row if price is None else row | {"purchasingPrice": f"{price:.6f}"}

    def show(self, product: Product, names: Iterable[str]) -> dict[str, Any]:
        own = {"id": product.id, "iblockId": product.iblock_id, "type": product.type}
        row = {name: shown(own.get(name, product.fields.get(name))) for name in names if name in FIELDS}
        row |= {name: self._property(product, name) for name in names if name not in FIELDS}
        return dict(sorted(row.items()))

    def _property(self, product: Product, name: str) -> Any:
        found = self._property_named(name)
        return found.shown(product.values.get(found.id, ()), self.call.portal.config) if found else None

    def _property_named(self, name: str) -> Property | None:
        number = self.catalog.sku_property_id if name == "parentId" else _number_in(name)
        return self.catalog.properties.get(number)

    def _property_names(self, iblock_id: int) -> list[str]:
        """The property of the link is called parentId by the methods of offers."""
        link = self.catalog.sku_property_id if self.group.prefix.endswith("offer") else 0
        numbers = [one.id for one in self.catalog.properties_of(iblock_id)]
        return ["parentId" if number == link else f"property{number}" for number in numbers]

    def _covers(self, product: Product) -> bool:
        """Only simple products are documented for `catalog.product.*`: see `product_methods_see_every_type`."""
        if not self.group.types and not self.call.portal.config.product_methods_see_every_type:
            return product.type == self.group.new_type
        return not self.group.types or product.type in self.group.types

    def _asked_iblock(self) -> int:
        select = [str(name) for name in values_of(self.call.params.get("select") or [])]
        if missing := [name for name in ("id", "iblockId") if name not in select]:
            raise Refusal(0, f"Required select fields: {', '.join(missing)}")
        asked = self.call.map("filter").get("iblockId")
        if asked in (None, ""):
            raise Refusal(0, "Required filter fields: iblockId")
        return the_iblock(self.catalog, asked).id

    def _candidates(self, iblock_id: int) -> Iterable[Product]:
        wanted = self.call.map("filter")
        ids = wanted.get("id", wanted.get("=id"))
        if ids is None:
            return self.catalog.in_block(iblock_id)
        numbers = sorted({int(one) for one in values_of(ids) if str(one).isdigit()})
        if self.call.portal.config.missing_product_in_list == "refused" and set(numbers) - self.catalog.products.keys():
            raise Refusal(0, "Product is not exists")
        return [found for number in numbers if (found := self.catalog.products.get(number))]

    def _column(self, name: str) -> Column[Product] | None:
        if field := FIELDS.get(name):
            return Column(lambda one: [_field_value(one, name)], field.typed)
        found = self._property_named(name)
        if found is None or (found.iblock_id == OFFERS_IBLOCK) != (self._asked_iblock() == OFFERS_IBLOCK):
            return None
        return Column(
            lambda one: found.comparable(one.values.get(found.id, ())),
            lambda raw: None if raw in ("", None) else found.typed(raw),
        )


def _field_value(product: Product, name: str) -> Any:
    own = {"id": product.id, "iblockId": product.iblock_id, "type": product.type}
    return own[name] if name in own else product.fields.get(name)


def _number_in(name: str) -> int:
    found = re.fullmatch(r"property(\d+)", name)
    return int(found[1]) if found else 0
