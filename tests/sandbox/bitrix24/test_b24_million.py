"""A crowd of which nothing is kept behaves as objects that were made one by one."""

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.sandbox import seeds
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.bitrix24.crm.table import Table
from backoffice.sandbox.seeds.million import Holes, million
from backoffice.sandbox.world import World

Call = Callable[..., Any]
DEALS = 700


@pytest.fixture
def planted(world: World) -> dict[str, Any]:
    """700 deals of 60 clients, without limits in the way."""
    world.portal.config.bucket_size = 100_000
    world.portal.config.operating_limit = 1e9
    return seeds.plant(world, "million", deals=DEALS, clients=60)


@pytest.fixture
def ids(world: World) -> Callable[[], list[int]]:
    return lambda: [item.id for item in world.portal.crm.tables["DEAL"]]


def kept(world: World) -> Table:
    """The same objects, each of them kept."""
    table = Table(("ORIGIN_ID", "CONTACT_ID"))
    for item in world.portal.crm.tables["DEAL"]:
        table.put(item)
    return table


QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("crm.deal.list", {}),
    ("crm.deal.list", {"start": 250}),
    ("crm.deal.list", {"start": -1, "order": {"ID": "DESC"}}),
    ("crm.deal.list", {"start": -1, "filter": {">ID": 95, "<=ID": 130}, "select": ["ID", "TITLE", "CONTACT_ID"]}),
    ("crm.deal.list", {"start": 50, "filter": {">=ID": 95, "<ID": 600, "STAGE_SEMANTIC_ID": "S"}}),
    ("crm.deal.list", {"filter": {"CONTACT_ID": 7}, "order": {"OPPORTUNITY": "DESC"}}),
    ("crm.deal.list", {"filter": {"@ID": [5, 10, 11, 9999]}}),
    ("crm.item.list", {"entityTypeId": 2, "start": 100}),
    ("crm.item.list", {"entityTypeId": 2, "filter": {">id": 400}, "select": ["id", "title", "companyId"], "start": -1}),
    ("crm.item.list", {"entityTypeId": 2, "filter": {"companyId": 0, "<id": 300}, "useOriginalUfNames": "Y"}),
    ("crm.item.list", {"entityTypeId": 2, "filter": {">updatedTime": "2025-12-01T00:00:00+03:00"}, "start": -1}),
]


@pytest.mark.parametrize(("method", "params"), QUESTIONS)
def test_it_answers_as_if_each_were_kept(
    call: Call, world: World, planted: dict[str, Any], method: str, params: dict[str, Any]
) -> None:
    """Also after some of them were changed and deleted, and others came."""
    for number in (1, 95, 96, 401):
        call("crm.deal.update", id=number, fields={"TITLE": "Другая", "CONTACT_ID": 7})
    for number in (2, 97, 251, 402):
        call("crm.deal.delete", id=number)
    world.portal.crm.create("DEAL", Change({"TITLE": "Новая", "CONTACT_ID": 7}), 1)
    answer = call(method, **params)
    world.portal.crm.tables["DEAL"] = kept(world)
    assert answer == call(method, **params)


@pytest.mark.parametrize(("method", "key"), [("crm.deal.list", "ID"), ("crm.item.list", "id")])
def test_a_chain_of_references_reads_it(
    call: Call, planted: dict[str, Any], ids: Callable[[], list[int]], method: str, key: str
) -> None:
    """A later page begins behind the last row of the one before, whose JSON was never read."""
    where, rows = ("entityTypeId=2", "[items]") if key == "id" else ("select[]=ID", "")
    cursors = ["0", *(f"$result[p{number}]{rows}[49][{key}]" for number in range(13))]
    asked = f"{method}?{where}&order[{key}]=ASC&start=-1&filter[>{key}]="
    answer = call("batch", cmd={f"p{number}": asked + cursor for number, cursor in enumerate(cursors)})["result"]
    read = [row[key] for page in answer.values() for row in (page["items"] if rows else page)]
    assert [int(number) for number in read] == ids()


@pytest.mark.parametrize("holes", ["none", "tenth", "clusters"])
def test_the_holes_are_where_they_were_asked_for(world: World, holes: Holes) -> None:
    made = million(world, 20_000, 500, holes)
    ids = [item.id for item in world.portal.crm.tables["DEAL"]]
    missing = {"none": 0, "tenth": 2222, "clusters": 20_000}[holes]
    assert (made["deals"], made["first_deal"], made["last_deal"]) == (len(ids), ids[0], ids[-1])
    assert len(ids) == len(set(ids)) == 20_000
    assert ids == sorted(ids)
    assert made["last_deal"] - 20_000 == pytest.approx(missing, rel=0.5, abs=1)


def test_a_deal_that_came_is_the_newest(call: Call, planted: dict[str, Any], ids: Callable[[], list[int]]) -> None:
    """A cursor of changes sees nothing but it."""
    before = call("crm.item.list", entityTypeId=2, order={"id": "DESC"}, start=-1)["items"][0]
    added = call("crm.deal.add", fields={"TITLE": "Новая"})
    assert added == before["id"] + 1 == ids()[-1]
    changed = call("crm.item.get", entityTypeId=2, id=added)["item"]["updatedTime"]
    rows = call("crm.item.list", entityTypeId=2, filter={">=updatedTime": changed}, start=-1)["items"]
    assert [row["id"] for row in rows] == [added]


def test_a_client_of_a_deal_is_there(call: Call, world: World, planted: dict[str, Any]) -> None:
    """Every third one is a company; names tell the numbers."""
    deals = list(world.portal.crm.tables["DEAL"])
    assert {deal.values["COMPANY_ID"] for deal in deals} == {None, *range(3, 60, 3)}
    assert {deal.values["CONTACT_ID"] for deal in deals} == set(range(1, 60))
    assert call("crm.company.get", id=9)["TITLE"] == "ООО «Оптовик-9»"
    assert call("crm.contact.get", id=8)["LAST_NAME"].endswith("-8")
