"""Product rows of deals and leads, found by their owner without looking at all of them.

Official sources: crm/universal/product-rows/*; the arithmetic is that of its samples.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from backoffice.sandbox.bitrix24.catalog.fields import plain

Owner = tuple[str, int]  # DEAL and its id
LETTERS = {"DEAL": "D", "LEAD": "L"}
OWNERS = {letter: entity for entity, letter in LETTERS.items()}
PERCENT = 2
_CENT, _HUNDRED, _NOTHING = Decimal("0.01"), Decimal(100), Decimal(0)


@dataclass(frozen=True, slots=True)
class ProductRow:
    """`product_id` 0: a free row; `type` is what the product was when the row was written."""

    id: int
    owner: Owner
    product_id: int
    name: str
    price: Decimal
    quantity: Decimal = Decimal(1)
    type: int = 1
    discount_type: int = PERCENT
    discount_rate: Decimal = _NOTHING
    discount_sum: Decimal = _NOTHING
    tax_rate: Decimal | None = None
    tax_included: str = "N"
    measure_code: int = 796
    measure_name: str = "шт"
    sort: int = 0
    xml_id: str = ""

    @property
    def amount(self) -> Decimal:
        return self.price * self.quantity

    def row(self) -> dict[str, Any]:
        """As `crm.item.productrow.get` shows it: the price is final, the others are what it was made of."""
        factor = 1 + (self.tax_rate or _NOTHING) / _HUNDRED
        exclusive = _cents(self.price / factor)
        netto = self._before_discount(exclusive)
        rate = self.discount_rate if self.discount_type == PERCENT else _share(self.discount_sum, netto)
        return {
            "id": self.id,
            "ownerId": self.owner[1],
            "ownerType": LETTERS[self.owner[0]],
            "productId": self.product_id,
            "productName": self.name,
            "price": plain(self.price),
            "priceAccount": plain(self.price),
            "priceExclusive": plain(exclusive),
            "priceNetto": plain(netto),
            "priceBrutto": plain(_cents(netto * factor)),
            "quantity": plain(self.quantity),
            "discountTypeId": self.discount_type,
            "discountRate": plain(rate),
            "discountSum": plain(netto - exclusive),
            "taxRate": None if self.tax_rate is None else plain(self.tax_rate),
            "taxIncluded": self.tax_included,
            "customized": "Y",
            "measureCode": self.measure_code,
            "measureName": self.measure_name,
            "sort": self.sort,
            "xmlId": self.xml_id,
            "type": self.type,
        }

    def _before_discount(self, exclusive: Decimal) -> Decimal:
        if self.discount_type != PERCENT or self.discount_rate >= _HUNDRED:
            return exclusive + self.discount_sum
        return _cents(exclusive / (1 - self.discount_rate / _HUNDRED))


class ProductRows:
    def __init__(self) -> None:
        self._rows: dict[int, ProductRow] = {}
        self._of: defaultdict[Owner, dict[int, None]] = defaultdict(dict)
        self._last_id = 0

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def get(self, row_id: int) -> ProductRow | None:
        return self._rows.get(row_id)

    def of(self, owner: Owner) -> list[ProductRow]:
        """By id."""
        return [self._rows[number] for number in sorted(self._of.get(owner, ()))]

    def every(self) -> Iterable[ProductRow]:
        return self._rows.values()

    def put(self, row: ProductRow) -> None:
        """Add the row, or replace the one with its id."""
        self._rows[row.id] = row
        self._of[row.owner][row.id] = None

    def remove(self, row: ProductRow) -> None:
        del self._rows[row.id]
        del self._of[row.owner][row.id]

    def forget(self, owner: Owner) -> None:
        """All the rows of an object that is gone, or gets others."""
        for number in self._of.pop(owner, {}):
            del self._rows[number]


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return _cents(part / whole * _HUNDRED) if whole else _NOTHING
