"""A client is looked at as the portal has it at this moment: its deals, its card, the tasks about it."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from backoffice import connections
from backoffice.rules.call_schedule import Calendar
from backoffice.rules.portal_setup import PortalLacks
from backoffice.rules.repeat_sales import CallPolicy, Why
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.wholesale import LOST, OPEN, Wholesale
from backoffice.sandbox.world import World
from tasks.call_tasks import look_at, look_at_one, read_calendar, write_tasks
from tests.tasks.call_tasks.conftest import Desk

IVAN, OLGA, DISMISSED = 2, 3, 4


def test_what_a_company_bought_is_not_its_contacts(desk: Desk, wholesale: Wholesale) -> None:
    """A person has bought what no company has."""
    company, vera = wholesale.company("Лавка"), wholesale.person("Соловьёва", "Вера")
    wholesale.deal(company, vera)
    own = wholesale.deal(vera, opportunity=700)
    looks = desk.look(vera, company)
    assert [(look.client.key, look.sales.won) for look in looks] == [(vera, 1), (company, 1)]
    first = looks[0].sales.first
    assert first is not None
    assert (first.id, first.amount, first.closed_on) == (own, Decimal(700), date(2026, 1, 21))


def test_people_are_called_by_their_initials_in_reports(desk: Desk, wholesale: Wholesale) -> None:
    """By name in the task alone; no name in what is logged."""
    company, vera = wholesale.company(" Лавка  «Причал»"), wholesale.person("Соловьёва", "Вера")
    shop, person = (look.client for look in desk.look(company, vera))
    assert (shop.label, shop.name) == ("Лавка «Причал»", "Лавка «Причал»")
    assert (person.label, person.name) == ("С. В.", "Соловьёва Вера")
    assert "Соловьёва" not in repr(person)


def test_what_holds_a_client_out_is_seen_live(desk: Desk, wholesale: Wholesale) -> None:
    """Whatever our copy thinks."""
    names = ("Раз", "Два", "Три", "Четыре", "Пять")
    gone, refusing, twice, talking, nothing = (wholesale.company(name) for name in names)
    for client in (gone, refusing, twice, talking):
        wholesale.deal(client)
    wholesale.delete_client(gone)
    wholesale.refuse_calls(refusing)
    wholesale.deal(twice)
    wholesale.deal(talking, stage=OPEN)
    wholesale.deal(nothing, stage=LOST)
    judged = [one.why for one in desk.judge(gone, refusing, twice, talking, nothing)]
    assert judged[1:] == [Why.NO_CALLS, Why.MANY, Why.OPEN_DEAL, Why.NO_SALE]
    assert judged[0] in (Why.GONE, Why.NO_SALE)


def test_a_purchase_asked_about_stays_asked_after_a_merge(world: World, desk: Desk, wholesale: Wholesale) -> None:
    """The deal goes over to the survivor, whose first it is; even if a person has deleted the task."""
    kept, merged = wholesale.person("Соловьёва", "Вера"), wholesale.person("Соловьёва", "Вера")
    wholesale.deal(merged)
    desk.write(merged)
    ask(world.portal, "crm.entity.mergeBatch", params={"entityTypeId": 3, "entityIds": [_id(kept), _id(merged)]})
    assert [one.why for one in desk.judge(kept, merged)] == [Why.ASKED, Why.GONE]
    assert not desk.look(merged)[0].client.living
    ask(world.portal, "tasks.task.delete", taskId=desk.tasks[0].id)
    desk.settle()
    assert [one.why for one in desk.judge(kept)] == [Why.ASKED]


def test_more_deals_than_a_page_are_read_to_the_end(desk: Desk, wholesale: Wholesale) -> None:
    """A person who orders for sixty companies has bought once himself."""
    vera, company = wholesale.person("Соловьёва", "Вера"), wholesale.company("Лавка")
    for _ in range(60):
        wholesale.deal(company, vera)
    own = wholesale.deal(vera)
    [look] = desk.look(vera)
    assert (look.sales.won, look.sales.first and look.sales.first.id) == (1, own)


def test_a_task_about_another_purchase_that_waits_holds_out(desk: Desk, wholesale: Wholesale, client: str) -> None:
    """One call at a time: the first purchase was undone, the second has its time."""
    desk.write(client)
    wholesale.move(1, LOST)
    wholesale.deal(client)
    [judged] = desk.judge(client)
    assert (judged.why, judged.about) == (Why.OPEN_TASK, "задача 1")


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        " {} ",
        "ORIGIN/crm/company/details/1/",
        "ORIGIN/crm/company/details/1/?IFRAME=Y",
        "/crm/company/details/1/",
    ],
)
def test_one_client_is_named_as_people_find_it(desk: Desk, client: str, written: str) -> None:
    """By its key or by the address of its card."""
    written = written.format(client).replace("ORIGIN", connections.portal_origin())
    assert look_at_one.fn(written, desk.study.today).client.key == client


@pytest.mark.parametrize("written", ["77", "CO_0", "CO_7x", "D_7", "https://p.example/crm/deal/details/1/"])
def test_what_names_no_client_is_refused(desk: Desk, written: str) -> None:
    """The field is named, and what it takes."""
    with pytest.raises(ValueError, match=f"client: «{re.escape(written)}» — не клиент; укажите CO_77"):
        look_at_one.fn(written, desk.study.today)


def test_a_card_of_another_portal_is_refused(desk: Desk) -> None:
    """Its number means another client here."""
    with pytest.raises(ValueError, match=r"client: карточка .* другого портала"):
        look_at_one.fn("https://p.example/crm/company/details/1/", desk.study.today)


def test_clients_are_looked_at_in_few_requests(desk: Desk, wholesale: Wholesale) -> None:
    """Two commands a client and one for fifty cards; the first requests are shorter, until it is known how fast they
    are.
    """
    clients = [wholesale.company(f"Лавка {number}") for number in range(200)]
    for client in clients:
        wholesale.deal(client)
    desk.look(clients[0])
    assert desk.requests(lambda: desk.look(*clients)) == (10, 0)


def test_whoever_has_left_is_replaced(desk: Desk, wholesale: Wholesale) -> None:
    """By the one whom portal.toml names; one request for all managers."""
    clients = [wholesale.company(f"Лавка {number}") for number in range(3)]
    for client, manager in zip(clients, (IVAN, OLGA, DISMISSED), strict=True):
        wholesale.deal(client, assignedById=manager)
    assert [call.responsible_id for call in desk.calls(*clients)] == [IVAN, OLGA, 1]
    sales = [look.sales for look in desk.look(*clients)]
    assert desk.requests(lambda: read_calendar.fn(sales, desk.study)) == (1, 0)


def test_nobody_to_fall_back_on_is_told(world: World, desk: Desk, client: str) -> None:
    """By the field of portal.toml."""
    world.portal.users[1] = replace(world.portal.users[1], active=False)
    with pytest.raises(PortalLacks, match="fallback_user"):
        desk.calls(client)


def test_open_calls_take_their_places(desk: Desk, wholesale: Wholesale) -> None:
    """Of tomorrow's places those are left that no call of ours has; what was called about is free again."""
    clients = [wholesale.company(f"Лавка {number}") for number in range(3)]
    for client in clients:
        wholesale.deal(client, assignedById=IVAN)
    write_tasks.fn(_calendar(desk, 2).take(desk.judge(*clients)), desk.study.today)
    assert (len(desk.tasks), _calendar(desk, 2).places(IVAN), _calendar(desk, 2).places(OLGA)) == (2, 0, 2)
    wholesale.complete(desk.tasks[0].id)
    desk.settle()
    assert _calendar(desk, 2).places(IVAN) == 1


def test_without_clients_nobody_is_asked(desk: Desk) -> None:
    """A night on which nobody is ripe."""
    assert desk.requests(
        lambda: (
            read_calendar.fn([], desk.study),
            look_at.fn([], desk.study.today),
            write_tasks.fn([], desk.study.today),
        )
    ) == (0, 0)


def _id(client: str) -> int:
    return int(client.partition("_")[2])


def _calendar(desk: Desk, per_day: int) -> Calendar:
    study = replace(desk.study, policy=CallPolicy(per_day=per_day))
    return read_calendar.fn([], study)
