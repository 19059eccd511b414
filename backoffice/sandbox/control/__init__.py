"""The sandbox's own addresses under `/_sandbox/`: they make things happen and show what happened."""

from starlette.routing import Route

from backoffice.sandbox.control import clock, contents, faults, timepad, watch
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    parts = (contents, clock, watch, faults, timepad)
    return [route for part in parts for route in part.routes(world)]
