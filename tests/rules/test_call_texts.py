"""What a call task tells, out of what people wrote."""

from datetime import date
from decimal import Decimal

import pytest

from backoffice.rules.call_schedule import Call
from backoffice.rules.call_texts import MOST_GOODS, Goods, Purchase, task_values, without_markup
from backoffice.rules.repeat_sales import Client, Judged, Look, Why
from backoffice.rules.sales import ClientSales, SaleDeal, SaleState

DEAL = SaleDeal(7, "CO_1", SaleState.WON, date(2026, 1, 21), Decimal("18400.5"), "USD", 2)
CALL = Call(Judged(Look(ClientSales("CO_1", 1, DEAL), Client("CO_1", "Лавка")), Why.DUE), 2, date(2026, 3, 3))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[b]Опт[/b]", "(b)Опт(/b)"),
        ("<script>", "‹script›"),
        ("в две\nстроки\t ", "в две строки"),
        (" ", "без названия"),
        ("Кофе & чай, 1 кг", "Кофе & чай, 1 кг"),
    ],
)
def test_peoples_words_are_one_harmless_line(written: str, told: str) -> None:
    """Neither a tag nor a line of its own, where our mark would stand."""
    assert without_markup(written) == told


def test_a_long_list_of_goods_is_cut() -> None:
    """The first twenty, and how many more there are."""
    purchase = Purchase(DEAL, "Опт", tuple(Goods(f"Товар {number}", "1 шт") for number in range(25)))
    values = task_values(CALL, purchase, date(2026, 3, 2))
    assert (len(values["goods"]), values["more_goods"], values["goods"][0]) == (MOST_GOODS, 5, "Товар 0, 1 шт")


def test_sums_and_days_are_told_as_people_write_them() -> None:
    """The sum in its currency; a client whose card tells no activity has none."""
    values = task_values(CALL, Purchase(DEAL, "Опт"), date(2026, 3, 2))
    assert (values["price"], values["bought_on"], values["days"]) == ("18 400,50 USD", "21.01.2026", 40)
    assert values["last_contact"] == ""
