"""The last part of the demonstration: of six clients one has bought once and long ago, and somebody is to call it."""

from typing import Any

from deployments.stand import CALLS, Stand, finished
from deployments.story import Story


def call_clients(stand: Stand, story: Story) -> dict[str, Any]:
    """One task for the right client, none for the others, none on the second run. Gives the ids planted."""
    story.step("Повторные продажи: из шести клиентов один купил один раз и давно; ночной запуск — сейчас")
    planted = stand.sandbox.plant("sales")
    before = stand.sandbox.portal()["tasks"]
    _run(stand, story)
    portal = stand.sandbox.portal()
    tasks = [task for task in portal["tasks"] if task not in before]
    for task in tasks:
        story.say(f"задача      {task['title']}: {stand.addresses.sandbox}/tasks")
    story.expect(_bound(tasks) == [{planted["client"], f"D_{planted['deal_id']}"}], "позвонить — одному, кому пора")
    for client, why in planted["others"].items():
        story.say(f"не звонить  {client}: {why}")

    story.step("Ещё один запуск")
    _run(stand, story)
    story.expect(stand.sandbox.portal() == portal, "второй раз задач нет, ничего не изменилось")
    return planted


def _bound(tasks: list[Any]) -> list[set[str]]:
    return [set(task["bindings"]) for task in tasks]


def _run(stand: Stand, story: Story) -> None:
    run = finished(stand, stand.prefect.start(CALLS))
    story.say(f"{run.name}: {stand.run_url(run)}")
