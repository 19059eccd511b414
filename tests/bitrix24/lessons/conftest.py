"""A school in a portal in a box, and where our code finds its lessons."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.lesson_source import LessonSource, lesson_source
from backoffice.bitrix24.names import read_names
from backoffice.bitrix24.words import read_words
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World

WORDS = read_words(Path(__file__).parents[3] / "portal.toml")


@pytest.fixture
def school(world: World) -> School:
    """What managers do in the portal."""
    return School(world)


@pytest.fixture
def source(portal: Portal, school: School) -> LessonSource:
    """The stage, the field of dates and the field of those who asked not to be written to, as the portal has them."""
    names = read_names(portal, WORDS, "lesson_reminders")
    assert names.funnels["learning"].stages["studying"] == school.stage_id
    return lesson_source(names, WORDS.portal.time_zone)


@pytest.fixture
def add_offer(world: World, school: School) -> Callable[[int], int]:
    """Adds an offer (variation) of a product."""

    def add(product_id: int) -> int:
        offers = next(block.id for block in world.portal.catalog.iblocks.values() if block.product_iblock_id)
        fields = {"iblockId": offers, "name": "Вариант", "parentId": product_id}
        return int(ask(world.portal, "catalog.product.offer.add", fields=fields)["offer"]["id"])

    return add


@pytest.fixture
def sell(world: World) -> Callable[[int, Sequence[dict[str, object]]], None]:
    """Puts product rows into a deal as they are given; a `type` besides is what the row then says of the product."""

    def put(deal_id: int, rows: Sequence[dict[str, object]]) -> None:
        sent = [{name: row[name] for name in row if name != "type"} for row in rows]
        ask(world.portal, "crm.item.productrow.set", ownerType="D", ownerId=deal_id, productRows=sent)
        kept = world.portal.crm.product_rows
        for asked, made in zip(rows, kept.of(("DEAL", deal_id)), strict=True):
            kept.put(replace(made, type=int(str(asked.get("type", made.type)))))

    return put


@pytest.fixture
def requests(world: World) -> Callable[[], int]:
    """How many requests the portal had since the last time of asking."""
    seen = 0

    def count() -> int:
        nonlocal seen
        before, seen = seen, int(world.log.counters()["portal_requests"])
        return seen - before

    return count
