"""Flow runs as a person starts and watches them, over Prefect's HTTP API."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

from deployments.errors import RunUnfinished

LOOK_EVERY_SECONDS = 0.5
BUSY_SECONDS = 90.0
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True)
class Run:
    """A flow run. `state` is Prefect's state type, `message` what the state says."""

    id: str
    name: str
    state: str
    message: str

    @property
    def completed(self) -> bool:
        """Did it end well?"""
        return self.state == "COMPLETED"


class PrefectRuns:
    """`http` has the API's address as its base. Deployments are named `flow/deployment`."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def start(self, deployment: str, **parameters: Any) -> str:
        """Start a run now; gives its id."""
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}, "idempotency_key": uuid4().hex}
        return str(self._post(f"/deployments/{self.deployment_id(deployment)}/create_flow_run", body)["id"])

    def ended(self, run_id: str, within_seconds: float) -> Run:
        """The run after its end; RunUnfinished if it takes longer."""
        run = self._read(run_id)
        for _ in _moments(within_seconds):
            if run.state in ENDED:
                return run
            run = self._read(run_id)
        raise RunUnfinished(f"Запуск «{run.name}» за {within_seconds:.0f} с не закончился: {run.state} {run.message}")

    def first_of(self, deployment: str, within_seconds: float) -> str:
        """The id of the earliest run of a deployment, which somebody else starts; RunUnfinished if nobody does."""
        return str(self._earliest(deployment, within_seconds)["id"])

    def next_start(self, deployment: str, within_seconds: float) -> datetime:
        """When the schedule starts the deployment next; RunUnfinished if the scheduler appoints no run."""
        return datetime.fromisoformat(self._earliest(deployment, within_seconds)["expected_start_time"])

    def switch_off_schedules(self, deployment: str) -> None:
        """As a person does it in the UI."""
        found = self._get(f"/deployments/{self.deployment_id(deployment)}")
        for schedule in found["schedules"]:
            self._ask("PATCH", f"/deployments/{found['id']}/schedules/{schedule['id']}", json={"active": False})

    def artifact(self, key: str) -> str:
        """What was published last under this key; empty if nothing was."""
        answer = self._http.get(f"/artifacts/{key}/latest")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return ""
        return str(answer.raise_for_status().json()["data"])

    def artifact_id(self, key: str) -> str:
        """The id of what was published last under this key; RunUnfinished if nothing was."""
        query = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC", "limit": 1}
        found = self._post(
            "/artifacts/filter", query
        )  # the address used above gives the id of the key, not of the page
        if not found:
            raise RunUnfinished(f"Под ключом {key} ничего не опубликовано")
        return str(found[0]["id"])

    def last_of_flow(self, flow: str, name: str) -> str:
        """The id of the latest run of a flow that bears this name; RunUnfinished if there is none."""
        query = {"flows": {"name": {"any_": [flow]}}, "flow_runs": {"name": {"any_": [name]}}}
        found = self._post("/flow_runs/filter", query | {"sort": "START_TIME_DESC", "limit": 1})
        if not found:
            raise RunUnfinished(f"Запуска «{name}» нет")
        return str(found[0]["id"])

    def deployment_id(self, deployment: str) -> str:
        """Its id, as it stands in addresses of the UI."""
        return str(self._get(f"/deployments/name/{deployment}")["id"])

    def _earliest(self, deployment: str, within_seconds: float) -> Any:
        wanted = {"deployment_id": {"any_": [self.deployment_id(deployment)]}}
        query = {"flow_runs": wanted, "sort": "EXPECTED_START_TIME_ASC", "limit": 1}
        for _ in _moments(within_seconds):
            if found := self._post("/flow_runs/filter", query):
                return found[0]
        raise RunUnfinished(f"За {within_seconds:.0f} с не появилось ни одного запуска «{deployment}»")

    def _read(self, run_id: str) -> Run:
        found = self._get(f"/flow_runs/{run_id}")
        return Run(run_id, found["name"], found["state_type"], (found["state"] or {}).get("message") or "")

    def _get(self, url: str) -> Any:
        return self._ask("GET", url)

    def _post(self, url: str, body: dict[str, Any]) -> Any:
        return self._ask("POST", url, json=body)

    def _ask(self, method: str, url: str, **content: Any) -> Any:
        """The answer. A server on SQLite says 503 or nothing while its database is kept by others: it is asked again.

        What is asked must be harmless when it was done after all.
        """
        answer = None
        for _ in _moments(BUSY_SECONDS):
            with suppress(httpx.TimeoutException):
                answer = self._http.request(method, url, **content)
                if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                    break
        if answer is None:
            raise RunUnfinished(f"Сервер Prefect не отвечает {BUSY_SECONDS:.0f} с")
        return answer.raise_for_status().json() if answer.content else None


def _moments(within_seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(LOOK_EVERY_SECONDS)
