"""Properties of products: catalog/product-property/*."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]

DATES = {
    "iblockId": 23,
    "name": "Даты занятий",
    "code": "BO_LESSON_DATES",
    "propertyType": "S",
    "userType": "DateTime",
    "multiple": "Y",
}


def test_a_property_is_answered_whole(call: Call) -> None:
    """catalog-product-property-add.md: numbers are numbers, what was not sent is null or has a default."""
    made = call("catalog.productProperty.add", fields=DATES)["productProperty"]
    assert made == call("catalog.productProperty.get", id=made["id"])["productProperty"]
    assert (
        made.items() >= (DATES | {"active": "Y", "sort": 500, "defaultValue": None, "userTypeSettings": None}).items()
    )


def test_a_property_is_found_by_its_code(call: Call) -> None:
    """catalog-product-property-list.md: of one block, or of all of them."""
    made = call("catalog.productProperty.add", fields=DATES)["productProperty"]["id"]
    asked = {"select": ["id", "code"], "filter": {"iblockId": 23, "code": "BO_LESSON_DATES"}}
    found = {"productProperties": [{"code": "BO_LESSON_DATES", "id": made}]}
    assert call("catalog.productProperty.list", **asked) == found
    assert [row["id"] for row in call("catalog.productProperty.list")["productProperties"]] == [97, made]


def test_a_list_that_is_not_counted_has_no_total(ask: Ask) -> None:
    """catalog-product-property-list.md, parameter start: with -1 the answer has no `total`."""
    assert ask("catalog.productProperty.list").json()["total"] == 1
    assert "total" not in ask("catalog.productProperty.list", start=-1).json()
    batch = {"cmd": {"all": "catalog.productProperty.list?start=-1"}}
    assert ask("batch", **batch).json()["result"]["result_total"] == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": ""}, "Required fields: iblockId, name, propertyType"),
        ({"propertyType": "N"}, "Invalid property type specified"),
        ({"iblockId": 1}, "The specified iblock is not a product catalog"),
        ({"code": "1ST"}, "Property code cannot start with a digit"),
    ],
)
def test_a_property_that_cannot_be_is_refused(ask: Ask, change: dict[str, Any], text: str) -> None:
    """catalog-product-property-add.md: the code is text, unlike that of products."""
    answer = ask("catalog.productProperty.add", fields=DATES | change)
    assert (answer.status_code, answer.json()) == (400, {"error": "0", "error_description": text})


def test_a_property_is_renamed_but_keeps_its_type(call: Call) -> None:
    """catalog-product-property-update.md: iblockId is obligatory, the type cannot be changed."""
    made = call("catalog.productProperty.add", fields=DATES)["productProperty"]["id"]
    sent = {"iblockId": 23, "name": "Занятия", "propertyType": "L"}
    changed = call("catalog.productProperty.update", id=made, fields=sent)["productProperty"]
    assert (changed["name"], changed["propertyType"], changed["userType"]) == ("Занятия", "S", "DateTime")


def test_a_property_goes_with_its_values(ask: Ask, call: Call) -> None:
    made = call("catalog.productProperty.add", fields=DATES)["productProperty"]["id"]
    name = f"property{made}"
    call("catalog.product.add", fields={"iblockId": 23, "name": "Курс", name: [{"value": "05.03.2026 19:00:00"}]})
    assert call("catalog.productProperty.delete", id=made) is True
    assert name not in call("catalog.product.get", id=1)["product"]
    gone = ask("catalog.productProperty.get", id=made).json()
    assert gone == {"error": "", "error_description": "productProperty does not exist."}
