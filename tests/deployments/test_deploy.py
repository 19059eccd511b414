"""`make deploy` on a real Prefect server: the file is obeyed, and so is what a person switched off."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]  # PyYAML comes with Prefect, its stubs do not

from deployments.environment import environment, free_addresses, port
from deployments.prefect_runs import PrefectRuns
from deployments.prefect_yaml import PREFECT_YAML
from deployments.programs import Program, Running
from deployments.stack import PREFECT_SERVER

SWEEP, ONE_EVENT, HINTED = "attendance-import/sweep", "attendance-import/one-event", "attendance-import/hinted"
Timetable = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """A Prefect server of the test's own."""

    api: httpx.Client
    runs: PrefectRuns
    deploy: Callable[[Timetable], str]

    def read(self, deployment: str) -> Any:
        return self.api.get(f"/deployments/name/{deployment}").json()

    def has(self, deployment: str) -> bool:
        return self.api.get(f"/deployments/name/{deployment}").is_success


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Empty; `deploy` runs our program on it with a timetable and gives what it printed."""
    at = free_addresses()
    told = environment(at, tmp_path)
    running = Running(
        Program("server", (*PREFECT_SERVER, "--port", port(at.prefect)), tmp_path / "server.log"), told, tmp_path
    )

    def deploy(timetable: Timetable) -> str:
        file, log = tmp_path / "prefect.yaml", tmp_path / "deploy.log"
        file.write_text(yaml.safe_dump(timetable, allow_unicode=True), encoding="utf-8")
        ended = Running(Program("deploy", ("-m", "deployments.deploy", str(file)), log), told, tmp_path)
        assert ended.wait(time.monotonic() + 60) == 0, log.read_text(encoding="utf-8")
        return log.read_text(encoding="utf-8")

    def answers() -> bool:
        try:
            return httpx.get(f"{at.prefect_api}/health", trust_env=False).is_success
        except httpx.TransportError:
            return False

    try:
        running.wait_until(answers, time.monotonic() + 90)
        with httpx.Client(base_url=at.prefect_api, timeout=30, trust_env=False) as api:
            yield Server(api, PrefectRuns(api), deploy)
    finally:
        running.stop()


def ours() -> Timetable:
    timetable: Timetable = yaml.safe_load(PREFECT_YAML.read_text(encoding="utf-8"))
    return timetable


def test_a_second_deployment_keeps_what_a_person_switched_off(server: Server) -> None:
    """At first everything is created, and the schedule appoints runs.

    Then a deployment is paused, a schedule switched off, and a deployment removed from the file: the first two stay so,
    the third is deleted, and the report says it.
    """
    assert server.deploy(ours()).count("создано") == len(ours()["deployments"])
    server.runs.next_start(SWEEP, within_seconds=30)

    server.runs.switch_off_schedules(SWEEP)
    server.api.post(f"/deployments/{server.read(ONE_EVENT)['id']}/pause_deployment").raise_for_status()
    shorter = ours()
    hinted = next(entry for entry in shorter["deployments"] if entry["name"] == "hinted")
    shorter["deployments"] = [entry for entry in shorter["deployments"] if entry != hinted]
    shorter["deployments"][0]["description"] = "Иначе"
    report = server.deploy(shorter)

    assert not server.has(HINTED)
    assert server.read(ONE_EVENT)["paused"]
    assert [schedule["active"] for schedule in server.read(SWEEP)["schedules"]] == [False]
    assert server.read(SWEEP)["description"] == "Иначе"
    assert [line for line in _squeezed(report) if "attendance-import/" in line] == [
        "удалено attendance-import/hinted",
        "без изменений attendance-import/one-event (остаётся на паузе)",
        "изменено attendance-import/sweep (расписание остаётся выключенным: every-quarter-hour)",
    ]
    others = [line for line in _squeezed(report) if "attendance-import/" not in line]
    assert {line.rpartition(" ")[0] for line in others} == {"без изменений"}


def _squeezed(report: str) -> list[str]:
    return [" ".join(line.split()) for line in report.splitlines()]
