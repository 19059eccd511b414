"""The tests here that ask a real Prefect server, which takes a quarter of a minute to start."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from prefect import flow
from prefect.artifacts import create_markdown_artifact, create_progress_artifact
from prefect.client.orchestration import get_client
from prefect.states import Completed
from prefect.testing.utilities import prefect_test_harness

from backoffice.gateway.runs import PrefectRuns, SeenRun
from backoffice.gateway.starts import NotStarted, PrefectStarter
from backoffice.rules.attendance_result import ImportIncomplete


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=60):
        yield


@flow(name="attendance-import")
def attendance_import() -> None:
    """Never run: only its name is deployed."""


@flow(flow_run_name="part")
def part(fails: bool) -> None:
    """Publishes as an import does; its key is what the gateway looks for."""
    create_progress_artifact(progress=50.0, key="attendance-progress-300100", description="записано 12 из 24")
    if fails:
        raise ImportIncomplete("не записано 3")
    page = "| Теперь в портале | Сколько |\n|---|---|\n| Создано контактов | 8 |\n\n[Раздел](http://portal/lists/1/)\n"
    create_markdown_artifact(page, key="attendance-result-300100")


@flow
def whole(fails: bool) -> list[Any]:
    """An import's run is above the run of its event."""
    return [part(fails, return_state=True)]


def _run_id(fails: bool) -> str:
    return str(whole(fails, return_state=True).state_details.flow_run_id)


async def _deploy() -> None:
    async with get_client() as client:
        await client.create_deployment(await client.create_flow(attendance_import), name="hinted")


async def _complete(run_id: str) -> None:
    async with get_client() as client:
        runs = await client.read_flow_runs()
        [run] = [run for run in runs if str(run.id) == run_id]
        await client.set_flow_run_state(run.id, Completed(), force=True)


@pytest.mark.usefixtures("server")
def test_a_server_starts_one_run_per_key_by_the_deployments_name() -> None:
    """Not deployed: NotStarted. Deployed: one run per key, and a key whose run has ended is told from a fresh one."""

    async def scenario() -> None:
        starter = PrefectStarter()
        with pytest.raises(NotStarted, match="ObjectNotFound"):
            await starter.start("attendance-import/hinted", "inbox:timepad:1:0")
        await _deploy()
        first = await starter.start("attendance-import/hinted", "inbox:timepad:1:0")
        again = await starter.start("attendance-import/hinted", "inbox:timepad:1:0")
        other = await starter.start("attendance-import/hinted", "inbox:timepad:1:1")
        assert again == first
        assert other.run_id != first.run_id
        assert {first.ended, other.ended} == {False}
        await _complete(first.run_id)
        assert (await starter.start("attendance-import/hinted", "inbox:timepad:1:0")).ended

    asyncio.run(scenario())


@pytest.mark.usefixtures("server")
def test_a_run_is_seen_with_what_it_reported() -> None:
    """State, progress, counts and link of the run below; why it failed; None for one that is not there."""
    completed, failed = _run_id(fails=False), _run_id(fails=True)

    async def scenario() -> None:
        runs = PrefectRuns()
        link = ("Раздел", "http://portal/lists/1/")
        counts = (("Создано контактов", 8),)
        assert await runs.look(completed) == SeenRun("COMPLETED", "", "записано 12 из 24", counts, link)
        seen = await runs.look(failed)
        assert seen is not None
        assert (seen.state, "не записано 3" in seen.message, seen.counts) == ("FAILED", True, ())
        assert await runs.look(str(uuid4())) is None
        assert [await runs.ended(run) for run in (completed, failed, str(uuid4()))] == [True] * 3

    asyncio.run(scenario())
