"""The program that keeps the copy of the deals, killed where a test wants it, and a second store to compare with."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel, col, select

from backoffice import connections
from backoffice.bitrix24 import sales_changes
from backoffice.bitrix24.client import Portal
from backoffice.rules.repeat_sales import CallPolicy, Study
from backoffice.sandbox.world import FROZEN_MOMENT, World
from backoffice.settings import settings
from backoffice.store import sales_copy
from backoffice.store.engine import open_engine, reading, upgrade, writing
from backoffice.store.sales import SaleRow
from tasks.sales import read_ripe, read_study, rebuild_sales, refresh_sales
from tests.chaos.sales.market import AFTER, FUNNEL, RETURNED, Market

Deals = list[dict[str, Any]]


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


class Transport(httpx.HTTPTransport):
    def close(self) -> None:
        """Live on for the next client."""


class NoLimit:
    """A portal that is never asked too much: its budget is not what is tested here."""

    def take(self, *_: object, **__: object) -> float:
        return 0.0

    def found_full(self) -> None:
        """Nothing to take note of."""


class Program:
    """Its tasks, run one after another."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, stores: list[Engine]) -> None:
        self.world = world
        self._monkeypatch, self._stores = monkeypatch, stores

    def open_anew(self) -> Market:
        """An empty portal of a wholesaler, at the beginning of time, and a copy of it."""
        self.world.reset()
        self.world.clock.move_to(FROZEN_MOMENT)
        self._monkeypatch.setattr(connections, "_resolved", {})
        market = Market(self.world)
        self._forget()
        refresh_sales.fn()
        return market

    def refresh(self) -> None:
        refresh_sales.fn()

    def rebuild(self, dies_after: int | None = None) -> bool:
        """Whether it came to its end; it dies when it has stored so many portions."""
        store_read, left = sales_copy.store_read, iter(range(dies_after or 0))

        def mortal(*portion: Any) -> None:
            if dies_after is not None and next(left, None) is None:
                raise Killed
            store_read(*portion)

        with self._monkeypatch.context() as patch:
            patch.setattr(sales_copy, "store_read", mortal)
            try:
                rebuild_sales.fn()
            except Killed:
                return False
        return True

    def ripe(self) -> tuple[list[str], Study]:
        """The clients who may be due, and by what they are judged."""
        study = read_study.fn(CallPolicy(after_days=AFTER.days), self.world.clock.now())
        return sorted(one.client for one in read_ripe.fn(study)), study

    def copied(self) -> Deals:
        """All that is kept of each deal."""
        with reading(connections.store()) as session:
            rows = session.exec(select(SaleRow).order_by(col(SaleRow.deal_id)))
            return [row.model_dump(exclude={"reading"}) for row in rows]

    def copied_anew(self) -> Deals:
        """The same of a store that was empty."""
        self._stores.reverse()
        self._forget()
        rebuild_sales.fn()
        anew = self.copied()
        self._stores.reverse()
        return anew

    def _forget(self) -> None:
        with writing(connections.store()) as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.execute(table.delete())


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[list[Engine]]:
    """The first is the program's."""
    engines = [open_engine(f"sqlite:///{tmp_path / name}.db") for name in ("kept", "anew")]
    for engine in engines:
        upgrade(engine)
    yield engines
    for engine in engines:
        engine.dispose()


@pytest.fixture
def program(
    world: World, connected: None, stores: list[Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """Two deals a portion; one funnel is of sales, one of its stages undoes them."""
    name_funnel(tmp_path, monkeypatch)
    transport = Transport(verify=False)  # plain http, and loading authorities takes time
    monkeypatch.setattr(connections, "Portal", partial(Portal, transport=transport))
    monkeypatch.setattr(connections, "SharedBudget", lambda *_: NoLimit())
    monkeypatch.setattr(sales_changes, "PORTION", 2)
    with monkeypatch.context() as patch:
        patch.setattr(connections, "store", lambda: stores[0])
        yield Program(world, monkeypatch, stores)
    httpx.HTTPTransport.close(transport)


def name_funnel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a portal.toml of the test's own."""
    text = settings().portal_toml.read_text()
    for empty, word in (("funnels", FUNNEL), ("undone_stages", RETURNED)):
        assert f"\n{empty} = []" in text
        text = text.replace(f"\n{empty} = []", f'\n{empty} = ["{word}"]')
    (folder / "portal.toml").write_text(text)
    monkeypatch.setenv("PORTAL_TOML", str(folder / "portal.toml"))
    settings.cache_clear()
    connections.words.cache_clear()
