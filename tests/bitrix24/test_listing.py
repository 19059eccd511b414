"""Reading a listing whole, while others change it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import BatchFailed, ListingBroken, PortalUnreachable
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

Ids = list[int]
LIST = {"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": "seminars"}


def _add_contacts(world: World, number: int) -> None:
    for _ in range(number):
        ask(world.portal, "crm.contact.add", fields={"NAME": "Анна"})


def _ids(rows: Iterator[dict[str, Any]], key: str = "ID") -> Ids:
    return [int(row[key]) for row in rows]


@pytest.fixture
def add_elements(world: World) -> Callable[[int], None]:
    """Puts elements with the codes e1, e2, … into a list."""
    ask(world.portal, "lists.add", **LIST, FIELDS={"NAME": "Семинары"})

    def add(number: int) -> None:
        for place in range(1, number + 1):
            ask(world.portal, "lists.element.add", **LIST, ELEMENT_CODE=f"e{place}", FIELDS={"NAME": "Билет"})

    return add


@pytest.mark.parametrize(("number", "requests"), [(0, 1), (1, 1), (49, 1), (50, 1), (51, 2), (101, 2), (2500, 2)])
def test_a_listing_by_id_gives_every_row_once(
    world: World, portal: Portal, wire: "Wire", number: int, requests: int
) -> None:
    """Empty, a full page exactly, one more: all rows in the order of their ids, and nothing is counted."""
    _add_contacts(world, number)
    assert _ids(portal.rows("crm.contact.list")) == list(range(1, number + 1))
    assert len(wire.sent) == requests
    assert all("start=-1" in command for place in range(requests) for command in wire.commands(place))


def test_both_generations_of_the_api_are_listed_by_id(world: World, portal: Portal) -> None:
    """Upper-case ID in the result itself; lower-case id under `items`."""
    _add_contacts(world, 60)
    assert _ids(portal.rows("crm.item.list", entityTypeId=3), "id") == list(range(1, 61))
    assert _ids(portal.rows("crm.item.list", entityTypeId=3, filter={">id": 10}, select=["id"]), "id") == list(
        range(11, 61)
    )


def test_filter_and_start_of_the_caller_are_kept(world: World, portal: Portal) -> None:
    """`>ID` is where to start; the other conditions hold on every page."""
    _add_contacts(world, 120)
    for contact in range(1, 121, 2):
        ask(world.portal, "crm.contact.update", id=contact, fields={"LAST_NAME": "Нечётная"})
    found = _ids(portal.rows("crm.contact.list", filter={">ID": 10, "LAST_NAME": "Нечётная"}, select=["ID"]))
    assert found == list(range(11, 121, 2))


def test_nothing_is_asked_before_the_first_row_is_wanted(world: World, portal: Portal, wire: "Wire") -> None:
    """Rows are streamed: a caller that stops early costs one page."""
    _add_contacts(world, 150)
    rows = portal.rows("crm.contact.list")
    assert wire.sent == []
    assert next(rows)["ID"] == "1"
    assert len(wire.sent) == 1


def test_rows_deleted_and_added_during_reading_lose_nobody(world: World, portal: Portal) -> None:
    """Between two pages the first ten are deleted and ten are added: all who stayed are read, once each."""
    _add_contacts(world, 120)
    rows = portal.rows("crm.contact.list")
    read = [int(next(rows)["ID"]) for _ in range(50)]
    for contact in [*range(1, 11), 60]:
        ask(world.portal, "crm.contact.delete", id=contact)
    _add_contacts(world, 10)
    read += _ids(rows)
    assert read == [*range(1, 60), *range(61, 131)]


def test_crowds_far_apart_are_read_whole(world: World, portal: Portal) -> None:
    """The rows stand at both ends of the ids, and nothing between them."""
    _add_contacts(world, 120)
    for _ in range(10_000):
        world.portal.crm.tables["CONTACT"].next_id()
    _add_contacts(world, 120)
    assert _ids(portal.rows("crm.contact.list")) == [*range(1, 121), *range(10_121, 10_241)]


def test_four_thousand_rows_cost_at_most_five_requests(world: World, portal: Portal) -> None:
    """A page is no request: pages follow each other inside one, and two places are read at the same time."""
    _add_contacts(world, 4000)
    world.log.clear()
    assert len(_ids(portal.rows("crm.contact.list", select=["ID"]))) == 4000
    assert world.log.counters()["portal_requests"] <= 5


def test_on_a_slow_portal_the_first_look_is_short(world: World, portal: Portal, wire: "Wire") -> None:
    """Everything waits for it: ten pages of a tenth of a second, and full requests only after it."""
    _add_contacts(world, 4000)
    world.portal.config.costs["crm.contact.list"] = 0.1
    wire.sent.clear()
    assert len(_ids(portal.rows("crm.contact.list", select=["ID"]))) == 4000
    assert len(wire.commands(1)) <= 10
    assert max(len(wire.commands(place)) for place in range(len(wire.sent))) > 25


def _pages(*pages: Any) -> dict[str, Any]:
    """An answer to a batch of listings."""
    empty: dict[str, list[Any]] = {"result_error": [], "result_total": [], "result_next": [], "result_time": []}
    return {"result": {"result": {f"c_{place:03}": page for place, page in enumerate(pages)}, **empty}}


def test_a_cursor_that_does_not_move_is_an_error(world: World, portal: Portal, wire: "Wire") -> None:
    """A portal that ignores the filter gives the first page for ever: ListingBroken on its second appearance."""
    _add_contacts(world, 50)
    page = ask(world.portal, "crm.contact.list", start=-1)
    wire.plan(wire.answers(200, _pages(page, [{"ID": "60"}])), wire.answers(200, _pages(page)))
    with pytest.raises(ListingBroken, match=r"crm.contact.list: the page after ID 50 ends at 50"):
        list(portal.rows("crm.contact.list"))
    assert len(wire.sent) == 2


def test_a_page_without_ids_is_an_error(portal: Portal, wire: "Wire") -> None:
    """A full page whose rows have no ID cannot be continued; the message asks whether it was selected."""
    wire.plan(wire.answers(200, _pages([{"NAME": "Анна"}] * 50, [{"NAME": "Анна"}] * 50)))
    with pytest.raises(ListingBroken, match="is the ID selected"):
        list(portal.rows("crm.contact.list", select=["NAME"]))


def test_an_outage_between_pages_is_not_the_end_of_the_list(world: World, portal: Portal, wire: "Wire") -> None:
    """Half a list is never taken for the whole."""
    _add_contacts(world, 60)
    wire.plan(wire.through, wire.cut_after)
    with pytest.raises(PortalUnreachable):
        list(portal.rows("crm.contact.list"))


def test_an_outage_in_the_midst_of_many_requests_is_not_the_end_of_the_list(
    world: World, portal: Portal, wire: "Wire"
) -> None:
    """Nor is a page that one of them did not get."""
    _add_contacts(world, 4000)
    wire.plan(wire.through, wire.through, wire.answers(502, "<html></html>"))
    with pytest.raises(PortalUnreachable):
        list(portal.rows("crm.contact.list", select=["ID"]))


@pytest.mark.parametrize("result", [None, "", {"unknown": []}, False])
def test_an_answer_without_rows_is_not_an_empty_list(portal: Portal, wire: "Wire", result: Any) -> None:
    """What is neither a list nor a map of rows says nothing about how many there are."""
    wire.plan(wire.answers(200, _pages(result, result)))
    with pytest.raises(ListingBroken):
        list(portal.rows("crm.item.list", entityTypeId=3))


@pytest.mark.parametrize(("number", "requests"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 2)])
def test_a_listing_by_offset_gives_every_row_once(
    portal: Portal, wire: "Wire", add_elements: Callable[[int], None], number: int, requests: int
) -> None:
    """The first page alone, the others in a batch."""
    add_elements(number)
    assert _ids(portal.rows("lists.element.get", **LIST)) == list(range(1, number + 1))
    assert len(wire.sent) == requests


def test_five_thousand_elements_cost_at_most_four_requests(
    world: World, portal: Portal, wire: "Wire", add_elements: Callable[[int], None]
) -> None:
    """99 pages after the first go into batches; no request takes the portal long."""
    add_elements(5000)
    assert _ids(portal.rows("lists.element.get", **LIST)) == list(range(1, 5001))
    assert len(wire.sent) <= 4
    assert max(row["seconds"] for row in world.log.rows()) < 30


def test_a_next_on_the_last_page_ends_all_the_same(portal: Portal, wire: "Wire") -> None:
    """Captured from a portal: exactly 50 rows, `total` 50 and yet `next` 50."""
    rows = [{"ID": str(place)} for place in range(50)]
    wire.plan(wire.answers(200, {"result": rows, "total": 50, "next": 50}))
    assert len(list(portal.rows("sonet_group.get"))) == 50
    assert len(wire.sent) == 1


def test_a_directory_comes_whole(world: World, portal: Portal, wire: "Wire") -> None:
    """52 funnels, `total` 52, no `next` and no second page."""
    for _ in range(51):
        ask(world.portal, "crm.category.add", entityTypeId=2, fields={"name": "Воронка"})
    assert len(list(portal.rows("crm.category.list", entityTypeId=2))) == 52
    assert len(wire.sent) == 1


def test_rows_may_come_as_a_map(portal: Portal, wire: "Wire") -> None:
    """PHP makes a map of a list with holes."""
    wire.plan(wire.answers(200, {"result": {"7": {"ID": "7"}, "9": {"ID": "9"}}, "total": 2}))
    assert _ids(portal.rows("lists.element.get", **LIST)) == [7, 9]


def test_a_row_deleted_between_pages_makes_the_reading_start_anew(
    world: World, portal: Portal, wire: "Wire", add_elements: Callable[[int], None]
) -> None:
    """The rows behind it move one place forward, and the one on the page's edge would be lost."""
    add_elements(150)

    def then_deleted(request: httpx.Request) -> httpx.Response:
        response = wire.through(request)
        ask(world.portal, "lists.element.delete", **LIST, ELEMENT_ID=1)
        return response

    wire.plan(then_deleted)
    assert _ids(portal.rows("lists.element.get", **LIST)) == list(range(2, 151))
    assert len(wire.sent) == 4


def test_rows_added_between_pages_disturb_nobody(
    world: World, portal: Portal, wire: "Wire", add_elements: Callable[[int], None]
) -> None:
    """They come at the end and may be read or not."""
    add_elements(150)

    def then_added(request: httpx.Request) -> httpx.Response:
        response = wire.through(request)
        ask(world.portal, "lists.element.add", **LIST, ELEMENT_CODE="new", FIELDS={"NAME": "Билет"})
        return response

    wire.plan(then_added)
    read = _ids(portal.rows("lists.element.get", **LIST))
    assert read[:150] == list(range(1, 151))


def test_a_list_that_never_stands_still_is_an_error(
    world: World, portal: Portal, wire: "Wire", add_elements: Callable[[int], None]
) -> None:
    """Somebody deletes during each of three readings: ListingBroken, not a part of the rows."""
    add_elements(150)
    doomed = iter(range(1, 4))

    def then_deleted(request: httpx.Request) -> httpx.Response:
        response = wire.through(request)
        ask(world.portal, "lists.element.delete", **LIST, ELEMENT_ID=next(doomed))
        return response

    wire.plan(*[then_deleted, wire.through] * 3)
    with pytest.raises(ListingBroken, match="changing too fast"):
        list(portal.rows("lists.element.get", **LIST))


def test_a_page_that_fails_is_not_left_out(portal: Portal, wire: "Wire", add_elements: Callable[[int], None]) -> None:
    """One refused page of the batch fails the whole listing."""
    add_elements(120)

    def refused(answer: Any) -> Any:
        answer["result"]["result"].pop("c_001")
        answer["result"]["result_error"] = {"c_001": {"error": "", "error_description": "Access denied"}}
        return answer

    wire.plan(wire.through, wire.edits(refused))
    with pytest.raises(BatchFailed, match="1 of 2"):
        list(portal.rows("lists.element.get", **LIST))
