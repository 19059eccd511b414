"""What became of a run: its state, how far it has come, and the counts it reported."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
)
from prefect.client.schemas.objects import Artifact, FlowRun
from prefect.exceptions import ObjectNotFound, PrefectException

LOOK_SECONDS = 10
COUNT = re.compile(r"^\| (?P<label>[^|]+?) \| (?P<number>\d+) \|$", re.MULTILINE)
LINK = re.compile(r"^\[(?P<label>[^\]]+)\]\((?P<address>[^)\s]+)\)$", re.MULTILINE)


class RunUnknown(Exception):
    """Prefect did not say how the run is; it may say so later."""


@dataclass(frozen=True)
class SeenRun:
    """A run as Prefect knows it. `state` is Prefect's state type, `counts` the report's, `link` label and address."""

    state: str
    message: str = ""
    progress: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    link: tuple[str, str] | None = None

    @property
    def ended(self) -> bool:
        return self.state in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class Runs(Protocol):
    async def ended(self, run_id: str) -> bool:
        """Has the run ended, or is there no such run any more? RunUnknown."""

    async def look(self, run_id: str) -> SeenRun | None:
        """The run, None if there is no such run any more; RunUnknown."""


class PrefectRuns:
    """Runs on the server of PREFECT_API_URL."""

    async def ended(self, run_id: str) -> bool:
        try:
            async with asyncio.timeout(LOOK_SECONDS), get_client() as client:
                run = await client.read_flow_run(UUID(run_id))
        except ObjectNotFound:
            return True
        except _OUTAGES as error:
            raise RunUnknown(type(error).__name__) from error
        return run.state is not None and run.state.is_final()

    async def look(self, run_id: str) -> SeenRun | None:
        try:
            async with asyncio.timeout(LOOK_SECONDS), get_client() as client:
                return await _look(client, UUID(run_id))
        except ObjectNotFound:
            return None
        except _OUTAGES as error:
            raise RunUnknown(type(error).__name__) from error


# The client wraps an unreachable server in a RuntimeError; a proxy's page instead of JSON is a ValueError.
_OUTAGES = (httpx.HTTPError, PrefectException, RuntimeError, TimeoutError, ValueError)


async def _look(client: PrefectClient, run_id: UUID) -> SeenRun:
    """The event is imported by a run below the run: that one tells the reason and holds the report."""
    run = await client.read_flow_run(run_id)
    below = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[run_id]))
    parts = await client.read_flow_runs(flow_run_filter=below)
    reported = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[part.id for part in parts]))
    artifacts = await client.read_artifacts(artifact_filter=reported) if parts else []
    report = _latest(artifacts, "attendance-result-")
    link = LINK.search(report)
    return SeenRun(
        state=run.state_type.value if run.state_type else "PENDING",
        message=_message([*parts, run]),
        progress=_progress(artifacts),
        counts=tuple((found["label"], int(found["number"])) for found in COUNT.finditer(report)),
        link=(link["label"], link["address"]) if link else None,
    )


def _message(runs: Sequence[FlowRun]) -> str:
    """The first failure, the parts' before the whole's."""
    states = [run.state for run in runs if run.state is not None]
    return next((state.message or "" for state in states if state.is_failed() or state.is_crashed()), "")


def _progress(artifacts: Iterable[Artifact]) -> str:
    newest = _newest(artifacts, "attendance-progress-")
    return str(newest.description or "") if newest else ""


def _latest(artifacts: Iterable[Artifact], key: str) -> str:
    newest = _newest(artifacts, key)
    return str(newest.data or "") if newest else ""


def _newest(artifacts: Iterable[Artifact], key: str) -> Artifact | None:
    found: list[Any] = [artifact for artifact in artifacts if (artifact.key or "").startswith(key)]
    return max(found, key=lambda artifact: artifact.created, default=None)
