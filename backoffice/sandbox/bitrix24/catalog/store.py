"""The catalogue itself: products are found by id, offers by their parent, without looking at all of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.catalog.properties import DEFAULTS, Kept, Property
from backoffice.sandbox.clock import Clock

PRODUCTS_IBLOCK, OFFERS_IBLOCK = 23, 24
SIMPLE, PARENT, OFFER, LONELY_OFFER, EMPTY_PARENT, SERVICE = 1, 3, 4, 5, 6, 7


@dataclass(frozen=True)
class Iblock:
    """An information block of the catalogue; the one of offers knows its products' and the property of the link."""

    id: int
    name: str
    product_iblock_id: int | None = None
    sku_property_id: int | None = None

    def row(self) -> dict[str, Any]:
        """As `catalog.catalog.get` shows it."""
        return {
            "iblockId": self.id,
            "iblockTypeId": 0,
            "id": self.id,
            "lid": "s1",
            "name": self.name,
            "productIblockId": self.product_iblock_id,
            "skuPropertyId": self.sku_property_id,
            "subscription": "N",
            "vatId": None,
        }


@dataclass(frozen=True)
class Product:
    """A product, a service, a parent or an offer; `fields` by the documented names, `values` by property id."""

    id: int
    iblock_id: int
    type: int
    fields: dict[str, Any]
    values: dict[int, Kept] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.fields["name"])


class Catalog:
    """Born with a block of products and a block of offers, as a cloud portal is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = {"property": 96, "product": 0, "value": 9000}
        self.properties: dict[int, Property] = {}
        self.products: dict[int, Product] = {}
        self._offers: defaultdict[int, dict[int, None]] = defaultdict(dict)
        self._parents: dict[int, int] = {}
        link = {**DEFAULTS, "code": "CML2_LINK", "linkIblockId": PRODUCTS_IBLOCK}
        sku = self.add_property(OFFERS_IBLOCK, "Элемент каталога", "E:SKU", link).id
        blocks = (
            Iblock(PRODUCTS_IBLOCK, "Товарный каталог CRM"),
            Iblock(OFFERS_IBLOCK, "Товарный каталог CRM (предложения)", PRODUCTS_IBLOCK, sku),
        )
        self.iblocks = {block.id: block for block in blocks}
        self.sku_property_id = sku

    def number(self, sequence: str) -> int:
        """The next id: properties, products and values count separately."""
        self._numbers[sequence] += 1
        return self._numbers[sequence]

    def now(self) -> datetime:
        return self._clock.now().replace(microsecond=0)

    def add_property(self, iblock_id: int, name: str, kind: str, settings: dict[str, Any]) -> Property:
        added = Property(self.number("property"), iblock_id, name, kind, self.now(), settings)
        self.properties[added.id] = added
        return added

    def delete_property(self, property_id: int) -> None:
        """The values products had in it are gone too."""
        del self.properties[property_id]
        for product in list(self.products.values()):
            if property_id in product.values:
                kept = {number: values for number, values in product.values.items() if number != property_id}
                self.products[product.id] = replace(product, values=kept)

    def properties_of(self, iblock_id: int) -> list[Property]:
        return [one for one in self.properties.values() if one.iblock_id == iblock_id]

    def kept(self, values: Iterable[Any]) -> Kept:
        """Values with new ids."""
        return tuple((self.number("value"), value) for value in values)

    def put(self, product: Product) -> Product:
        """Add the product, or replace the one with its id; what it is a variation of knows it."""
        before, parent = self._parents.pop(product.id, None), self._parent_named(product)
        if before is not None:
            self._offers[before].pop(product.id, None)
        if parent is not None:
            self._offers[parent][product.id] = None
            self._parents[product.id] = parent
        if product.iblock_id == OFFERS_IBLOCK:
            product = replace(product, type=LONELY_OFFER if parent is None else OFFER)
        self.products[product.id] = product
        for changed in {before, parent} - {None}:
            self._retype(changed)
        return product

    def delete(self, product_id: int) -> None:
        """The product with its offers; rows of deals keep their own copy of the name."""
        for offer in list(self._offers.pop(product_id, {})):
            self.delete(offer)
        parent = self._parents.pop(product_id, None)
        self.products.pop(product_id, None)
        if parent is not None and parent in self._offers:
            self._offers[parent].pop(product_id, None)
            self._retype(parent)

    def parent_of(self, offer_id: int) -> int | None:
        return self._parents.get(offer_id)

    def offers_of(self, product_id: int) -> list[int]:
        return list(self._offers.get(product_id, ()))

    def in_block(self, iblock_id: int) -> Iterator[Product]:
        """By id."""
        return (product for product in self.products.values() if product.iblock_id == iblock_id)

    def _parent_named(self, product: Product) -> int | None:
        link = product.values.get(self.sku_property_id) or ()
        return next((int(value) for _, value in link if str(value).isdigit() and int(value) in self.products), None)

    def _retype(self, product_id: int | None) -> None:
        """A product that got a variation is a parent; one that lost its last one is a parent without variations."""
        parent = self.products.get(product_id or 0)
        if parent is not None and parent.iblock_id == PRODUCTS_IBLOCK:
            self.products[parent.id] = replace(parent, type=PARENT if self._offers[parent.id] else EMPTY_PARENT)
