"""The sandbox's own addresses under `/_sandbox/`: they make things happen and show what happened."""

from starlette.routing import Route

from backoffice.sandbox.control import clock, contents, timepad, watch
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    return [*contents.routes(world), *clock.routes(world), *watch.routes(world), *timepad.routes(world)]
