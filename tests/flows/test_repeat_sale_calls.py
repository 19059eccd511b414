"""Repeat-sale calls: whom the manager is to call, once, and what people do in the portal meanwhile."""

from collections import Counter
from datetime import date, timedelta

import pytest

from backoffice import connections
from backoffice.rules.repeat_sales import CallPolicy
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.bitrix24.tasks.task import COMPLETED
from backoffice.sandbox.seeds.sales import sales
from backoffice.sandbox.seeds.wholesale import LOST, OPEN, WON, Wholesale
from backoffice.sandbox.world import World
from tests.flows.sales import Run, bindings, comments, pass_days, tasks, writes

IVAN, OLGA, DISMISSED = 2, 3, 4


def test_who_bought_once_and_long_ago_is_called_once(world: World, call_clients: Run) -> None:
    """None of the others is; and the second run changes nothing."""
    planted = sales(world)
    call_clients()
    assert bindings(world) == [{planted["client"], f"D_{planted['deal_id']}"}]
    assert writes(world, call_clients) == 0
    assert len(tasks(world)) == 1


def test_the_task_says_what_was_bought(world: World, wholesale: Wholesale, call_clients: Run) -> None:
    """To the deal's manager, due on the next working day: the sandbox's day is a Monday."""
    client = wholesale.company("Кофейня «Полдень»")
    deal = wholesale.deal(client, title="Пробная поставка", assignedById=OLGA)
    wholesale.goods(deal, "Кофе в зёрнах")
    call_clients()
    [task] = tasks(world)
    assert task.responsible_id == OLGA
    assert "Кофейня «Полдень»" in task.title
    assert task.deadline is not None
    assert task.deadline.astimezone(PORTAL_ZONE).date() == date(2026, 3, 3)
    for said in ("Пробная поставка", "Кофе в зёрнах", "12 500", "21.01.2026"):
        assert said in task.description


def test_today_is_the_portals_day(
    world: World, wholesale: Wholesale, call_clients: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the clock of our machine says."""

    class Behind:
        def time(self) -> float:
            return (world.clock.now() - timedelta(days=80)).timestamp()

        def sleep(self, seconds: float) -> None:
            world.clock.advance(seconds)

    monkeypatch.setattr(connections, "CLOCK", Behind())
    wholesale.deal(wholesale.company("Лавка"))
    call_clients()
    assert "прошло 40 дней" in tasks(world)[0].description


def test_a_dry_run_only_shows(world: World, call_clients: Run) -> None:
    """Nothing is written, and the real run makes the task afterwards."""
    sales(world)
    assert writes(world, lambda: call_clients(dry_run=True)) == 0
    call_clients()
    assert len(tasks(world)) == 1


def test_a_client_who_bought_again_needs_no_call(world: World, wholesale: Wholesale, call_clients: Run) -> None:
    """Its open task is completed with one comment; the next run has nothing to do."""
    client = wholesale.company("Лавка")
    wholesale.deal(client)
    call_clients()
    [task] = tasks(world)
    pass_days(world, 3)
    second = wholesale.deal(client, days_ago=0)
    call_clients()
    [task] = tasks(world)
    assert task.status == COMPLETED
    assert [str(second) in text for text in comments(world, task.id)] == [True]
    assert writes(world, call_clients) == 0


def test_a_task_deleted_by_a_person_is_not_made_again(world: World, wholesale: Wholesale, call_clients: Run) -> None:
    """Not next month either."""
    wholesale.deal(wholesale.company("Лавка"))
    call_clients()
    [task] = tasks(world)
    world.portal.tasks.delete(task)
    for days in (1, 30):
        pass_days(world, days)
        call_clients()
    assert tasks(world) == []


def test_a_call_that_was_made_is_not_asked_for_again(world: World, wholesale: Wholesale, call_clients: Run) -> None:
    """The purchase was called about; only another purchase could be, and two are no reason."""
    wholesale.deal(wholesale.company("Лавка"))
    call_clients()
    wholesale.complete(tasks(world)[0].id)
    pass_days(world, 40)
    assert writes(world, call_clients) == 0


def test_history_comes_in_daily_portions(world: World, wholesale: Wholesale, call_clients: Run) -> None:
    """On a portal with years of deals: K a day for each manager, the longest waiting first, none from before
    `start_from` (here 1 January 2026).
    """
    for number in range(12):
        wholesale.deal(wholesale.company(f"Лавка {number}"), days_ago=40 + number, assignedById=IVAN)
        wholesale.deal(wholesale.company(f"Склад {number}"), days_ago=400, assignedById=IVAN)
    wholesale.deal(wholesale.company("Причал"), assignedById=OLGA)
    policy = CallPolicy(per_day=3)
    call_clients(policy=policy)
    assert Counter(task.responsible_id for task in tasks(world)) == {IVAN: 3, OLGA: 1}
    assert {"Лавка 11", "Лавка 10", "Лавка 9"} == {_client(task.title) for task in tasks(world)} - {"Причал"}
    call_clients(policy=policy)
    assert len(tasks(world)) == 4
    for _ in range(6):
        pass_days(world, 1)
        call_clients(policy=policy)
    days = Counter((task.responsible_id, task.deadline.date()) for task in tasks(world) if task.deadline)
    assert max(days.values()) == 3
    assert len(tasks(world)) == 13


def test_a_dismissed_managers_clients_are_called_by_another(
    world: World, wholesale: Wholesale, call_clients: Run
) -> None:
    """By the one whom portal.toml names."""
    wholesale.deal(wholesale.company("Лавка"), assignedById=DISMISSED)
    call_clients()
    assert [task.responsible_id for task in tasks(world)] == [1]


def test_what_happens_after_the_copy_was_made_is_seen(world: World, wholesale: Wholesale, call_clients: Run) -> None:
    """Deleted, opted out, won again: all of it is read just before the task is made."""
    deleted, refused, again, kept = (wholesale.company(name) for name in ("Раз", "Два", "Три", "Четыре"))
    for client in (deleted, refused, again, kept):
        wholesale.deal(client, days_ago=20)
    call_clients()
    pass_days(world, 15)
    wholesale.delete_client(deleted)
    wholesale.refuse_calls(refused)
    wholesale.deal(again, stage=OPEN)
    call_clients()
    assert [client for found in bindings(world) for client in found if client.startswith("CO_")] == [kept]


def test_a_deal_that_leaves_its_last_stage_is_no_sale(world: World, wholesale: Wholesale, call_clients: Run) -> None:
    """Reopened by a person: nobody is called; lost: neither; won again: the day of the new closing counts."""
    deal = wholesale.deal(wholesale.company("Лавка"), days_ago=29)
    call_clients()
    wholesale.move(deal, OPEN)
    pass_days(world, 10)
    call_clients()
    wholesale.move(deal, LOST)
    call_clients()
    assert tasks(world) == []
    wholesale.move(deal, WON)
    pass_days(world, 31)
    call_clients()
    assert len(tasks(world)) == 1


def test_a_deleted_deal_is_missed_by_the_nightly_reading(world: World, wholesale: Wholesale, call_clients: Run) -> None:
    """The second of two sales is deleted without a trace: after everything was read anew the client is due."""
    client = wholesale.company("Лавка")
    wholesale.deal(client)
    second = wholesale.deal(client)
    call_clients()
    wholesale.delete_deal(second)
    pass_days(world, 1)
    call_clients()
    assert tasks(world) == []
    call_clients("rebuild")
    call_clients()
    assert len(tasks(world)) == 1


@pytest.mark.parametrize(
    ("which", "client"), [("due", "CO_7"), ("why", ""), ("why", "  "), ("report", "C_5"), ("rebuild", "C_5")]
)
def test_a_form_that_cannot_be_meant_is_refused(which: str, client: str, call_clients: Run) -> None:
    """The field is named."""
    with pytest.raises(ValueError, match="client"):
        call_clients(which, client=client)


def test_an_unreadable_client_is_refused(call_clients: Run) -> None:
    """The field is named, and what it takes."""
    with pytest.raises(ValueError, match="CO_77"):
        call_clients("why", client="Лавка")


def _client(title: str) -> str:
    return title.partition(": ")[2]
