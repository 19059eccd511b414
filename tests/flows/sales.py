"""A wholesaler's portal under repeat-sale calls: its tasks, as people see them."""

from collections.abc import Callable
from datetime import timedelta

from backoffice.sandbox.bitrix24.tasks.task import Task
from backoffice.sandbox.world import World

Run = Callable[..., None]


def tasks(world: World) -> list[Task]:
    """In the order in which they were made."""
    return list(world.portal.tasks)


def bindings(world: World) -> list[set[str]]:
    """What each task is bound to."""
    return [set(task.bindings) for task in tasks(world)]


def comments(world: World, task_id: int) -> list[str]:
    return [comment.text for comment in world.portal.tasks.comments(task_id)]


def pass_days(world: World, days: float) -> None:
    world.clock.advance(timedelta(days=days).total_seconds())


def writes(world: World, run: Callable[[], None]) -> int:
    """How many writes the run sends to the portal."""
    world.log.reset_counters()
    run()
    return int(world.log.counters()["writes"])
