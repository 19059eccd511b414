"""prefect.yaml: what Prefect would accept without a word is found before anything is deployed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # PyYAML comes with Prefect, its stubs do not

from backoffice.gateway.dispatcher import DEPLOYMENTS
from deployments.prefect_yaml import PREFECT_YAML, read_timetable
from deployments.timetable import problems_of

Timetable = dict[str, Any]
Plant = Callable[[Timetable], object]


@pytest.fixture
def problems_with(tmp_path: Path) -> Callable[[Plant], list[str]]:
    """Plant a mistake in a copy of our prefect.yaml; gives what the checker says."""

    def check(plant: Plant) -> list[str]:
        timetable = yaml.safe_load(PREFECT_YAML.read_text(encoding="utf-8"))
        plant(timetable)
        copy = tmp_path / "prefect.yaml"
        copy.write_text(yaml.safe_dump(timetable, allow_unicode=True), encoding="utf-8")
        return [str(problem) for problem in problems_of(copy)]

    return check


def sweep(timetable: Timetable) -> dict[str, Any]:
    return next(entry for entry in timetable["deployments"] if entry["name"] == "sweep")


def test_ours_is_right() -> None:
    """The file of this repository can be deployed."""
    assert problems_of() == []


def test_what_the_gateway_starts_is_deployed() -> None:
    """It knows deployments by their names alone; of a kind that waits for its turn, so that no signal is dropped."""
    named = {
        f"{one.entrypoint.split('.')[1].replace('_', '-')}/{one.name}": one for one in read_timetable().deployments
    }
    limits = [named[deployment].concurrency_limit for deployment in DEPLOYMENTS.values()]
    assert [limit and limit.collision_strategy for limit in limits] == ["ENQUEUE"] * len(DEPLOYMENTS)


def test_a_misspelt_key_is_named(problems_with: Callable[[Plant], list[str]]) -> None:
    """`shedules` would leave the old schedules on the server."""
    found = problems_with(lambda timetable: sweep(timetable).update(shedules=sweep(timetable).pop("schedules")))
    assert found == ["sweep: shedules: no such key"]


def test_a_misspelt_key_of_a_schedule_is_named(problems_with: Callable[[Plant], list[str]]) -> None:
    """A schedule without its zone would run in UTC."""
    found = problems_with(lambda timetable: sweep(timetable)["schedules"][0].update(time_zone="Europe/Moscow"))
    assert any(problem.startswith("sweep: schedules.0.time_zone") for problem in found)


def test_an_unknown_parameter_is_named(problems_with: Callable[[Plant], list[str]]) -> None:
    """`dyr_run` would be dropped and the run would write."""
    found = problems_with(lambda timetable: sweep(timetable)["parameters"].update(dyr_run=True))
    assert found == ["sweep: parameters.dyr_run: flow 'attendance-import' has no such parameter"]


def test_a_value_of_the_wrong_type_is_named(problems_with: Callable[[Plant], list[str]]) -> None:
    """A parameter that its flow would refuse at night is refused now."""
    found = problems_with(lambda timetable: sweep(timetable)["parameters"].update(dry_run="perhaps"))
    assert [problem.startswith("sweep: parameters: ") for problem in found] == [True]


@pytest.mark.parametrize(("key", "value"), [("cron", "*/15 * * *"), ("cron", "often"), ("timezone", "Europe/Moskow")])
def test_a_schedule_that_never_comes_is_named(
    problems_with: Callable[[Plant], list[str]], key: str, value: str
) -> None:
    """A cron line of four fields, a word, a zone that is not there."""
    found = problems_with(lambda timetable: sweep(timetable)["schedules"][0].update({key: value}))
    assert len(found) == 1
    assert found[0].startswith(f"sweep: schedules.0.{key}: ")


@pytest.mark.parametrize(
    "entrypoint",
    [
        "flows.attendance_imports.attendance_import",
        "flows.attendance_import.import_attendance",
        "flows/attendance_import.py:attendance_import",
    ],
)
def test_a_broken_entrypoint_is_named(problems_with: Callable[[Plant], list[str]], entrypoint: str) -> None:
    """No such module, no such flow, and a path, which would load the file under another name."""
    found = problems_with(lambda timetable: sweep(timetable).update(entrypoint=entrypoint))
    assert [problem.startswith("sweep: entrypoint: ") for problem in found] == [True]


def test_a_flow_without_a_deployment_is_named(problems_with: Callable[[Plant], list[str]]) -> None:
    """A process in `flows/` that nothing starts."""
    found = problems_with(
        lambda timetable: timetable.update(
            deployments=[entry for entry in timetable["deployments"] if entry["name"] != "portal-setup"]
        )
    )
    assert found == ["prefect.yaml: deployments: no deployment of flows.portal_setup.portal_setup"]


def test_a_foreign_work_pool_is_named(problems_with: Callable[[Plant], list[str]]) -> None:
    """No worker of ours would take its runs."""
    found = problems_with(lambda timetable: sweep(timetable).update(work_pool={"name": "default"}))
    assert [problem.startswith("sweep: work_pool.name: ") for problem in found] == [True]


def test_a_missing_tag_is_named(problems_with: Callable[[Plant], list[str]]) -> None:
    """Without it a deployment removed from the file would stay on the server for ever."""
    found = problems_with(lambda timetable: sweep(timetable).update(tags=["timepad"]))
    assert [problem.startswith("sweep: tags: ") for problem in found] == [True]


def test_two_deployments_of_one_name_are_named(problems_with: Callable[[Plant], list[str]]) -> None:
    """The second would silently replace the first."""
    found = problems_with(lambda timetable: timetable["deployments"].append(sweep(timetable)))
    assert found == ["sweep: name: stands 2 times"]
