"""What Prefect's server keeps of runs: that is what people see, and all that they may see."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from prefect import get_client
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort


def artifacts() -> dict[str | None, str]:
    """The newest content of every key."""

    async def read() -> dict[str | None, str]:
        async with get_client() as client:
            found = await client.read_artifacts(sort=ArtifactSort.UPDATED_DESC, limit=200)
        return {artifact.key: str(artifact.data) for artifact in reversed(found)}

    return asyncio.run(read())


def last_name() -> str:
    """How the newest flow run is called."""

    async def read() -> str:
        async with get_client() as client:
            return (await client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=1))[0].name

    return asyncio.run(read())


def everything_prefect_knows(since: datetime) -> str:
    """All that the server keeps of the runs since then, as one text."""
    return asyncio.run(_everything(since))


async def _everything(since: datetime) -> str:
    async with get_client() as client:
        await asyncio.sleep(3)
        reading = (client.read_flow_runs, client.read_task_runs, client.read_artifacts, client.read_logs)
        parts = [[row async for row in _paged(read)] for read in reading]
    recent = [[row for row in rows if row.created is None or row.created >= since] for rows in parts]
    assert all(recent)
    return json.dumps([row.model_dump(mode="json") for rows in recent for row in rows], ensure_ascii=False)


async def _paged(read: Callable[..., Any]) -> AsyncIterator[Any]:
    """All rows of a listing."""
    offset = 0
    while rows := await read(limit=200, offset=offset):
        offset += len(rows)
        for row in rows:
            yield row
