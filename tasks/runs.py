"""The run itself, as people see it in the Prefect UI."""

from datetime import UTC, datetime, timedelta

from prefect import get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.runtime import flow_run


@task(cache_policy=NO_CACHE)
def name_run(name: str) -> None:
    """Call the flow run by what it turned out to be about."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=name)


@task(cache_policy=NO_CACHE)
def overdue(patience: timedelta) -> bool:
    """Whether the timetable meant this run for a moment longer ago than that; never true of a run that a person began.

    After an outage all missed runs start at once: what they were to do the next one does.
    """
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or not run.auto_scheduled or run.expected_start_time is None:
        return False
    return datetime.now(UTC) - run.expected_start_time > patience
