"""The run itself, as people see it in the Prefect UI."""

from prefect import get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run


@task(cache_policy=NO_CACHE)
def name_run(name: str) -> None:
    """Call the flow run by what it turned out to be about."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=name)
