"""A school in a portal in a box, and where our code finds its lessons."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.lesson_changes import read_changes, read_everything
from backoffice.bitrix24.lesson_source import LessonSource, lesson_source
from backoffice.bitrix24.names import read_names
from backoffice.bitrix24.words import read_words
from backoffice.rules.lesson_changes import Changes
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from backoffice.store.courses import courses_between
from backoffice.store.engine import open_engine, upgrade
from backoffice.store.enrolments import enrolments_of, product_cards
from backoffice.store.lessons import lesson_cursors, store_changes

LONG_AGO, FAR_AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
WORDS = read_words(Path(__file__).parents[3] / "portal.toml")


class Model:
    """The read model beside the portal: it is filled by looking, and asked what it holds."""

    def __init__(self, portal: Portal, source: LessonSource, engine: Engine) -> None:
        self.portal, self.source, self.engine = portal, source, engine

    def read_everything(self) -> None:
        for portion in read_everything(self.portal, self.source, self.cards()):
            self.store(portion)

    def read_changes(self) -> Changes:
        reached = lesson_cursors(self.engine, self.portal.host, self.source.name)
        assert reached is not None
        return read_changes(self.portal, self.source, reached, self.cards())

    def sweep(self) -> None:
        self.store(self.read_changes())

    def store(self, changes: Changes) -> None:
        store_changes(self.engine, self.portal.host, changes)

    def cards(self) -> dict[int, int]:
        return product_cards(self.engine, self.portal.host)

    def courses(self) -> dict[int, tuple[datetime, ...]]:
        found = courses_between(self.engine, self.portal.host, LONG_AGO, FAR_AHEAD)
        return {course.id: course.lessons for course in found}

    def attending(self, *course_ids: int) -> dict[int, tuple[int, ...]]:
        """Deal -> its contacts, of the deals that have any of the courses."""
        return {own.deal_id: own.contact_ids for own in enrolments_of(self.engine, self.portal.host, course_ids)}


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
def model(portal: Portal, source: LessonSource, tmp_path: Path) -> Iterator[Model]:
    """A read model that has read everything there is: nothing yet."""
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    model = Model(portal, source, engine)
    model.read_everything()
    yield model
    engine.dispose()


@pytest.fixture
def start_anew(world: World, portal: Portal, tmp_path: Path) -> Iterator[Callable[[], tuple[School, Model]]]:
    """Makes the portal a new one with a school, and a read model of it: for tests that try many histories."""
    engines: list[Engine] = []

    def make() -> tuple[School, Model]:
        world.portal.clear()
        school = School(world)
        engines.append(open_engine(f"sqlite:///{tmp_path / str(len(engines))}.db"))
        upgrade(engines[-1])
        names = read_names(portal, WORDS, "lesson_reminders")
        model = Model(portal, lesson_source(names, WORDS.portal.time_zone), engines[-1])
        model.read_everything()
        return school, model

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def lesson(world: World) -> datetime:
    """Tomorrow by the portal's clock."""
    return (world.clock.now() + timedelta(days=1)).replace(microsecond=0)


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
