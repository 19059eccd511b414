"""What a portal looks like before the run that is disturbed."""

from datetime import timedelta
from typing import TYPE_CHECKING

from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.wholesale import OPEN, Wholesale
from tests.portals import Switch

if TYPE_CHECKING:
    from tests.chaos.calls.conftest import Office

IVAN, OLGA, DISMISSED = 2, 3, 4
DAY = timedelta(days=1)


def first_night(office: "Office", switch: Switch, facts: Switch | None = None) -> None:
    """Years of deals, and nobody was ever asked to call."""
    shop = office.open_anew(switch, facts)
    for number in range(3):
        shop.deal(shop.company(f"Лавка {number}"), days_ago=40 + number, assignedById=IVAN)
    shop.deal(shop.person("Белова", "Анна"), assignedById=DISMISSED)
    shop.deal(shop.company("Склад"), days_ago=400)
    held_out(shop)


def another_night(office: "Office", switch: Switch, facts: Switch | None = None) -> None:
    """Of five calls asked for yesterday one was made, one deleted, one put off and handed over; two of the clients have
    bought again since. Two clients are due today.
    """
    shop = office.open_anew(switch, facts)
    names = ("Сделано", "Удалено", "Отложено", "Куплено", "Снова куплено")
    clients = [shop.company(name) for name in names]
    for place, client in enumerate(clients):
        shop.deal(client, assignedById=(OLGA, IVAN, 1)[place % 3])
    for client, manager in ((shop.person("Белова", "Анна"), IVAN), (shop.company("Чайная"), OLGA)):
        shop.goods(shop.deal(client, days_ago=29, assignedById=manager), "Кофе")
    held_out(shop)
    assert office.run()
    office.pass_by(DAY)
    people_work(office, shop)
    for client in clients[3:]:
        shop.deal(client, days_ago=0)


def held_out(shop: Wholesale) -> None:
    """Who has bought twice, who is buying, who wants no calls."""
    twice, buying = shop.company("Причал"), shop.company("Берёзка")
    for client in (twice, twice, buying):
        shop.deal(client)
    shop.deal(buying, stage=OPEN)
    shop.deal(shop.person("Тихонов", "Егор", no_calls=True))


def people_work(office: "Office", shop: Wholesale) -> None:
    """One task is completed, one deleted, one put off for somebody else."""
    portal = office.world.portal
    tasks = {task.title.removeprefix("Позвонить: "): task for task in portal.tasks}
    shop.complete(tasks["Сделано"].id)
    portal.tasks.delete(tasks["Удалено"])
    later = {"DEADLINE": (office.world.clock.now() + 3 * DAY).isoformat(), "RESPONSIBLE_ID": 1}
    ask(portal, "tasks.task.update", taskId=tasks["Отложено"].id, fields=later)
