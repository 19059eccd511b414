"""The calls asked for: planned, made, closed; what is known of them answers who was asked about and who is busy."""

from datetime import date
from typing import Any

from sqlalchemy import Engine

from backoffice.rules.call_plan import TaskState
from backoffice.rules.repeat_sales import Asked
from backoffice.store import call_tasks
from backoffice.store.call_tasks import CallTask

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
PLANNED, OPEN, DONE, BOUGHT, GONE = TaskState


def row(client: str = "CO_1", deal_id: int = 10, **known: Any) -> CallTask:
    usual: dict[str, Any] = {"responsible_id": 2, "day": TUESDAY, "asked_on": MONDAY, "state": PLANNED}
    return CallTask(portal="portal", client=client, deal_id=deal_id, **{**usual, **known})


def states(engine: Engine) -> dict[str, str]:
    return {one.key: one.state for one in call_tasks.in_state(engine, "portal")}


def test_a_plan_becomes_a_task(engine: Engine) -> None:
    """A later plan replaces an earlier one; nothing is planned over a task."""
    call_tasks.add(engine, [row()])
    call_tasks.add(engine, [row(responsible_id=3)])
    [planned] = call_tasks.in_state(engine, "portal", PLANNED)
    assert planned == row(responsible_id=3)
    call_tasks.keep(engine, [planned.with_(state=OPEN, task_id=7)])
    call_tasks.add(engine, [row(), row("C_5", 11)])
    assert states(engine) == {"CO_1 D_10": OPEN, "C_5 D_11": PLANNED}
    assert call_tasks.in_state(engine, "portal", OPEN) == [row(responsible_id=3, state=OPEN, task_id=7)]


def test_what_came_to_nothing_is_forgotten(engine: Engine) -> None:
    """Of the plans alone."""
    call_tasks.keep(engine, [row(), row("CO_2", 20, state=OPEN, task_id=8), row("CO_3", 30)])
    call_tasks.drop_planned(engine, "portal", ["CO_1 D_10", "CO_2 D_20", "CO_9 D_90"])
    assert states(engine) == {"CO_2 D_20": OPEN, "CO_3 D_30": PLANNED}


def test_portals_are_apart(engine: Engine) -> None:
    """Each has its own clients and tasks."""
    call_tasks.keep(engine, [row(state=OPEN, task_id=7)])
    assert call_tasks.in_state(engine, "other") == []
    assert call_tasks.busy_days(engine, "other", MONDAY) == {}
    assert call_tasks.asked(engine, "other", {"CO_1": [10]}) == {"CO_1": Asked()}


def test_calls_not_made_yet_take_places(engine: Engine) -> None:
    """By manager and day, planned ones too; those that are over, or were to be made earlier, take none."""
    call_tasks.keep(
        engine,
        [
            row("CO_1", state=OPEN, task_id=1),
            row("CO_2"),
            row("CO_3", responsible_id=3),
            row("CO_4", state=DONE, task_id=4),
            row("CO_5", day=MONDAY, state=OPEN, task_id=5),
        ],
    )
    assert call_tasks.busy_days(engine, "portal", TUESDAY) == {(2, TUESDAY): 2, (3, TUESDAY): 1}


def test_whatever_was_asked_about_a_purchase_counts(engine: Engine) -> None:
    """Of the client and of its deals, under whatever client they were before a merge; a plan is no task yet."""
    call_tasks.keep(
        engine,
        [
            row("CO_1", 10, state=GONE, task_id=1),
            row("CO_1", 11, state=OPEN, task_id=2),
            row("C_5", 12, state=DONE, task_id=3),
            row("CO_2", 20),
        ],
    )
    found = call_tasks.asked(engine, "portal", {"CO_1": [11], "C_6": [12], "CO_2": [20], "CO_3": []})
    assert found == {
        "CO_1": Asked({10: 1, 11: 2}, 2),
        "C_6": Asked({12: 3}),
        "CO_2": Asked(),
        "CO_3": Asked(),
    }
