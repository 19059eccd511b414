"""`make deploy`: make the Prefect server at PREFECT_API_URL match prefect.yaml, and say what changed.

What Prefect's own `deploy` leaves to us: the work pool, deployments that the file no longer names (they would stay and
run on), and a person's pauses (a redeployed deployment would run again).
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import yaml  # type: ignore[import-untyped]  # PyYAML comes with Prefect, its stubs do not
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectException
from prefect.workers.process import ProcessWorker

from deployments.environment import POOL
from deployments.errors import ServerUnusable
from deployments.prefect_server import PATIENCE_SECONDS, await_server
from deployments.prefect_yaml import OUR_TAG, PREFECT_YAML, read_timetable
from deployments.timetable import load, problems_of

PAGE = 200
BROKEN_OFF = "Сервер Prefect отказал на полпути: посмотрите его журнал и повторите make deploy, лишнего не появится"
COMPARED = ("entrypoint", "description", "parameters", "tags", "concurrency_options", "work_pool_name", "schedules")

Deployed = Mapping[str, DeploymentResponse]


def main(path: Path = PREFECT_YAML, patience: float = PATIENCE_SECONDS) -> int:
    """Deploy and reconcile; 0 if the server now matches the file. A server that is starting is waited for."""
    try:
        await_server(patience)
        return _deploy(path)
    except ServerUnusable as error:
        sys.stderr.write(f"{error}\n")
    except (httpx.HTTPError, PrefectException) as error:
        sys.stderr.write(f"{BROKEN_OFF} ({type(error).__name__}: {error})\n")
    return 1


def _deploy(path: Path) -> int:
    if problems := problems_of(path):
        sys.stderr.writelines(f"{problem}\n" for problem in problems)
        return 1
    with get_client(sync_client=True) as client:
        ensure_pool(client)
        before = deployed(client)
        if code := deploy_all(path, paused={name for name, deployment in before.items() if deployment.paused}):
            return code
        delete_forgotten(client, before, named_in(path))
        sys.stdout.writelines(f"{line}\n" for line in changes(before, deployed(client)))
    return 0


def ensure_pool(client: SyncPrefectClient) -> None:
    """The pool of processes, created if the server has none of this name."""
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        with suppress(ObjectAlreadyExists):  # a worker that starts at the same moment creates it too
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))


def deployed(client: SyncPrefectClient) -> Deployed:
    """What is on the server with our tag, by `flow/deployment`."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[OUR_TAG]))
    found: dict[str, DeploymentResponse] = {}
    while page := client.read_deployments(deployment_filter=ours, limit=PAGE, offset=len(found)):
        found |= {f"{client.read_flow(one.flow_id).name}/{one.name}": one for one in page}
    return found


def named_in(path: Path) -> set[str]:
    """The deployments of the file, by `flow/deployment`."""
    return {f"{load(one.entrypoint).name}/{one.name}" for one in read_timetable(path).deployments}


def deploy_all(path: Path, paused: set[str]) -> int:
    """Run Prefect's own `deploy` on the whole file; its exit code. What was paused stays so all the while."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "prefect.yaml"
        file.write_text(yaml.safe_dump(_with_pauses(path, paused), allow_unicode=True), encoding="utf-8")
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    if ended.returncode:
        sys.stderr.write(ended.stdout + ended.stderr)
    return ended.returncode


def delete_forgotten(client: SyncPrefectClient, before: Deployed, named: set[str]) -> None:
    """Delete what carries our tag and is no longer in the file."""
    for name in before.keys() - named:
        client.delete_deployment(before[name].id)


def changes(before: Deployed, after: Deployed) -> Iterator[str]:
    """One line for each deployment that was or is there."""
    for name in sorted(before.keys() | after.keys()):
        yield f"{_change(before.get(name), after.get(name)):<14} {name}{_switched_off(after.get(name))}"


def _with_pauses(path: Path, paused: set[str]) -> Any:
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in written["deployments"]:
        entry["paused"] = f"{load(entry['entrypoint']).name}/{entry['name']}" in paused
    return written


def _change(old: DeploymentResponse | None, new: DeploymentResponse | None) -> str:
    if old is None:
        return "создано"
    if new is None:
        return "удалено"
    return "без изменений" if _compared(old) == _compared(new) else "изменено"


def _compared(deployment: DeploymentResponse) -> dict[str, Any]:
    values = deployment.model_dump(include=set(COMPARED))
    lines = [schedule.schedule.model_dump() for schedule in deployment.schedules]
    return values | {"schedules": lines}


def _switched_off(deployment: DeploymentResponse | None) -> str:
    if deployment is None:
        return ""
    if deployment.paused:
        return " (остаётся на паузе)"
    off = [schedule.slug for schedule in deployment.schedules if not schedule.active]
    return f" (расписание остаётся выключенным: {', '.join(map(str, off))})" if off else ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else PREFECT_YAML))
