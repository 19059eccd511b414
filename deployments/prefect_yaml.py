"""The shape of prefect.yaml that this project allows.

Only the keys below: Prefect itself ignores a misspelt key without a word. The rest of what it knows (triggers, build
steps, intervals) is refused until `deployments.timetable` checks it and `deployments.deploy` reconciles it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml  # type: ignore[import-untyped]  # PyYAML comes with Prefect, its stubs do not
from prefect.client.schemas.schedules import CronSchedule
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from deployments.environment import CHECKOUT

PREFECT_YAML = CHECKOUT / "prefect.yaml"
OUR_TAG = "backoffice"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WorkPool(_Strict):
    """Which workers take the runs: all of ours are in one pool."""

    name: Literal["backoffice"]


class Concurrency(_Strict):
    """How many runs at once, and what becomes of one too many."""

    limit: int = Field(ge=1)
    collision_strategy: Literal["CANCEL_NEW", "ENQUEUE"]


class Schedule(CronSchedule):
    """A cron line in a named zone. By its slug Prefect knows it again, so one that a person switched off stays off."""

    slug: str
    timezone: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class Deployment(_Strict):
    """One line of the timetable."""

    name: str
    description: str
    entrypoint: str
    tags: list[str]
    work_pool: WorkPool
    parameters: dict[str, Any] = {}
    schedules: list[Schedule] = []
    concurrency_limit: Concurrency | None = None


class Timetable(_Strict):
    """The whole file. `definitions` holds what the deployments share by YAML anchors."""

    pull: list[dict[str, Any]] = Field(max_length=0)
    definitions: dict[str, Any] = {}
    deployments: list[Deployment]


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: a deployment's name (or the file's) and the key in it."""

    deployment: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.deployment}: {self.key}: {self.reason}"


class NotATimetable(Exception):
    """The file does not have the shape above; `problems` says where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read_timetable(path: Path = PREFECT_YAML) -> Timetable:
    """The file as written; NotATimetable if its shape is wrong."""
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise NotATimetable([Problem(path.name, "YAML", str(error))]) from None
    try:
        return Timetable.model_validate(written)
    except ValidationError as error:
        raise NotATimetable([_problem(written, one) for one in error.errors()]) from None


def _problem(written: Any, error: ErrorDetails) -> Problem:
    where = error["loc"]
    reason = "no such key" if error["type"] == "extra_forbidden" else error["msg"]
    if len(where) < 3 or where[0] != "deployments":
        return Problem("prefect.yaml", _dotted(where), reason)
    entry = written["deployments"][where[1]]
    name = entry.get("name") if isinstance(entry, dict) else None
    return Problem(str(name or f"deployment {where[1]}"), _dotted(where[2:]), reason)


def _dotted(where: tuple[int | str, ...]) -> str:
    return ".".join(map(str, where)) or "(top)"
