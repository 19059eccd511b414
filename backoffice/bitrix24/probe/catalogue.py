"""What to know of courses: how products show moments, how they and their edits are found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.catalogues import read_catalogues
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.courses import texts_of
from backoffice.bitrix24.creation import create
from backoffice.bitrix24.errors import RequestRefused
from backoffice.bitrix24.listing import rows_of
from backoffice.bitrix24.shape import read_server_time
from backoffice.bitrix24.wire import as_map
from backoffice.rules.portal_actions import CreateProductField
from backoffice.rules.portal_probe import MARK, ORIGINATOR, PRODUCT_FIELD, course_date_facts

Found = dict[str, Any]

LISTING = "catalog.product.list"
OTHER_KINDS = ("catalog.product.service.add", "catalog.product.sku.add")
WRITTEN = datetime(2026, 2, 3, 13, 45, 56)  # noqa: DTZ001 — the portal's own, whatever its zone
DAY, LATER = timedelta(days=1), timedelta(days=3)
ELSEWHERE = timezone(timedelta(hours=-5))
LOOKS, PAUSE_SECONDS = 5, 3.0
"""A portal's database may show a change later than the change's own time says."""


@dataclass(frozen=True)
class Shelf:
    """The throw-away products: their catalogue, and how they show the throw-away field."""

    portal: Portal
    iblock_id: int
    field: str

    def add(self) -> int:
        """A simple product without dates."""
        return _id(self.portal.call("catalog.product.add", fields=self.card()))

    def card(self) -> dict[str, Any]:
        """What each of them has."""
        return {"iblockId": self.iblock_id, "name": MARK, "xmlId": ORIGINATOR}

    def put(self, product_id: int, values: list[str]) -> None:
        """These dates into the product, and nothing else."""
        fields = {"iblockId": self.iblock_id, self.field: [{"value": text} for text in values]}
        self.portal.call("catalog.product.update", id=product_id, fields=fields)

    def rows(self, condition: Mapping[str, Any]) -> dict[int, Row]:
        """The newest of those that fit, by id."""
        params = {"select": ["id", "iblockId", self.field], "order": {"id": "DESC"}}
        answer = self.portal.call(LISTING, **params, filter={"iblockId": self.iblock_id, **condition})
        return {int(row["id"]): row for row in rows_of(LISTING, answer)}


def try_catalogue(portal: Portal, found: Found, *, zone: tzinfo) -> None:
    """Fill in the facts about courses, on products and a field of its own; `zone` is the portal's.

    RequestRefused or BatchFailed where the portal forbids it. A portal without a catalogue tells nothing.
    """
    catalogues = read_catalogues(portal.call("catalog.catalog.list"), ())
    if not catalogues:
        return
    shelf = _shelf(portal, catalogues[0].id)
    product = shelf.add()
    found["product_edits_move_timestamp"] = _edit_shows(shelf, product, zone)
    texts = list(texts_of(shelf.rows({"id": [product]})[product].get(shelf.field)))
    written = WRITTEN.replace(tzinfo=zone)
    found |= course_date_facts(texts, (written, written + LATER), zone)
    if others := _others(shelf):
        found["product_list_sees_every_type"] = others == shelf.rows({"id": list(others)}).keys()
    found["missing_products_left_out"] = _left_out(shelf, product)


def _shelf(portal: Portal, iblock_id: int) -> Shelf:
    create(portal, [CreateProductField(iblock_id, PRODUCT_FIELD)])
    wanted = {"iblockId": iblock_id, "code": PRODUCT_FIELD.code}
    (field,) = portal.rows("catalog.productProperty.list", filter=wanted)
    return Shelf(portal, iblock_id, f"property{field['id']}")


def _edit_shows(shelf: Shelf, product: int, zone: tzinfo) -> bool:
    """Whether it is found by the time of its change, and nothing by a time to come: then the filter is obeyed.

    One date names its zone, which is not the portal's; the other is written as people see it in the card.
    """
    shelf.portal.clock.sleep(2.0)
    since = read_server_time(shelf.portal.call("server.time"))
    shelf.put(product, [WRITTEN.replace(tzinfo=zone).astimezone(ELSEWHERE).isoformat(), f"{WRITTEN + LATER}"])
    if shelf.rows({">=timestampX": since + DAY}):
        return False
    for _ in range(LOOKS):
        if product in shelf.rows({">=timestampX": since}):
            return True
        shelf.portal.clock.sleep(PAUSE_SECONDS)
    return False


def _others(shelf: Shelf) -> set[int]:
    """A service and a product meant to have offers, as far as the portal lets one make them."""
    result = shelf.portal.batch(Command(method, {"fields": shelf.card()}, method) for method in OTHER_KINDS)
    for _, error in result.failed:
        if not isinstance(error, RequestRefused):
            raise error
    return {_id(answer) for _, answer in result.done}


def _left_out(shelf: Shelf, product: int) -> bool:
    gone = shelf.add()
    shelf.portal.call("catalog.product.delete", id=gone)
    try:
        return shelf.rows({"id": [product, gone]}).keys() == {product}
    except RequestRefused:
        return False


def _id(answer: Any) -> int:
    """Each of the families answers under a name of its own."""
    return int(next(iter(as_map(answer).values()))["id"])
