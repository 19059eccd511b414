"""catalog.catalog.{list,get}. Official sources: catalog/catalog/catalog-catalog-*.md."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.catalog.access import catalog_of, wrong_value
from backoffice.sandbox.bitrix24.catalog.listing import Column, Listing, selected
from backoffice.sandbox.bitrix24.catalog.store import PRODUCTS_IBLOCK, Iblock
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.registry import method

_NAMES = list(Iblock(PRODUCTS_IBLOCK, "").row())
_TEXTS = {"lid", "name", "subscription"}


@method("catalog.catalog.list", "page", "select filter order start", scope="catalog")
def list_(call: Call) -> Page:
    """The block of products, whose `productIblockId` is null, and the block of their offers."""
    names = selected(call, _NAMES)
    rows = Listing(call, _column, wrong_value, at_sign=True).rows(catalog_of(call).iblocks.values())
    return paged(
        rows, call.params.get("start"), lambda one: {name: one.row()[name] for name in sorted(names)}, "catalogs"
    )


@method("catalog.catalog.get", "read", "id", scope="catalog")
def get(call: Call) -> dict[str, Any]:
    found = catalog_of(call).iblocks.get(call.integer("id"))
    if found is None:
        raise Refusal(0, "The specified catalog does not exist")  # the real text is unknown
    return {"catalog": found.row()}


def _column(name: str) -> Column[Iblock] | None:
    if name not in _NAMES:
        return None
    return Column(lambda one: [one.row()[name]], str if name in _TEXTS else _number)


def _number(raw: Any) -> int | None:
    return None if raw in ("", None) else int(raw)
