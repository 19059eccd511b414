"""Our copy of the deals as the flow asks for it."""

from datetime import UTC, date, datetime

import pytest

from backoffice import connections
from backoffice.rules.repeat_sales import CallPolicy, Study
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.fund import Fund
from backoffice.sandbox.seeds.wholesale import OPEN, Wholesale
from backoffice.sandbox.world import World
from tasks.sales import read_ripe, read_study, rebuild_sales, refresh_sales

POLICY = CallPolicy(after_days=30)


@pytest.fixture
def shop(world: World, fund: Fund, connected: None) -> Wholesale:
    """A wholesaler whose portal has what its processes need."""
    return Wholesale(world)


def ripe(world: World) -> list[str]:
    return [one.client for one in read_ripe.fn(read_study.fn(POLICY, world.clock.now()))]


def test_the_first_refresh_reads_everything_and_the_next_one_little(shop: Wholesale, world: World) -> None:
    """The longest waiting are first; when nothing changed, one request."""
    clients = [shop.company(f"Лавка {number}") for number in range(60)]
    for days_ago, client in enumerate(clients):
        shop.deal(client, days_ago=days_ago)
    world.clock.advance(3600)
    refresh_sales.fn()
    assert ripe(world) == clients[:29:-1]
    world.log.reset_counters()
    refresh_sales.fn()
    assert world.log.counters()["portal_requests"] == 1


def test_other_words_in_portal_toml_are_read_for(
    shop: Wholesale, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stage that undoes sales from today on undoes those of the past."""
    ask(world.portal, "crm.status.add", fields={"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "BACK", "NAME": "Возврат"})
    returning, client = shop.company("Лавка"), shop.company("Склад")
    shop.deal(client)
    for buyer in (returning, client):
        shop.deal(buyer, stage="BACK")
    refresh_sales.fn()
    assert ripe(world) == []
    words = connections.words()
    section = words.processes["repeat_sale_calls"]
    assert section.sales is not None
    undone = section.sales.model_copy(update={"undone_stages": ("Возврат",)})
    processes = {**words.processes, "repeat_sale_calls": section.model_copy(update={"sales": undone})}
    other = words.model_copy(update={"processes": processes})
    monkeypatch.setattr(connections, "words", lambda: other)
    monkeypatch.setattr(connections, "_resolved", {})
    refresh_sales.fn()
    assert ripe(world) == [client]


def test_everything_anew_counts_the_deals(shop: Wholesale) -> None:
    """Of all funnels and stages; a portal without deals is no trouble."""
    assert rebuild_sales.fn() == 0
    client = shop.company("Лавка")
    ids = [shop.deal(client, stage=OPEN) for _ in range(3)]
    shop.delete_deal(ids[0])
    assert rebuild_sales.fn() == 2


def test_days_are_the_portals(shop: Wholesale) -> None:
    """Late in the evening by UTC it is tomorrow in Moscow."""
    study = read_study.fn(POLICY, datetime(2026, 5, 8, 22, 30, tzinfo=UTC))
    assert study == Study(POLICY, date(2026, 1, 1), date(2026, 5, 9))
    assert study.latest == date(2026, 4, 9)
    assert connections.zone() == PORTAL_ZONE
