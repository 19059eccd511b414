"""What stands in the end: the tasks in the portal with their comments, and what our store knows of them."""

from collections import Counter
from datetime import date
from typing import Any

from backoffice import connections
from backoffice.sandbox.bitrix24.tasks.task import COMPLETED, Task
from backoffice.sandbox.world import World
from backoffice.store import call_tasks

Bound = tuple[str, ...]
"""Client and deal, as a task is bound to them."""


class Ends:
    """Without the numbers of tasks and comments, which depend on who wrote first."""

    def __init__(self, world: World) -> None:
        standing = list(world.portal.tasks)
        self.bound = Counter(task.bindings for task in standing)
        self.tasks = Counter(map(_told, standing))
        self.comments = Counter(
            (task.bindings, comment.text) for task in standing for comment in world.portal.tasks.comments(task.id)
        )
        kept = call_tasks.in_state(connections.store(), connections.portal_host())
        self.rows = {row.key: row.model_dump(exclude={"task_id"}) for row in kept}
        numbers: dict[int, Bound] = {row.task_id: (row.client, f"D_{row.deal_id}") for row in kept if row.task_id}
        self.known = {bound: number for number, bound in numbers.items()}
        self.standing = {task.bindings: task.id for task in standing}


def _told(task: Task) -> tuple[Any, ...]:
    return (task.bindings, task.title, task.description, task.responsible_id, task.deadline, task.status)


def assert_same(ends: Ends, undisturbed: Ends) -> None:
    """Tasks, comments, and rows of our table, each pointing at its task."""
    for what in ("tasks", "comments"):
        now, then = getattr(ends, what), getattr(undisturbed, what)
        assert now == then, f"{what}: too many {[*(now - then).elements()]}, lacking {[*(then - now).elements()]}"
    assert ends.rows == undisturbed.rows
    assert_nothing_twice(ends)
    assert {bound: ends.known.get(bound) for bound in ends.standing} == ends.standing


def assert_nothing_twice(ends: Ends) -> None:
    """One task for a client and its deal, one comment for a task."""
    assert set(ends.bound.values()) <= {1}, ends.bound
    said = Counter(bound for bound, _ in ends.comments.elements())
    assert set(said.values()) <= {1}, ends.comments


def calls_a_day(world: World) -> Counter[tuple[int, date | None]]:
    """How many open tasks somebody has on a day."""
    waiting = [task for task in world.portal.tasks if task.status != COMPLETED]
    return Counter((task.responsible_id, task.deadline.date() if task.deadline else None) for task in waiting)
