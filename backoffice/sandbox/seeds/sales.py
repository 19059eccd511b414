"""Clients of a wholesaler, of whom one is due for a call about a repeat sale and every other is not."""

from typing import TYPE_CHECKING, Any

from backoffice.sandbox.bitrix24.tasks.task import COMPLETED
from backoffice.sandbox.seeds.wholesale import LOST, OPEN, Wholesale

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World


def sales(world: "World") -> dict[str, Any]:
    """Gives the client to call and its deal, and why each of the others is not called, by client."""
    shop = Wholesale(world)
    due = shop.company("Кофейня «Полдень»")
    vera = shop.person("Соловьёва", "Вера")
    deal = shop.deal(due, vera, title="Пробная поставка кофе", opportunity=18400)
    shop.goods(deal, "Кофе в зёрнах, 1 кг", "Сироп ванильный")
    shop.deal(due, stage=LOST, days_ago=70)
    return {"client": due, "deal_id": deal, "others": _others(shop)}


def _others(shop: Wholesale) -> dict[str, str]:
    regular, negotiating, new = (shop.company(f"Магазин «{name}»") for name in ("Причал", "Берёзка", "Уют"))
    shop.deal(regular, days_ago=200)
    shop.deal(regular)
    shop.deal(negotiating)
    shop.deal(negotiating, stage=OPEN)
    shop.deal(new, days_ago=5)
    refusing, undecided = shop.person("Тихонов", "Егор", no_calls=True), shop.person("Рябинина", "Нина")
    shop.deal(refusing)
    shop.deal(undecided, stage=LOST)
    return {
        regular: "купил дважды",
        negotiating: "есть открытая сделка",
        new: "куплено пять дней назад",
        refusing: "просил не звонить",
        undecided: "ничего не купил",
    }


def called(world: "World") -> dict[str, Any]:
    """Managers call: every open task is completed, and every second client buys again. Gives the tasks."""
    shop = Wholesale(world)
    tasks = [task for task in world.portal.tasks if task.status != COMPLETED]
    for number, task in enumerate(tasks):
        shop.complete(task.id)
        if number % 2 == 0:
            shop.deal(*task.bindings[:1], title="Повторная поставка", days_ago=0, opportunity=31000 + 2500 * task.id)
    return {"tasks": [task.id for task in tasks]}
