"""Products and rows planted from Python are those the methods show."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from backoffice.sandbox.bitrix24.catalog.planting import (
    plant_course,
    plant_offer,
    plant_property,
    plant_rows,
    redate,
)
from backoffice.sandbox.world import World

Call = Callable[..., Any]

LESSON = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)


def test_a_planted_course_is_a_product_with_dates(call: Call, world: World) -> None:
    dates = plant_property(world.portal, "BO_LESSON_DATES", "Даты занятий")
    course = plant_course(world.portal, "Курс", dates, [LESSON, "по договорённости"])
    offer = plant_offer(world.portal, course, "Курс, утро")
    product = call("catalog.product.get", id=course)["product"]
    assert [one["value"] for one in product[f"property{dates}"]] == ["2026-03-05T19:00:00+03:00", "по договорённости"]
    assert (product["name"], product["type"], product["active"]) == ("Курс", 3, "Y")
    assert call("catalog.product.offer.get", id=offer)["offer"]["parentId"]["value"] == str(course)


def test_a_planted_property_is_the_one_a_method_makes(call: Call, world: World) -> None:
    planted = plant_property(world.portal, "BO_LESSON_DATES", "Даты занятий")
    fields = {"iblockId": 23, "propertyType": "S", "userType": "DateTime", "multiple": "Y"}
    own = {"name": "Даты занятий", "code": "BO_LESSON_DATES"}
    made = call("catalog.productProperty.add", fields=fields | own)["productProperty"]
    assert call("catalog.productProperty.get", id=planted)["productProperty"] | {"id": made["id"]} == made


def test_new_dates_move_the_time_of_change(call: Call, world: World) -> None:
    dates = plant_property(world.portal, "BO_LESSON_DATES", "Даты занятий")
    course = plant_course(world.portal, "Курс", dates, [LESSON])
    before = call("catalog.product.get", id=course)["product"]["timestampX"]
    world.clock.advance(60)
    redate(world.portal, course, dates, [])
    after = call("catalog.product.get", id=course)["product"]
    assert (after[f"property{dates}"], after["timestampX"] > before) == (None, True)


def test_planted_rows_are_those_of_the_deal(call: Call, world: World) -> None:
    course = plant_course(world.portal, "Курс")
    deal = call("crm.item.add", entityTypeId=2, fields={})["item"]["id"]
    plant_rows(world.portal, deal, [course, "Учебник", 404], price=500)
    rows = call("crm.item.productrow.list", filter={"=ownerType": "D", "=ownerId": deal})["productRows"]
    assert [(row["productId"], row["productName"], row["price"]) for row in rows] == [
        (course, "Курс", 500),
        (0, "Учебник", 500),
        (404, "[404]", 500),
    ]
