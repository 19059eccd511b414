"""`make million` with a few thousand deals."""

from backoffice.sandbox.seeds.million import million
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World
from tests.benchmarks.million_deals import MEGABYTES, REQUESTS_FOR_CHANGES, edit, run

DEALS, CLIENTS = 6_000, 1_800


def test_a_copy_costs_few_requests_and_little_memory(world: World, sandbox: str, connected: None) -> None:
    """Of the whole process, Prefect included: most of it is what Python and its libraries take."""
    Wholesale(world)
    million(world, deals=DEALS, clients=CLIENTS)
    whole = run(world, sandbox, "rebuild")
    edit(world)
    changes = run(world, sandbox, "refresh")
    assert (whole.found, changes.found) == (DEALS, 0)
    assert whole.requests < DEALS / 1_000
    assert changes.requests <= REQUESTS_FOR_CHANGES
    assert max(whole.megabytes, changes.megabytes) < MEGABYTES / 2
