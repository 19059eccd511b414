"""Starting a process in Prefect by the name of its deployment."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException

START_SECONDS = 30


@dataclass(frozen=True)
class Started:
    """The run that answers to an idempotency key; `ended` if it is an old one that has run its course."""

    run_id: str
    ended: bool


class NotStarted(Exception):
    """No run was made, or nobody knows: the same start has to be tried again."""


class Starter(Protocol):
    async def start(
        self, deployment: str, idempotency_key: str, parameters: Mapping[str, Any] | None = None
    ) -> Started:
        """The run of "flow/deployment" under the key, made if there is none; NotStarted when Prefect did not say so."""


async def start_afresh(
    starter: Starter, deployment: str, key: str, starts: int, parameters: Mapping[str, Any] | None = None
) -> Started:
    """A run that has not ended, under the key and the number of the start.

    A key whose run has ended while somebody waits is spent, as those of a store that was made anew.
    """
    run = await starter.start(deployment, f"{key}{starts}", parameters)
    while run.ended:
        starts += 1
        run = await starter.start(deployment, f"{key}{starts}", parameters)
    return run


class PrefectStarter:
    """Starts runs on the server of PREFECT_API_URL."""

    async def start(
        self, deployment: str, idempotency_key: str, parameters: Mapping[str, Any] | None = None
    ) -> Started:
        given = dict(parameters or {})
        try:
            async with asyncio.timeout(START_SECONDS), get_client() as client:
                found = await client.read_deployment_by_name(deployment)
                run = await client.create_flow_run_from_deployment(
                    found.id, parameters=given, idempotency_key=idempotency_key
                )
        # The client wraps an unreachable server in a RuntimeError; a proxy's page instead of JSON is a ValueError.
        except (httpx.HTTPError, PrefectException, RuntimeError, TimeoutError, ValueError) as error:
            raise NotStarted(f"Prefect did not start {deployment}: {type(error).__name__}") from error
        return Started(str(run.id), ended=run.state is not None and run.state.is_final())
