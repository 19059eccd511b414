"""The commercial catalogue: its blocks, products, the moments in their properties, offers of a parent."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]

FIRST, SECOND = "2026-03-05T19:00:00+03:00", "2026-03-12T19:00:00+03:00"
LISTED = {"select": ["id", "iblockId", "name"], "filter": {"iblockId": 23}}


@pytest.fixture
def dates(call: Call) -> str:
    """The name by which products have the property «Даты занятий»."""
    fields = {"iblockId": 23, "name": "Даты занятий", "code": "BO_LESSON_DATES"}
    kind = {"propertyType": "S", "userType": "DateTime", "multiple": "Y"}
    return f"property{call('catalog.productProperty.add', fields=fields | kind)['productProperty']['id']}"


@pytest.fixture
def course(call: Call, dates: str) -> int:
    """A course with two lessons."""
    lessons = [{"value": FIRST}, {"value": SECOND}]
    added = call("catalog.product.add", fields={"iblockId": 23, "name": "Курс", dates: lessons})
    return int(added["element"]["id"])


def values(call: Call, course: int, dates: str) -> Any:
    return call("catalog.product.get", id=course)["product"][dates]


def test_a_portal_has_a_block_of_products_and_a_block_of_their_offers(call: Call) -> None:
    """catalog/catalog/catalog-catalog-list.md: the block of offers names the other one and the link's property."""
    products, offers = call("catalog.catalog.list")["catalogs"]
    assert (products["iblockId"], products["productIblockId"], products["skuPropertyId"]) == (23, None, None)
    assert (offers["iblockId"], offers["productIblockId"], offers["skuPropertyId"]) == (24, 23, 97)
    assert call("catalog.catalog.list", filter={"@productIblockId": [23]}, select=["id"]) == {"catalogs": [{"id": 24}]}
    assert call("catalog.catalog.get", id=23)["catalog"]["lid"] == "s1"


def test_a_new_product_is_answered_as_an_element(call: Call, dates: str) -> None:
    """catalog/product/catalog-product-add.md: several values are a list of {"value", "valueId"}, as text."""
    fields = {"iblockId": 23, "name": "Курс", "purchasingPrice": 1000, dates: [{"value": FIRST}, SECOND]}
    element = call("catalog.product.add", fields=fields)["element"]
    assert element[dates] == [{"value": FIRST, "valueId": "9001"}, {"value": SECOND, "valueId": "9002"}]
    wanted = {"id": 1, "iblockId": 23, "type": 1, "active": "Y", "xmlId": "1", "purchasingPrice": "1000.000000"}
    assert element.items() >= wanted.items()
    assert "barcodeMulti" not in element


def test_a_property_without_values_is_null(call: Call, dates: str) -> None:
    call("catalog.product.add", fields={"iblockId": 23, "name": "Курс"})
    assert values(call, 1, dates) is None


def test_a_value_whose_id_is_not_sent_is_gone(call: Call, course: int, dates: str) -> None:
    """catalog/product/catalog-product-update.md."""
    sent = [{"value": SECOND, "valueId": "9002"}, {"value": "2026-03-19T19:00:00+03:00"}]
    call("catalog.product.update", id=course, fields={dates: sent})
    assert [entry["valueId"] for entry in values(call, course, dates)] == ["9002", "9003"]
    assert [entry["value"] for entry in values(call, course, dates)] == [SECOND, "2026-03-19T19:00:00+03:00"]


def test_properties_that_are_not_sent_stay_and_an_empty_one_is_emptied(call: Call, course: int, dates: str) -> None:
    call("catalog.product.update", id=course, fields={"name": "Другой курс"})
    assert len(values(call, course, dates)) == 2
    call("catalog.product.update", id=course, fields={dates: []})
    assert values(call, course, dates) is None


def test_an_update_moves_the_time_of_change(call: Call, course: int, dates: str, world: World) -> None:
    """What changed since a moment is found by timestampX."""
    world.clock.advance(3600)
    since = world.clock.now().isoformat()
    changed = {"select": ["id", "iblockId", "timestampX"], "filter": {"iblockId": 23, ">=timestampX": since}}
    assert call("catalog.product.list", **changed) == {"products": []}
    world.clock.advance(60)
    call("catalog.product.update", id=course, fields={dates: [{"value": FIRST}]})
    [product] = call("catalog.product.list", **changed)["products"]
    assert datetime.fromisoformat(product["timestampX"]) > datetime.fromisoformat(since)


@pytest.mark.parametrize(
    ("form", "text"), [("iso", FIRST), ("site", "05.03.2026 19:00:00"), ("iso_naive", "2026-03-05T19:00:00")]
)
def test_how_a_moment_is_written_can_be_chosen(
    call: Call, course: int, dates: str, world: World, form: Any, text: str
) -> None:
    """The documents show no value of a DateTime property."""
    world.portal.config.catalog_datetime = form
    assert values(call, course, dates)[0]["value"] == text


def test_what_is_no_date_is_kept_or_refused(ask: Ask, call: Call, course: int, dates: str, world: World) -> None:
    """Undocumented; a person's text stands in the field, and a range of dates does not find it."""
    fields = {dates: [{"value": "по договорённости"}]}
    call("catalog.product.update", id=course, fields=fields)
    assert values(call, course, dates) == [{"value": "по договорённости", "valueId": "9003"}]
    ranged = {"iblockId": 23, f">={dates}": {"value": "2026-01-01T00:00:00+03:00"}}
    assert call("catalog.product.list", select=["id", "iblockId"], filter=ranged) == {"products": []}
    world.portal.config.catalog_keeps_bad_dates = False
    assert ask("catalog.product.update", id=course, fields=fields).json()["error"] == 0


def test_products_are_found_by_the_moments_in_them(call: Call, course: int, dates: str) -> None:
    """catalog/product/catalog-product-list.md: a range is sent inside `value`."""

    def found(**bounds: str) -> list[int]:
        ranged = {"iblockId": 23} | {f"{prefix}{dates}": {"value": value} for prefix, value in bounds.items()}
        rows = call("catalog.product.list", select=["id", "iblockId"], filter=ranged)["products"]
        return [row["id"] for row in rows]

    assert found(**{">=": "2026-03-12T16:00:00+00:00"}) == [course]
    assert found(**{">": "2026-03-12T16:00:00+00:00"}) == []


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "Required select fields: id, iblockId"),
        ({"select": ["id", "name"], "filter": {"iblockId": 23}}, "Required select fields: iblockId"),
        ({"select": ["id", "iblockId"]}, "Required filter fields: iblockId"),
    ],
)
def test_a_list_needs_its_obligatory_members(ask: Ask, params: dict[str, Any], text: str) -> None:
    """catalog/product/catalog-product-list.md: error 0."""
    answer = ask("catalog.product.list", **params)
    assert (answer.status_code, answer.json()) == (400, {"error": 0, "error_description": text})


def test_several_ids_are_asked_for_without_a_prefix(ask: Ask, call: Call, course: int, dates: str) -> None:
    """catalog/product/catalog-product-list.md: an array is IN, `@` is not among the prefixes."""
    ids = {"select": ["id", "iblockId", dates], "filter": {"iblockId": 23, "id": [course, 404]}}
    assert [row["id"] for row in call("catalog.product.list", **ids)["products"]] == [course]
    assert ask("catalog.product.list", **LISTED | {"filter": {"iblockId": 23, "@id": [1]}}).json()["error"] == (
        "SANDBOX_STRICT"
    )


def test_products_come_in_pages_of_fifty(ask: Ask, call: Call) -> None:
    for number in range(60):
        call("catalog.product.add", fields={"iblockId": 23, "name": f"Курс {number}"})
    first, rest = ask("catalog.product.list", **LISTED).json(), ask("catalog.product.list", **LISTED, start=50).json()
    assert (len(first["result"]["products"]), first["next"], first["total"]) == (50, 50, 60)
    assert ([row["id"] for row in rest["result"]["products"]], "next" in rest) == (list(range(51, 61)), False)
    window = LISTED | {"filter": {"iblockId": 23, ">id": 55}}
    unsized = ask("catalog.product.list", **window, order={"id": "asc"}, start=-1).json()
    assert ([row["id"] for row in unsized["result"]["products"]], unsized["total"]) == ([56, 57, 58, 59, 60], 0)


def test_an_offer_names_its_parent_and_makes_it_one(call: Call, course: int, dates: str) -> None:
    """catalog/product/offer/catalog-product-offer-get.md: parentId is a value with an id; types 4 and 3."""
    fields = {"iblockId": 24, "name": "Курс, утро", "parentId": {"value": course}}
    offer = call("catalog.product.offer.add", fields=fields)["offer"]
    assert (offer["parentId"], offer["type"]) == ({"value": str(course), "valueId": "9003"}, 4)
    assert call("catalog.product.offer.get", id=offer["id"])["offer"] == offer
    parent = call("catalog.product.get", id=course)["product"]
    assert (parent["type"], len(parent[dates])) == (3, 2)
    assert call("catalog.product.sku.get", id=course)["sku"]["id"] == course


def test_offers_are_listed_by_their_parents(call: Call, course: int) -> None:
    for name in ("утро", "вечер"):
        fields = {"iblockId": 24, "name": name, "parentId": {"value": course}}
        call("catalog.product.offer.add", fields=fields)
    call("catalog.product.offer.add", fields={"iblockId": 24, "name": "сам по себе"})
    asked = {"select": ["id", "iblockId", "name", "type"], "filter": {"iblockId": 24, "parentId": course}}
    assert [row["name"] for row in call("catalog.product.offer.list", **asked)["offers"]] == ["утро", "вечер"]
    every = call("catalog.product.offer.list", **asked | {"filter": {"iblockId": 24}})["offers"]
    assert [row["type"] for row in every] == [4, 4, 5]


def test_an_offer_moved_elsewhere_leaves_its_parent_without_variations(call: Call, course: int) -> None:
    offer = call("catalog.product.offer.add", fields={"iblockId": 24, "name": "утро", "parentId": {"value": course}})[
        "offer"
    ]
    call("catalog.product.offer.update", id=offer["id"], fields={"parentId": {"value": ""}})
    assert call("catalog.product.offer.get", id=offer["id"])["offer"]["parentId"] is None
    assert call("catalog.product.get", id=course)["product"]["type"] == 6


def test_a_parent_is_deleted_with_its_offers(ask: Ask, call: Call, course: int) -> None:
    call("catalog.product.offer.add", fields={"iblockId": 24, "name": "утро", "parentId": {"value": course}})
    assert call("catalog.product.delete", id=course) is True
    assert ask("catalog.product.offer.get", id=2).json()["error"] == 0


def test_what_is_gone_can_look_forbidden(ask: Ask, world: World) -> None:
    """catalog/product/catalog-product-get.md has a code for either."""
    assert ask("catalog.product.get", id=404).json() == {"error": 0, "error_description": "Product is not exists"}
    world.portal.config.missing_product = "access_denied"
    assert ask("catalog.product.get", id=404).json()["error"] == 200040300040


def test_without_rights_the_catalogue_is_closed(ask: Ask, world: World) -> None:
    """A number, not text: 200040300010."""
    world.portal.config.catalog_readable = False
    for method, params in (("catalog.catalog.list", {}), ("catalog.product.list", LISTED)):
        answer = ask(method, **params)
        assert (answer.status_code, answer.json()["error"]) == (400, 200040300010)


def test_methods_of_products_may_know_simple_ones_only(ask: Ask, call: Call, course: int, world: World) -> None:
    """catalog/data-types.md gives catalog_product the type 1 alone; parents have methods of their own."""
    world.portal.config.product_methods_see_every_type = False
    call("catalog.product.offer.add", fields={"iblockId": 24, "name": "утро", "parentId": {"value": course}})
    assert ask("catalog.product.get", id=course).status_code == 400
    assert call("catalog.product.list", **LISTED) == {"products": []}
    assert [row["id"] for row in call("catalog.product.sku.list", **LISTED)["units"]] == [course]


def test_a_code_is_unique_in_its_block(ask: Ask, call: Call) -> None:
    fields = {"iblockId": 23, "name": "Курс", "code": "course"}
    call("catalog.product.add", fields=fields)
    assert ask("catalog.product.add", fields=fields).json()["error"] == 0
