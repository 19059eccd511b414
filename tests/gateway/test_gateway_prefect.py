"""The one test here that runs a real Prefect server, which takes it a quarter of a minute."""

import asyncio
from collections.abc import Iterator

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.states import Completed
from prefect.testing.utilities import prefect_test_harness

from backoffice.gateway.starts import NotStarted, PrefectStarter


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=60):
        yield


@flow(name="attendance-import")
def attendance_import() -> None:
    """Never run: only its name is deployed."""


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
