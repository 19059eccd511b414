"""What deals sell: a product, or an offer (variation) of one, whose card holds the dates (catalog/product/offer)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.listing import rows_of
from backoffice.bitrix24.names import ProductField
from backoffice.rules.chunks import chunked

OFFERS = "catalog.product.offer.list"
IDS_A_COMMAND = 50
OFFER = 4


@dataclass(frozen=True)
class Sold:
    """A product in a deal's rows; a row may call itself an offer, and need not."""

    product_id: int
    offer: bool


def sold_of(row: Row) -> Sold | None:
    """A product row; None for one that was typed in by hand and is no product."""
    product_id = int(row.get("productId") or 0)
    return Sold(product_id, str(row.get("type")) == str(OFFER)) if product_id > 0 else None


def find_cards(portal: Portal, field: ProductField, sold: Collection[Sold], known: Mapping[int, int]) -> dict[int, int]:
    """Product -> product whose card holds its dates, for those not known yet; no request if there are none.

    An offer that is gone has no card, so it is left out and asked for again.
    """
    unknown = sorted({own.product_id for own in sold} - known.keys())
    parents = _parents(portal, field, unknown)
    lost = {own.product_id for own in sold if own.offer} - parents.keys() if field.offers_id else set()
    return {product_id: parents.get(product_id, product_id) for product_id in unknown if product_id not in lost}


def _parents(portal: Portal, field: ProductField, product_ids: Collection[int]) -> dict[int, int]:
    if field.offers_id is None:
        return {}
    pages = [Command(OFFERS, _listing(field.offers_id, chunk), chunk) for chunk in chunked(product_ids, IDS_A_COMMAND)]
    rows = [row for page in portal.batch(pages).values() for row in rows_of(OFFERS, page)]
    return {int(row["id"]): _parent(row) or int(row["id"]) for row in rows}


def _listing(iblock_id: int, product_ids: Collection[int]) -> dict[str, Any]:
    return {"select": ["id", "iblockId", "parentId"], "filter": {"iblockId": iblock_id, "id": list(product_ids)}}


def _parent(row: Row) -> int:
    """0 for an offer of nothing."""
    parent = row.get("parentId")
    return int((parent.get("value") if isinstance(parent, Mapping) else parent) or 0)
