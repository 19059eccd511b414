"""Long listings read by many cursors at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import BatchFailed, ListingBroken
from backoffice.bitrix24.id_windows import read_windows
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

Add = Callable[..., list[int]]
METHOD = "crm.contact.list"


@pytest.fixture
def add(world: World) -> Add:
    """add(number, name): the ids of so many new contacts."""

    def contacts(number: int, name: str = "Анна") -> list[int]:
        return [ask(world.portal, "crm.contact.add", fields={"NAME": name}) for _ in range(number)]

    return contacts


def read(portal: Portal, **condition: Any) -> list[int]:
    """The ids in the order in which they come."""
    params = {"filter": condition, "select": ["ID"]}
    return [int(row["ID"]) for row in read_windows(portal, METHOD, params, "ID")]


@pytest.mark.parametrize("number", [0, 1, 49, 50, 51, 100, 101, 777])
def test_every_row_comes_once_and_in_order(portal: Portal, add: Add, number: int) -> None:
    """Around the size of a page and far beyond it."""
    ids = add(number)
    assert read(portal) == ids


def test_a_condition_is_kept(portal: Portal, add: Add) -> None:
    """Also one on the ID itself; who does not fit lies between and after."""
    before, _, ids, _ = add(60), add(300, "Пётр"), add(200), add(60, "Пётр")
    assert read(portal, NAME="Анна", **{">ID": before[-1]}) == ids


def test_crowds_far_apart_are_read_whole(portal: Portal, world: World, add: Add) -> None:
    """The rows stand at both ends, and most windows between them are empty."""
    first = add(120)
    for _ in range(10_000):
        world.portal.crm.tables["CONTACT"].next_id()
    ids = [*first, *add(120)]
    assert read(portal) == ids


def test_many_rows_cost_few_requests(portal: Portal, world: World, add: Add) -> None:
    """Pages by the fifty."""
    ids = add(4000)
    world.log.clear()
    assert read(portal) == ids
    assert world.log.counters()["portal_requests"] <= 6


def test_rows_deleted_meanwhile_hide_no_others(portal: Portal, world: World, wire: "Wire", add: Add) -> None:
    """Nothing shifts, because nothing is counted."""
    ids = add(300)

    def deletes(request: Any) -> Any:
        response = wire.through(request)
        for number in ids[:60]:
            ask(world.portal, "crm.contact.delete", id=number)
        return response

    wire.plan(deletes)
    assert set(read(portal)) >= set(ids[60:])


def test_an_outage_is_not_taken_for_the_end(portal: Portal, wire: "Wire", add: Add) -> None:
    """In whichever round."""
    add(300)
    wire.plan(wire.through, wire.answers(502, "<html></html>"))
    with pytest.raises(BatchFailed):
        read(portal)


def test_a_listing_that_ignores_its_bounds_is_broken(portal: Portal, wire: "Wire", add: Add) -> None:
    """It would be read for ever."""
    add(300)

    def first_page_again(body: Any) -> Any:
        pages = body["result"]["result"]
        body["result"]["result"] = {key: [{"ID": str(number)} for number in range(1, 51)] for key in pages}
        return body

    wire.plan(wire.through, wire.edits(first_page_again))
    with pytest.raises(ListingBroken):
        read(portal)
