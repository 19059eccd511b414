"""What a cursor asks: objects changed since a moment, objects beyond a number."""

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.sandbox.world import World

Call = Callable[..., Any]


@pytest.fixture
def deals(call: Call, world: World) -> list[int]:
    """Five deals, a minute between them."""

    def add(number: int) -> int:
        world.clock.advance(60)
        return int(call("crm.item.add", entityTypeId=2, fields={"title": f"Сделка {number}"})["item"]["id"])

    return [add(number) for number in range(5)]


def found(call: Call, **bounds: Any) -> list[int]:
    rows = call("crm.item.list", entityTypeId=2, filter=bounds, select=["id"], start=-1)["items"]
    return [row["id"] for row in rows]


def changed_at(call: Call, deal: int) -> str:
    return str(call("crm.item.get", entityTypeId=2, id=deal)["item"]["updatedTime"])


def test_a_bound_that_is_included_finds_what_stands_on_it(call: Call, deals: list[int]) -> None:
    third = changed_at(call, deals[2])
    assert found(call, **{">=updatedTime": third}) == deals[2:]
    assert found(call, **{">updatedTime": third}) == deals[3:]


def test_a_changed_object_comes_again_and_a_deleted_one_never(call: Call, deals: list[int]) -> None:
    """In the order of numbers, not of changes."""
    last = changed_at(call, deals[4])
    call("crm.item.update", entityTypeId=2, id=deals[1], fields={"title": "Другая"})
    assert found(call, **{">=updatedTime": last}) == [deals[1], deals[4]]
    call("crm.item.delete", entityTypeId=2, id=deals[1])
    assert found(call, **{">=updatedTime": last}) == [deals[4]]


def test_bounds_of_time_and_of_number_hold_together(call: Call, deals: list[int]) -> None:
    wanted = {">=updatedTime": changed_at(call, deals[1]), ">id": deals[2], "title": ["Сделка 1", "Сделка 4"]}
    assert found(call, **wanted) == [deals[4]]


def test_history_is_read_from_a_number_on(call: Call, deals: list[int]) -> None:
    rows = call("crm.stagehistory.list", entityTypeId=2, filter={">ID": 3}, order={"ID": "ASC"}, start=-1)["items"]
    assert [row["ID"] for row in rows] == ["4", "5"]
