"""A wholesaler's portal in a box, and our copy of its deals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from backoffice.bitrix24 import sales_changes
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.names import SalesNames
from backoffice.bitrix24.sales_changes import read_all, read_changed
from backoffice.bitrix24.sales_source import SalesSource
from backoffice.bitrix24.shape import read_server_time
from backoffice.rules.sales_copy import SeenDeal, WholeReading
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World
from backoffice.store.engine import reading
from backoffice.store.sales import SaleRow
from backoffice.store.sales_copy import (
    begin_reading,
    changed_until,
    end_reading,
    move_changed,
    store_changed,
    store_read,
)

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

SMALL = 100


@dataclass
class Copy:
    """Filled as the tasks fill it, a portion at a time where a test wants to look between two."""

    portal: Portal
    engine: Engine
    source: SalesSource

    def begin(self) -> WholeReading:
        now = read_server_time(self.portal.call("server.time"))
        return begin_reading(self.engine, self.portal.host, self.source.name, now)

    def read(self, portions: int | None = None) -> None:
        """A whole reading; with a number of portions, one that dies after them."""
        reading = self.begin()
        for portion in islice(read_all(self.portal, self.source, reading.read_until), portions):
            store_read(self.engine, self.portal.host, reading, portion)
        if portions is None:
            end_reading(self.engine, self.portal.host, reading)

    def changes(self) -> tuple[datetime, list[SeenDeal]]:
        since = changed_until(self.engine, self.portal.host, self.source.name)
        assert since is not None
        until, portions = read_changed(self.portal, self.source, since)
        return until, [one for portion in portions for one in portion]

    def refresh(self) -> int:
        """Take in the changes; how many deals were looked at."""
        until, changed = self.changes()
        store_changed(self.engine, self.portal.host, changed)
        move_changed(self.engine, self.portal.host, self.source.name, until)
        return len(changed)

    def rows(self) -> list[SaleRow]:
        """In the order of their ids."""
        with reading(self.engine) as session:
            return list(session.exec(select(SaleRow).order_by(col(SaleRow.deal_id))))

    def ids(self) -> list[int]:
        return [row.deal_id for row in self.rows()]


@pytest.fixture
def copy(portal: Portal, engine: Engine) -> Copy:
    """Nothing is read yet; all funnels are of sales."""
    return Copy(portal, engine, SalesSource(SalesNames(), ZoneInfo("Europe/Moscow")))


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred deals at a time."""
    monkeypatch.setattr(sales_changes, "PORTION", SMALL)


@pytest.fixture
def shop(world: World) -> Wholesale:
    """What managers do in the portal."""
    return Wholesale(world)


@pytest.fixture
def edit(world: World) -> Callable[[Sequence[int]], None]:
    """Somebody edits these deals."""

    def change(ids: Sequence[int]) -> None:
        for number in ids:
            ask(world.portal, "crm.deal.update", id=number, fields={"COMMENTS": "позвонить"})

    return change


@pytest.fixture
def standing(world: World) -> Callable[[], list[int]]:
    """The ids of all deals in the portal."""
    return lambda: [item.id for item in world.portal.crm.tables["DEAL"]]


@pytest.fixture
def behind(wire: "Wire") -> Callable[[], set[int]]:
    """Behind which ids deals were asked for since the last time of asking."""
    heard = 0

    def read() -> set[int]:
        nonlocal heard
        new = [place for place in range(heard, len(wire.sent)) if wire.methods()[place] == "batch"]
        heard = len(wire.sent)
        asked = [parse_qs(command.partition("?")[2]) for place in new for command in wire.commands(place)]
        return {int(one["filter[>ID]"][0]) for one in asked if one.get("filter[>ID]", ["$"])[0].isdigit()}

    return read
