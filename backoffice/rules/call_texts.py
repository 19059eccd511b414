"""What a call task tells the manager. The portal reads its text as BBCode: people's words come without markup."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.rules.call_schedule import Call
from backoffice.rules.russian import NO_BREAK, price
from backoffice.rules.sales import SaleDeal

MOST_GOODS = 20
HARMLESS = str.maketrans("[]<>", "()‹›")
NAMELESS = "без названия"


@dataclass(frozen=True)
class Goods:
    """A product row; `quantity` with its unit: «5 шт»."""

    name: str
    quantity: str


@dataclass(frozen=True)
class Purchase:
    """A won deal; `last_contact`: the day of the client's last activity, None if its card tells none."""

    deal: SaleDeal
    title: str
    goods: tuple[Goods, ...] = ()
    last_contact: date | None = None


def without_markup(text: str) -> str:
    """People's words in one line, with brackets that begin no tag of BBCode or HTML."""
    return " ".join(text.translate(HARMLESS).split()) or NAMELESS


def task_values(call: Call, purchase: Purchase, today: date) -> dict[str, Any]:
    """The values for the templates of a task, but for links and the mark. ValueError for a deal without a day."""
    bought_on = purchase.deal.closed_on
    if bought_on is None:
        raise ValueError(f"deal {purchase.deal.id} was closed on no day")
    return {
        "client": without_markup(call.judged.look.client.name),
        "deal": without_markup(purchase.title),
        "goods": [f"{without_markup(one.name)}, {without_markup(one.quantity)}" for one in purchase.goods[:MOST_GOODS]],
        "more_goods": max(0, len(purchase.goods) - MOST_GOODS),
        "bought_on": f"{bought_on:%d.%m.%Y}",
        "days": (today - bought_on).days,
        "price": price(purchase.deal.amount, purchase.deal.currency).replace(NO_BREAK, " "),
        "last_contact": f"{purchase.last_contact:%d.%m.%Y}" if purchase.last_contact else "",
    }
