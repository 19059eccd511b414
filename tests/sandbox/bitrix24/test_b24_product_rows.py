"""Product rows of deals: crm/universal/product-rows/*, and the halted crm.deal.productrows.*."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


@pytest.fixture
def deal(call: Call) -> int:
    return int(call("crm.item.add", entityTypeId=2, fields={"title": "Обучение"})["item"]["id"])


@pytest.fixture
def course(call: Call) -> int:
    return int(call("catalog.product.add", fields={"iblockId": 23, "name": "Курс"})["element"]["id"])


def rows_of(call: Call, deal: int) -> list[dict[str, Any]]:
    rows = call("crm.item.productrow.list", filter={"=ownerType": "D", "=ownerId": deal})["productRows"]
    return list(rows)


def added(call: Call, deal: int, **fields: Any) -> dict[str, Any]:
    row = call("crm.item.productrow.add", fields={"ownerType": "D", "ownerId": deal, **fields})["productRow"]
    return dict(row)


def sum_of(call: Call, deal: int) -> Any:
    return call("crm.item.get", entityTypeId=2, id=deal)["item"]["opportunity"]


def test_a_row_takes_name_type_and_measure_from_its_product(call: Call, deal: int, course: int) -> None:
    row = added(call, deal, productId=course, price=5000)
    assert row == call("crm.item.productrow.get", id=row["id"])["productRow"]
    wanted = {"ownerId": deal, "ownerType": "D", "productId": course, "productName": "Курс", "type": 1}
    assert row.items() >= (wanted | {"quantity": 1, "taxRate": None, "measureCode": 796, "price": 5000}).items()


def test_the_prices_of_a_row_are_those_of_the_documents(call: Call, deal: int) -> None:
    """The sample of crm-item-productrow-add.md."""
    sent = {"price": 80000, "quantity": 2, "discountTypeId": 2, "discountRate": 20, "taxRate": 20, "taxIncluded": "Y"}
    row = added(call, deal, productName="iphone 14", **sent)
    told = {"priceExclusive": 66666.67, "priceNetto": 83333.34, "priceBrutto": 100000.01, "discountSum": 16666.67}
    assert {name: row[name] for name in told} == told


def test_an_offer_is_told_from_a_product_by_the_type_of_its_row(call: Call, deal: int, course: int) -> None:
    """4 for a variation, whose card is its parent's; 1 and no product for a row typed by hand."""
    fields = {"iblockId": 24, "name": "Курс, утро", "parentId": {"value": course}}
    offer = call("catalog.product.offer.add", fields=fields)["offer"]["id"]
    added(call, deal, productId=offer)
    added(call, deal, productName="Скидка постоянному клиенту")
    assert [(row["productId"], row["type"]) for row in rows_of(call, deal)] == [(offer, 4), (0, 1)]


def test_set_replaces_all_the_rows(call: Call, deal: int, course: int) -> None:
    """crm-item-productrow-set.md: what is not sent is gone, an empty list empties."""
    first = added(call, deal, productId=course)
    sent = [{"productId": course, "price": 10}, {"productName": "Учебник", "price": 5, "quantity": 3}]
    made = call("crm.item.productrow.set", ownerType="D", ownerId=deal, productRows=sent)["productRows"]
    assert rows_of(call, deal) == made
    assert first["id"] not in {row["id"] for row in made}
    assert call("crm.item.productrow.set", ownerType="D", ownerId=deal, productRows=[]) == {"productRows": []}
    assert rows_of(call, deal) == []


def test_a_row_is_changed_and_deleted(ask: Ask, call: Call, deal: int, course: int) -> None:
    row = added(call, deal, productId=course, price=10)
    changed = call("crm.item.productrow.update", id=row["id"], fields={"price": 20, "quantity": 2})["productRow"]
    assert (changed["price"], changed["quantity"], changed["productId"]) == (20, 2, course)
    assert ask("crm.item.productrow.update", id=row["id"], fields={"xmlId": "x"}).json()["error"] == "INVALID_ARG_VALUE"
    assert call("crm.item.productrow.delete", id=row["id"]) is None
    assert ask("crm.item.productrow.get", id=row["id"]).json()["error"] == "NOT_FOUND"


def test_the_sum_follows_the_rows_unless_it_is_kept_by_hand(call: Call, deal: int) -> None:
    """crm-deal-add.md, IS_MANUAL_OPPORTUNITY."""
    added(call, deal, productName="Курс", price=100, quantity=2)
    assert sum_of(call, deal) == 200
    call("crm.item.update", entityTypeId=2, id=deal, fields={"isManualOpportunity": "Y", "opportunity": 150})
    added(call, deal, productName="Учебник", price=50)
    assert sum_of(call, deal) == 150


@pytest.mark.parametrize("touch", [False, True])
def test_whether_a_change_of_rows_is_seen_by_the_deals_time_can_be_chosen(
    call: Call, deal: int, world: World, touch: bool
) -> None:
    """Undocumented."""
    world.portal.config.product_rows_touch_owner = touch
    before = call("crm.item.get", entityTypeId=2, id=deal)["item"]["updatedTime"]
    world.clock.advance(60)
    added(call, deal, productName="Курс", price=100)
    assert (call("crm.item.get", entityTypeId=2, id=deal)["item"]["updatedTime"] != before) is touch


@pytest.mark.parametrize("missing", ["=ownerType", "=ownerId"])
def test_a_list_must_name_the_owner(ask: Ask, deal: int, missing: str) -> None:
    """crm-item-productrow-list.md: error 100."""
    wanted = {"=ownerType": "D", "=ownerId": deal}
    del wanted[missing]
    answer = ask("crm.item.productrow.list", filter=wanted)
    assert (answer.status_code, answer.json()["error"]) == (400, 100)


def test_rows_are_filtered_and_ordered_within_their_owner(call: Call, deal: int) -> None:
    for price in (100, 300, 200):
        added(call, deal, productName=f"за {price}", price=price)
    wanted = {"=ownerType": "D", "=ownerId": deal, ">price": 100}
    rows = call("crm.item.productrow.list", filter=wanted, order={"price": "desc"})["productRows"]
    assert [row["price"] for row in rows] == [300, 200]


def test_rows_of_several_owners_are_another_question(ask: Ask, call: Call, deal: int, world: World) -> None:
    """The documents say that `=` takes arrays; of the owner's number too, or not, stays open."""
    other = call("crm.item.add", entityTypeId=2, fields={})["item"]["id"]
    for owner in (deal, other):
        added(call, owner, productName="Курс")
    both = {"=ownerType": "D", "=ownerId": [other, deal]}
    assert ask("crm.item.productrow.list", filter=both).json()["error"] == "INVALID_ARG_VALUE"
    world.portal.config.rows_of_many_owners = True
    rows = call("crm.item.productrow.list", filter=both)["productRows"]
    assert [row["ownerId"] for row in rows] == [deal, other]


def test_a_deleted_deal_leaves_no_rows(ask: Ask, call: Call, deal: int, world: World) -> None:
    added(call, deal, productName="Курс")
    call("crm.item.delete", entityTypeId=2, id=deal)
    assert rows_of(call, deal) == []
    assert world.portal.dump()["product_rows"] == []
    gone = {"ownerType": "D", "ownerId": deal, "productName": "Курс"}
    assert ask("crm.item.productrow.add", fields=gone).json()["error"] == "OWNER_NOT_FOUND"


def test_a_row_outlives_its_product(call: Call, deal: int, course: int) -> None:
    added(call, deal, productId=course)
    call("catalog.product.delete", id=course)
    [row] = rows_of(call, deal)
    assert (row["productId"], row["productName"]) == (course, "Курс")


def test_contacts_have_no_rows(ask: Ask, call: Call) -> None:
    contact = call("crm.contact.add", fields={"NAME": "Анна"})
    sent = {"ownerType": "C", "ownerId": contact, "productName": "Курс"}
    assert ask("crm.item.productrow.add", fields=sent).json()["error"] == "ENTITY_TYPE_NOT_SUPPORTED"


def test_the_halted_methods_mix_text_and_numbers(call: Call, deal: int, course: int) -> None:
    """crm/deals/crm-deal-productrows-get.md."""
    rows = [{"PRODUCT_ID": course, "PRICE": 899.1}, {"PRODUCT_NAME": "Учебник", "PRICE": 10}]
    assert call("crm.deal.productrows.set", id=deal, rows=rows) is True
    first, second = call("crm.deal.productrows.get", id=deal)
    wanted = {"OWNER_ID": str(deal), "OWNER_TYPE": "D", "PRODUCT_ID": course, "PRICE": 899.1, "PRICE_ACCOUNT": "899.10"}
    assert first.items() >= (wanted | {"ID": "1", "PRODUCT_NAME": "Курс", "TYPE": 1}).items()
    assert (second["PRODUCT_ID"], second["PRODUCT_NAME"]) == (0, "Учебник")
    assert [row["id"] for row in rows_of(call, deal)] == [1, 2]


def test_the_dump_tells_what_is_sold_and_when_it_is_taught(call: Call, deal: int, course: int, world: World) -> None:
    """Equal histories give equal dumps: no ids of values."""
    added(call, deal, productId=course, price=100)
    dump = world.portal.dump()
    [row], [product] = dump["product_rows"], dump["products"]
    assert (row["owner"], row["product"], row["price"]) == (f"deal {deal}", course, 100)
    assert (product["name"], product["values"]) == ("Курс", {})
