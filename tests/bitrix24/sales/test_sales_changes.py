"""Our copy follows the portal's deals: changes by a cursor, everything by readings that anybody may take up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from backoffice.bitrix24.errors import PortalError
from backoffice.bitrix24.names import SalesNames
from backoffice.rules.sales import SaleDeal, SaleState
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.million import million
from backoffice.sandbox.seeds.wholesale import LOST, OPEN, Wholesale
from backoffice.sandbox.world import World
from backoffice.store.sales import sales_of_clients
from backoffice.store.sales_copy import changed_until, move_changed

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire
    from tests.bitrix24.sales.conftest import Copy

Edit = Callable[[Sequence[int]], None]
HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def deals(world: World) -> list[int]:
    """The ids of a thousand deals."""
    million(world, deals=1000, clients=300)
    return [item.id for item in world.portal.crm.tables["DEAL"]]


def test_a_deal_is_kept_as_the_portal_shows_it(copy: "Copy", shop: Wholesale, world: World) -> None:
    """Whose it is, what became of it and when, the sum, who is responsible."""
    company, person = shop.company("ООО «Опт»"), shop.person("Ли", "Анна")
    won = shop.deal(company, person, days_ago=0, opportunity="1999.90", assignedById=2)
    shop.deal(person, stage=OPEN)
    shop.deal(person, stage=LOST, days_ago=0)
    copy.read()
    sales = sales_of_clients(copy.engine, copy.portal.host, [company, person, "C_0"])
    today = world.clock.now().astimezone(copy.source.zone).date()
    assert sales[company].first == SaleDeal(won, company, SaleState.WON, today, Decimal("1999.90"), "RUB", 2)
    assert (sales[person].won, sales[person].open_deal, sales["C_0"].won) == (0, won + 1, 0)


def test_a_thousand_changed_deals_are_few_requests(copy: "Copy", world: World, edit: Edit) -> None:
    """Wherever they stand among all; a run that finds nothing new makes one."""
    million(world, deals=20_000, clients=6_000)
    ids = [item.id for item in world.portal.crm.tables["DEAL"]]
    copy.read()
    cost = []
    for changed in ([], ids[::20], ids[-1000:], ids[:500] + ids[7000:7500]):
        edit(changed)
        world.clock.advance(HOUR)
        world.log.reset_counters()
        assert copy.refresh() == len(changed)
        cost.append(world.log.counters()["portal_requests"])
    assert cost[0] == 1
    assert max(cost) <= 5


def test_what_changes_shows_after_the_next_refresh(copy: "Copy", shop: Wholesale, world: World) -> None:
    """Won, lost, opened again, moved to another client; new ones."""
    anna, boris = shop.person("Ли", "Анна"), shop.person("Ким", "Борис")
    ids = [shop.deal(anna, stage=OPEN) for _ in range(4)]
    copy.read()
    world.clock.advance(HOUR)
    shop.move(ids[0], "WON")
    shop.move(ids[1], "LOSE")
    shop.change_deal(ids[2], contactIds=[int(boris.removeprefix("C_"))])
    new = shop.deal(boris)
    copy.refresh()
    shop.move(ids[0], OPEN)
    copy.refresh()
    assert [(row.deal_id, row.client, row.state) for row in copy.rows()] == [
        (ids[0], anna, "open"),
        (ids[1], anna, "lost"),
        (ids[2], boris, "open"),
        (ids[3], anna, "open"),
        (new, boris, "won"),
    ]


def test_a_change_that_shows_late_is_found(copy: "Copy", shop: Wholesale, world: World) -> None:
    """One dated before the last look, within the overlap, which that look did not see."""
    copy.read()
    world.clock.advance(60)
    deal = shop.deal(shop.company("ООО «Опт»"))
    until, _ = copy.changes()
    move_changed(copy.engine, copy.portal.host, copy.source.name, until)
    assert copy.ids() == []
    copy.refresh()
    assert copy.ids() == [deal]


def test_what_no_cursor_shows_the_whole_reading_finds(copy: "Copy", shop: Wholesale, world: World) -> None:
    """Deals that were deleted, and clients that were merged."""
    anna, twin = shop.person("Ли", "Анна"), shop.person("Ли", "Анна")
    gone, moved = shop.deal(anna), shop.deal(twin)
    world.clock.advance(HOUR)
    copy.read()
    shop.delete_deal(gone)
    ask(world.portal, "crm.entity.mergeBatch", params={"entityTypeId": 3, "entityIds": [_number(anna), _number(twin)]})
    copy.refresh()
    assert [(row.deal_id, row.client) for row in copy.rows()] == [(gone, anna), (moved, twin)]
    copy.read()
    assert [(row.deal_id, row.client) for row in copy.rows()] == [(moved, anna)]


def test_a_reading_that_died_is_gone_on_with(
    copy: "Copy", deals: list[int], small_portions: None, behind: Callable[[], set[int]]
) -> None:
    """From the last portion that was stored; the beginning is not read again."""
    copy.read(portions=7)
    assert copy.ids() == deals[:700]
    assert changed_until(copy.engine, copy.portal.host, copy.source.name) is None
    behind()
    copy.read()
    assert min(behind()) == deals[699]
    assert copy.ids() == deals


def test_a_portal_that_says_later_for_too_long_takes_nothing_back(
    copy: "Copy", deals: list[int], small_portions: None, wire: "Wire", behind: Callable[[], set[int]]
) -> None:
    """The error is raised; what stands, stands."""
    copy.read(portions=2)
    wire.plan(wire.through, wire.answers(502, "<html></html>"))
    with pytest.raises(PortalError):
        copy.read()
    behind()
    copy.read()
    assert min(behind()) >= deals[199]
    assert copy.ids() == deals


def test_spent_operating_time_is_waited_for(copy: "Copy", deals: list[int], world: World) -> None:
    """As the portal says, and the reading goes on: nothing is refused to whoever started it."""
    world.portal.config.operating_limit = 0.5
    began = world.clock.now()
    copy.read()
    assert world.clock.now() - began > timedelta(minutes=9)
    assert copy.ids() == deals


def test_a_reading_a_day_old_is_begun_anew(
    copy: "Copy", deals: list[int], small_portions: None, world: World, behind: Callable[[], set[int]]
) -> None:
    """What it read first is too old to be built upon."""
    copy.read(portions=7)
    world.clock.advance(DAY + 1)
    behind()
    copy.read()
    assert min(behind()) == 0


def test_what_is_taken_in_during_a_reading_stays(
    copy: "Copy", deals: list[int], small_portions: None, world: World, shop: Wholesale, edit: Edit
) -> None:
    """New deals, and changes of those read already or not yet."""
    copy.read()
    world.clock.advance(HOUR)
    copy.read(portions=5)
    edit([deals[0], deals[900]])
    new = shop.deal(shop.company("ООО «Опт»"))
    changed_at = world.clock.now().replace(microsecond=0)
    copy.refresh()
    copy.read()
    assert copy.ids() == [*deals, new]
    assert [row.deal_id for row in copy.rows() if row.changed_at == changed_at] == [deals[0], deals[900], new]


def test_a_copy_by_other_words_is_none_until_it_is_whole(
    copy: "Copy", deals: list[int], small_portions: None, world: World
) -> None:
    """portal.toml may name other funnels tomorrow, and the old ones again before everything was read."""
    copy.read()
    old = copy.source
    copy.source = replace(old, names=SalesNames(funnels=frozenset([7])))
    copy.read(portions=3)
    known = [changed_until(copy.engine, copy.portal.host, one.name) for one in (old, copy.source)]
    assert known == [None, None]
    copy.read()
    assert {row.state for row in copy.rows()} == {"void"}
    assert changed_until(copy.engine, copy.portal.host, copy.source.name) is not None


def test_the_next_refresh_after_a_reading_looks_at_what_changed_while_it_read(
    copy: "Copy", deals: list[int], small_portions: None, world: World, edit: Edit
) -> None:
    """However long it took."""
    copy.read(portions=9)
    world.clock.advance(5 * HOUR)
    edit(deals[:10])
    now = world.clock.now().replace(microsecond=0)
    copy.read()
    assert now not in {row.changed_at for row in copy.rows()}
    copy.refresh()
    assert [row.deal_id for row in copy.rows() if row.changed_at == now] == deals[:10]


def _number(client: str) -> int:
    return int(client.partition("_")[2])
