"""What repeat-sale calls cost the portal, counted by the portal."""

import pytest

from backoffice.rules.repeat_sales import CallPolicy
from backoffice.sandbox.seeds.million import million
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World
from tasks.sales import refresh_sales
from tests.flows.costs import cost
from tests.flows.sales import Run, pass_days, tasks, writes

DEALS, CLIENTS, EVERYBODY_ONCE = 2_000, 600, 2_300
IDLE = 5
"""The look at the portal, what changed, the portal's clock, the open tasks, the managers of those who wait."""


def test_an_idle_run_over_two_thousand_deals_costs_five_requests(world: World, call_clients: Run) -> None:
    """It writes nothing, although clients wait for whom there is no place today."""
    million(world, deals=DEALS, clients=EVERYBODY_ONCE)
    pass_days(world, 45)
    call_clients()
    assert len(tasks(world)) == CallPolicy().per_day
    world.clock.advance(600)
    assert cost(world, call_clients) == IDLE
    assert writes(world, call_clients) == 0


@pytest.mark.parametrize(("calls", "requests"), [(1, 9), (50, 13), (200, 26)])
def test_calls_cost_requests_by_the_portion(
    world: World, wholesale: Wholesale, call_clients: Run, calls: int, requests: int
) -> None:
    """For 50 clients: their deals and cards, the tasks there are, what they bought; and the making of their tasks."""
    call_clients()
    for number in range(calls):
        wholesale.deal(wholesale.company(f"Лавка {number}"))
    world.clock.advance(600)
    assert cost(world, lambda: call_clients(policy=CallPolicy(per_day=200))) <= requests
    assert len(tasks(world)) == calls


@pytest.mark.parametrize(("changed", "requests"), [(0, 1), (49, 1), (1_000, 5)])
def test_a_thousand_changed_deals_cost_five_requests(
    world: World, wholesale: Wholesale, call_clients: Run, changed: int, requests: int
) -> None:
    """To take them in; 49 come with the question whether there are any."""
    million(world, deals=DEALS, clients=CLIENTS)
    call_clients()
    world.clock.advance(600)
    for deal in list(world.portal.crm.tables["DEAL"])[:changed]:
        wholesale.change_deal(deal.id, title="Договор")
    assert cost(world, refresh_sales.fn) <= requests
