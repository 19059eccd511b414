"""The sandbox's own addresses under `/_sandbox/`: they make things happen and show what happened."""

from starlette.routing import Route

from backoffice.sandbox.control import application, clock, contents, faults, leyka, mail, sms, timepad, watch
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    parts = (contents, clock, watch, faults, application, timepad, mail, sms, leyka)
    return [route for part in parts for route in part.routes(world)]
