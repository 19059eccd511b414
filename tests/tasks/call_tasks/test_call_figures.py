"""How many requests the steps cost with 100 clients, the first requests of each being shorter than the later ones."""

from dataclasses import replace

import pytest

from backoffice.rules.repeat_sales import CallPolicy
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World
from tasks.call_tasks import close_tasks, read_calendar, write_tasks
from tests.tasks.call_tasks.conftest import Desk, Obey

CLIENTS = 100


@pytest.mark.parametrize(("rest_3", "costs"), [(False, (6, 8)), (True, (104, 105))])
def test_batches_where_there_are_batches(
    world: World, desk: Desk, wholesale: Wholesale, obey: Obey, rest_3: bool, costs: tuple[int, int]
) -> None:
    """By REST 3.0 a task and a comment are a request each; everything else goes fifty at a time."""
    world.portal.config.rest_3 = rest_3
    obey(rest_3=rest_3)
    clients = [wholesale.company(f"Лавка {number}") for number in range(CLIENTS)]
    for client in clients:
        wholesale.deal(client)
    study = replace(desk.study, policy=CallPolicy(per_day=CLIENTS))
    calls = read_calendar.fn([look.sales for look in desk.look(*clients)], study).take(desk.judge(*clients))
    making = desk.requests(lambda: write_tasks.fn(calls, desk.study.today))
    assert desk.requests(desk.settle) == (1, 0)
    for client in clients:
        wholesale.deal(client, days_ago=0)
    bought = desk.bought()
    closing = desk.requests(lambda: close_tasks.fn(bought, desk.study.today))
    assert (making, closing) == ((costs[0], CLIENTS), (costs[1], 2 * CLIENTS))
