"""What a run costs the portal, as the portal counts it."""

from collections.abc import Callable

from backoffice.sandbox.world import World


def cost(world: World, run: Callable[[], None]) -> int:
    """How many requests it sends; none of them is refused."""
    world.log.reset_counters()
    run()
    counters = world.log.counters()
    assert counters["rejected"] == {"503": 0, "429": 0}
    return int(counters["portal_requests"])
