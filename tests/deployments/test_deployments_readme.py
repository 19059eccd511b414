"""deployments/README.md shows the timetable as it is."""

import json

from deployments.environment import CHECKOUT
from deployments.prefect_yaml import Deployment, read_timetable

SECOND_RUN = {"CANCEL_NEW": "отменяется", "ENQUEUE": "ждёт"}


def row(deployment: Deployment) -> str:
    """What the table must say, up to the column in free words."""
    package, process, _ = deployment.entrypoint.split(".")
    when = " ".join(f"`{schedule.cron}` {schedule.timezone}" for schedule in deployment.schedules) or "—"
    parameters = " ".join(f"`{name}={json.dumps(value)}`" for name, value in deployment.parameters.items()) or "—"
    limit = deployment.concurrency_limit
    second = SECOND_RUN[limit.collision_strategy] if limit else "идёт рядом"
    name = f"{process.replace('_', '-')}/{deployment.name}"
    return f"| `{name}` | `{package}.{process}` | {when} | {parameters} | {second} |"


def test_the_table_is_the_timetable() -> None:
    """One row for each deployment, in the order of prefect.yaml, with its schedule, parameters and second run."""
    readme = (CHECKOUT / "deployments" / "README.md").read_text(encoding="utf-8")
    rows = [line.rsplit("|", 2)[0] + "|" for line in readme.splitlines() if line.startswith("| `")]
    assert rows == [row(deployment) for deployment in read_timetable().deployments]
