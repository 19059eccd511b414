"""The catalogue and product rows as foreign clients read and write them."""

from typing import Any

import pytest
from b24pysdk import BitrixWebhook, Client
from fast_bitrix24 import Bitrix

from backoffice.sandbox.bitrix24.catalog.planting import plant_course, plant_property, plant_rows
from backoffice.sandbox.bitrix24.config import WEBHOOK_USER
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.world import World

LISTED: dict[str, Any] = {"select": ["id", "iblockId", "name"], "filter": {"iblockId": 23}}
FIRST, SECOND = "2026-03-05T19:00:00+03:00", "2026-03-12T19:00:00+03:00"


def courses(world: World, count: int) -> set[str]:
    names = {f"Курс {number}" for number in range(count)}
    for name in sorted(names):
        plant_course(world.portal, name)
    return names


@pytest.mark.parametrize("count", [0, 1, 50, 120])
def test_fast_bitrix24_lists_every_product(fast: Bitrix, world: World, count: int) -> None:
    """`get_all` finds the rows under `products`; the order by ID it adds is ignored."""
    expected = courses(world, count)
    rows = fast.get_all("catalog.product.list", LISTED)
    assert (len(rows), {row["name"] for row in rows}) == (count, expected)


@pytest.mark.parametrize("listing", ["call_list", "call_list_fast"])
@pytest.mark.parametrize("count", [0, 1, 50, 120])
def test_b24pysdk_lists_every_product(sdk: BitrixWebhook, world: World, listing: str, count: int) -> None:
    """By offsets, and by chains of references to the last id found."""
    expected = courses(world, count)
    rows = list(getattr(sdk, listing)(api_method="catalog.product.list", params=LISTED)["result"])
    assert (len(rows), {row["name"] for row in rows}) == (count, expected)


def test_b24pysdk_makes_a_course_with_dates_and_changes_them(sdk: BitrixWebhook, world: World) -> None:
    """catalog.productProperty.add, catalog.product.add and .update: a value keeps the id that is sent."""
    catalog = Client(sdk).catalog
    fields = {"iblockId": 23, "name": "Даты занятий", "propertyType": "S", "userType": "DateTime", "multiple": "Y"}
    made = catalog.product_property.add(fields).result["productProperty"]["id"]
    dates = [{"value": FIRST}, {"value": SECOND}]
    added = catalog.product.add({"iblockId": 23, "name": "Курс", f"property{made}": dates}).result["element"]
    [first, _] = added[f"property{made}"]
    changed = {f"property{made}": [first, {"value": "19.03.2026 19:00:00"}]}
    assert catalog.product.update(added["id"], changed).result["element"]["id"] == added["id"]
    kept = catalog.product.get(added["id"]).result["product"][f"property{made}"]
    assert [one["value"] for one in kept] == [FIRST, "2026-03-19T19:00:00+03:00"]
    assert kept[0] == first


def test_b24pysdk_makes_a_variation(sdk: BitrixWebhook, world: World) -> None:
    """catalog.product.offer.add with the parent's number as a value."""
    course, product = plant_course(world.portal, "Курс"), Client(sdk).catalog.product
    offer = product.offer.add({"iblockId": 24, "name": "Утро", "parentId": {"value": course}}).result["offer"]
    listed = product.offer.list(["id", "iblockId", "parentId"], {"iblockId": 24}).result["offers"]
    assert [row["parentId"]["value"] for row in listed] == [str(course)]
    assert product.sku.get(course).result["sku"]["type"] == 3
    assert offer["type"] == 4


def test_b24pysdk_writes_and_reads_product_rows(sdk: BitrixWebhook, world: World) -> None:
    """crm.item.productrow.set, .add, .list, .delete."""
    course, row = plant_course(world.portal, "Курс"), Client(sdk).crm.item.productrow
    deal = world.portal.crm.create("DEAL", Change({"TITLE": "Обучение"}), WEBHOOK_USER).id
    assert len(row.set(deal, "D", [{"productId": course, "price": 100}]).result["productRows"]) == 1
    extra = row.add({"ownerType": "D", "ownerId": deal, "productName": "Учебник", "price": 5}).result["productRow"]
    found = row.list(filter={"=ownerType": "D", "=ownerId": deal}).result["productRows"]
    assert [(one["productId"], one["productName"]) for one in found] == [(course, "Курс"), (0, "Учебник")]
    assert row.delete(extra["id"]).result is None
    assert len(world.portal.crm.product_rows.of(("DEAL", deal))) == 1


def test_fast_bitrix24_reads_the_rows_of_many_deals(fast: Bitrix, world: World) -> None:
    """`call_batch`: one command for each of fifty deals; the sign in a filter's name must be encoded."""
    course = plant_course(world.portal, "Курс")
    deals = [world.portal.crm.create("DEAL", Change({"TITLE": f"Сделка {n}"}), WEBHOOK_USER).id for n in range(50)]
    for deal in deals:
        plant_rows(world.portal, deal, [course])
    asked = {str(deal): f"crm.item.productrow.list?filter[%3DownerType]=D&filter[%3DownerId]={deal}" for deal in deals}
    answers = fast.call_batch({"halt": 0, "cmd": asked})
    found = {int(deal): [row["productId"] for row in answer["productRows"]] for deal, answer in answers.items()}
    assert found == {deal: [course] for deal in deals}


def test_b24pysdk_finds_a_property_by_its_code(sdk: BitrixWebhook, world: World) -> None:
    made = plant_property(world.portal, "BO_LESSON_DATES", "Даты занятий")
    wanted = {"iblockId": 23, "code": "BO_LESSON_DATES"}
    rows = Client(sdk).catalog.product_property.list(filter=wanted).result["productProperties"]
    assert [row["id"] for row in rows] == [made]
