"""The portal as such: its clock, its readiness for a process, its settings."""

from datetime import datetime

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.creation import create
from backoffice.bitrix24.errors import BatchFailed
from backoffice.bitrix24.shape import read_server_time
from backoffice.bitrix24.shape import read_shape as shape_of
from backoffice.letters import render
from backoffice.retries import worth_retrying
from backoffice.rules.portal_setup import SetupPlan, plan
from backoffice.rules.portal_shape import PortalShape
from backoffice.rules.portal_words import PortalWords
from backoffice.rules.quiet_hours import QuietHours

# A portal may execute for 70 seconds a request that it never answered: only then does a look tell what was done.
SETTLED_SECONDS = 75


@task(retries=3, retry_delay_seconds=10, retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_clock() -> datetime:
    """The portal's own time, aware: what «now» means in every process."""
    with connections.portal() as portal:
        return read_server_time(portal.call("server.time"))


@task(retries=3, retry_delay_seconds=10, retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def check_portal(process: str) -> None:
    """Look at the portal anew; PortalLacks names each thing that the process misses there, and the remedy."""
    connections.refresh_names(process)


@task(cache_policy=NO_CACHE)
def in_use(process: str) -> bool:
    """Whether this portal has the process: its section stands in portal.toml."""
    return process in connections.words().processes


@task(cache_policy=NO_CACHE)
def read_start_from(process: str) -> datetime:
    """The moment from which the process acts; what is older is history."""
    return connections.words().processes[process].start_from


@task(cache_policy=NO_CACHE)
def read_quiet_hours() -> QuietHours:
    """When no SMS may leave, by the portal's clock."""
    return QuietHours(*connections.words().messages.quiet_hours)


@task(cache_policy=NO_CACHE)
def read_words() -> PortalWords:
    """portal.toml; InvalidWords names every fault in it."""
    return connections.words()


@task(retries=3, retry_delay_seconds=10, retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_shape() -> PortalShape:
    """What the portal has of the words of portal.toml: one request, two where funnels are named."""
    with connections.portal() as portal:
        return shape_of(portal, connections.words())


@task(retries=3, retry_delay_seconds=SETTLED_SECONDS, retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def create_missing(agreed: SetupPlan) -> None:
    """Create what of the agreed plan is still missing. Safe to repeat: each attempt looks at the portal first.

    What the portal has afterwards counts as created, however it answered; BatchFailed if it still lacks anything.
    """
    if not agreed.create:
        return
    keys = {action.key for action in agreed.create}
    todo = [action for action in _decide_now().create if action.key in keys]
    try:
        with connections.portal() as portal:
            create(portal, todo)
    except BatchFailed:
        if _decide_now().lacks:
            raise


@task(cache_policy=NO_CACHE)
def publish_plan(decided: SetupPlan) -> None:
    """Show beside the run what would be created."""
    create_markdown_artifact(render("portal_setup/plan.md.j2", plan=decided), key="portal-setup-plan")


@task(cache_policy=NO_CACHE)
def publish_remains(remains: SetupPlan) -> None:
    """Show beside the run what is left for a human."""
    create_markdown_artifact(render("portal_setup/remains.md.j2", plan=remains), key="portal-setup-remains")


def _decide_now() -> SetupPlan:
    words = connections.words()
    with connections.portal() as portal:
        return plan(words, shape_of(portal, words))
