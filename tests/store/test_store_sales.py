"""The copy of the portal's deals: what stands in it after any readings, and what it says of the clients."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import StatementError
from sqlmodel import col, delete

from backoffice.rules.call_plan import TaskState
from backoffice.rules.repeat_sales import Asked, CallPolicy, Client, Look, Study, Why, judge
from backoffice.rules.sales import ClientSales, SaleDeal, SaleState, sales_of
from backoffice.rules.sales_copy import SeenDeal, WholeReading
from backoffice.store import call_tasks
from backoffice.store.call_tasks import CallTask
from backoffice.store.engine import writing
from backoffice.store.sales import SaleRow, ripe_clients, sales_of_clients
from backoffice.store.sales_copy import (
    ReadingOver,
    begin_reading,
    changed_until,
    end_reading,
    move_changed,
    store_changed,
    store_read,
)

HOST, OTHER_HOST = "portal.example.org", "other.example.org"
WORDS, OTHER_WORDS = "all", "[3]"
NOON = datetime(2026, 5, 8, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STUDY = Study(CallPolicy(after_days=30, until_days=100), date(2026, 3, 1), NOON.date())
CLIENTS = ("CO_1", "CO_2", "C_3")


def sold(number: int, client: str = "CO_1", days_ago: int = 40, state: SaleState = SaleState.WON) -> SaleDeal:
    closed_on = None if state is SaleState.OPEN else NOON.date() - days_ago * DAY
    return SaleDeal(number, client, state, closed_on, Decimal("1500.90"), "RUB", 6)


def seen(*deals: SaleDeal, changed_at: datetime = NOON) -> list[SeenDeal]:
    return [SeenDeal(deal, changed_at) for deal in deals]


def read(engine: Engine, *deals: SaleDeal, now: datetime = NOON, words: str = WORDS, host: str = HOST) -> int:
    """A whole reading that meets these deals."""
    reading = begin_reading(engine, host, words, now)
    store_read(engine, host, reading, seen(*deals, changed_at=now - DAY))
    return end_reading(engine, host, reading)


def first_of(engine: Engine, *clients: str) -> list[SaleDeal | None]:
    sales = sales_of_clients(engine, HOST, clients)
    return [sales[client].first for client in clients]


def ripe(engine: Engine, study: Study = STUDY) -> list[str]:
    return [one.client for one in ripe_clients(engine, HOST, study)]


def test_what_was_read_is_what_is_found(engine: Engine) -> None:
    """Every sum to the last digit; what another portal has stays apart; of whom nothing is known, nothing."""
    exact = replace(sold(2, "C_3"), amount=Decimal("0.100"), currency="KZT")
    assert read(engine, sold(1), exact) == 2
    read(engine, sold(1, "CO_2"), host=OTHER_HOST)
    assert sales_of_clients(engine, HOST, ["CO_1", "C_3", "CO_2"]) == {
        "CO_1": ClientSales("CO_1", 1, sold(1)),
        "C_3": ClientSales("C_3", 1, exact),
        "CO_2": ClientSales("CO_2"),
    }


def test_what_a_whole_reading_does_not_meet_goes_at_its_end(engine: Engine) -> None:
    """Not before; the copy of another portal is left alone."""
    read(engine, sold(1), sold(2, "CO_2"))
    read(engine, sold(1), host=OTHER_HOST)
    reading = begin_reading(engine, HOST, WORDS, NOON + DAY)
    store_read(engine, HOST, reading, seen(sold(2, "C_3")))
    assert first_of(engine, "CO_1", "CO_2", "C_3") == [sold(1), None, sold(2, "C_3")]
    assert end_reading(engine, HOST, reading) == 1
    assert first_of(engine, "CO_1", "C_3") == [None, sold(2, "C_3")]
    assert sales_of_clients(engine, OTHER_HOST, ["CO_1"])["CO_1"].won == 1


def test_a_later_change_is_never_overwritten(engine: Engine) -> None:
    """Neither by a slower look at changes nor by a whole reading that saw the deal before it changed."""
    read(engine, sold(1))
    store_changed(engine, HOST, seen(sold(1, "CO_2"), changed_at=NOON + 2 * MINUTE))
    store_changed(engine, HOST, seen(sold(1, "C_3"), changed_at=NOON + MINUTE))
    assert first_of(engine, "CO_2") == [sold(1, "CO_2")]
    reading = begin_reading(engine, HOST, WORDS, NOON + DAY)
    store_changed(engine, HOST, seen(sold(1, "C_3"), changed_at=NOON + DAY))
    store_read(engine, HOST, reading, seen(sold(1, "CO_2"), changed_at=NOON + 2 * MINUTE))
    end_reading(engine, HOST, reading)
    assert first_of(engine, "CO_2", "C_3") == [None, sold(1, "C_3")]


def test_a_whole_reading_is_believed_even_where_time_went_back(engine: Engine) -> None:
    """A portal restored from a backup shows older changes than we know; so do other words, of the same change."""
    read(engine, sold(1))
    store_changed(engine, HOST, seen(sold(1, "CO_2"), changed_at=NOON + DAY))
    read(engine, sold(1, "C_3"), now=NOON + DAY)
    assert first_of(engine, "CO_2", "C_3") == [None, sold(1, "C_3")]


def test_what_was_taken_in_while_it_was_read_belongs_to_the_reading(engine: Engine) -> None:
    """A new deal that the reading passed by stays."""
    read(engine, sold(1))
    reading = begin_reading(engine, HOST, WORDS, NOON + DAY)
    store_read(engine, HOST, reading, seen(sold(1)))
    store_changed(engine, HOST, seen(sold(9, "CO_2"), changed_at=NOON + DAY))
    assert end_reading(engine, HOST, reading) == 2


def test_a_reading_is_taken_up_within_half_a_day(engine: Engine) -> None:
    """By whoever comes; later, or by other words, it is begun anew."""
    begun = begin_reading(engine, HOST, WORDS, NOON)
    store_read(engine, HOST, begun, seen(sold(3), sold(7, "CO_2")))
    assert begin_reading(engine, HOST, WORDS, NOON + DAY / 2) == replace(begun, read_until=7)
    late = begin_reading(engine, HOST, WORDS, NOON + DAY / 2 + MINUTE)
    assert late == WholeReading(begun.number + 1, WORDS, NOON + DAY / 2 + MINUTE)
    other = begin_reading(engine, HOST, OTHER_WORDS, NOON + DAY / 2 + MINUTE)
    assert other == WholeReading(late.number + 1, OTHER_WORDS, NOON + DAY / 2 + MINUTE)


def test_two_that_read_at_once_end_one_reading(engine: Engine) -> None:
    """How far it goes is never taken back; the second to end is told that it is over."""
    one, two = (begin_reading(engine, HOST, WORDS, NOON) for _ in range(2))
    store_read(engine, HOST, one, seen(sold(1), sold(2)))
    store_read(engine, HOST, two, seen(sold(1)))
    assert begin_reading(engine, HOST, WORDS, NOON).read_until == 2
    end_reading(engine, HOST, one)
    with pytest.raises(ReadingOver):
        store_read(engine, HOST, two, seen(sold(2)))
    with pytest.raises(ReadingOver):
        end_reading(engine, HOST, two)


def test_a_copy_is_whole_when_a_reading_has_ended(engine: Engine) -> None:
    """It has the changes up to the reading's beginning; by other words it is none until it was read anew."""
    reading = begin_reading(engine, HOST, WORDS, NOON)
    store_read(engine, HOST, reading, seen(sold(1)))
    assert changed_until(engine, HOST, WORDS) is None
    end_reading(engine, HOST, reading)
    assert changed_until(engine, HOST, WORDS) == NOON
    assert changed_until(engine, HOST, OTHER_WORDS) is changed_until(engine, OTHER_HOST, WORDS) is None
    other = begin_reading(engine, HOST, OTHER_WORDS, NOON + DAY)
    assert changed_until(engine, HOST, WORDS) is None
    end_reading(engine, HOST, other)
    assert changed_until(engine, HOST, OTHER_WORDS) == NOON + DAY


def test_the_mark_of_changes_never_goes_back(engine: Engine) -> None:
    """Neither by a slow run nor by a whole reading; that of other words moves nothing."""
    read(engine, sold(1))
    for until in (NOON + 2 * DAY, NOON + DAY):
        move_changed(engine, HOST, WORDS, until)
    move_changed(engine, HOST, OTHER_WORDS, NOON + 5 * DAY)
    read(engine, sold(1), now=NOON + DAY)
    assert changed_until(engine, HOST, WORDS) == NOON + 2 * DAY


def test_a_portion_and_its_mark_stand_or_fall_together(engine: Engine) -> None:
    """A run that dies while storing is taken up before the portion."""
    reading = begin_reading(engine, HOST, WORDS, NOON)
    naive = SeenDeal(sold(2), datetime(2026, 5, 8))  # noqa: DTZ001 - what must be refused
    with pytest.raises(StatementError, match="time zone"):
        store_read(engine, HOST, reading, [*seen(sold(1)), naive])
    assert begin_reading(engine, HOST, WORDS, NOON) == reading
    assert first_of(engine, "CO_1") == [None]


def test_the_longest_waiting_are_first(engine: Engine) -> None:
    """By the day of the purchase; of one day by the deal."""
    read(engine, sold(1, "CO_1", 35), sold(2, "CO_2", 50), sold(3, "C_3", 35), sold(4, "", 50))
    assert ripe(engine) == ["CO_2", "CO_1", "C_3"]
    assert ripe_clients(engine, HOST, STUDY)[0] == ClientSales("CO_2", 1, sold(2, "CO_2", 50))
    assert ripe_clients(engine, OTHER_HOST, STUDY) == []


@pytest.mark.parametrize("state", TaskState)
def test_nobody_is_asked_twice(engine: Engine, state: TaskState) -> None:
    """About the same deal never, whatever its client was called then; about another one while a task waits."""
    read(engine, sold(1, "CO_1"), sold(2, "CO_2"), sold(3, "C_3"))
    asked: dict[str, Any] = {
        "task_id": 7,
        "responsible_id": 6,
        "day": NOON.date(),
        "asked_on": NOON.date(),
        "state": state,
    }
    about = (("C_9", 1), ("CO_2", 200))
    tasks = [CallTask(portal=HOST, client=client, deal_id=deal_id, **asked) for client, deal_id in about]
    call_tasks.keep(engine, tasks)
    waits = state in (TaskState.PLANNED, TaskState.OPEN)
    assert ripe(engine) == (["C_3"] if waits else ["CO_2", "C_3"])


SEEN = st.builds(
    SaleDeal,
    id=st.integers(1, 10_000),
    client=st.sampled_from([*CLIENTS, ""]),
    state=st.sampled_from(list(SaleState)),
    closed_on=st.dates(date(2026, 1, 1), NOON.date()),
    amount=st.just(Decimal(1)),
    currency=st.just("RUB"),
    responsible_id=st.just(1),
).map(lambda deal: replace(deal, closed_on=None) if deal.state is SaleState.OPEN else deal)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deals=st.lists(SEEN, max_size=12, unique_by=lambda deal: deal.id))
def test_sql_and_the_rules_agree(engine: Engine, deals: list[SaleDeal]) -> None:
    """What clients have bought, and who is due."""
    _fill(engine, deals)
    expected = {client: sales_of(client, deals) for client in CLIENTS}
    assert sales_of_clients(engine, HOST, CLIENTS) == expected
    judged = [judge(Look(sales, Client(client), Asked()), STUDY) for client, sales in expected.items()]
    due = sorted((one.deal.closed_on, one.deal.id) for one in judged if one.why is Why.DUE and one.deal.closed_on)
    found = [one.first for one in ripe_clients(engine, HOST, STUDY) if one.first]
    assert [(deal.closed_on, deal.id) for deal in found] == due


def test_the_ripe_ones_are_found_among_many(engine: Engine) -> None:
    """60,000 deals of 20,000 clients; how long that takes `make million` tells."""
    states = (SaleState.WON, SaleState.LOST, SaleState.LOST)
    _fill(engine, [sold(one, f"CO_{one * 7 % 20_011}", 31 + one % 30, states[one % 3]) for one in range(1, 60_001)])
    assert len(ripe_clients(engine, HOST, STUDY)) > 19_000


def _fill(engine: Engine, deals: Iterable[SaleDeal]) -> None:
    with writing(engine) as session:
        session.exec(delete(SaleRow).where(col(SaleRow.portal) == HOST))
    read(engine, *sorted(deals, key=lambda deal: deal.id), now=NOON)
