"""`/_sandbox/faults`: troubles on order."""

from typing import Any

from starlette.routing import Route

from backoffice.sandbox.control.body import Body, get, post
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.world import World


class FaultOrder(Body):
    """These faults instead of those ordered before; an empty list ends all trouble."""

    faults: list[Fault]


def routes(world: World) -> list[Route]:
    def order(body: FaultOrder) -> dict[str, Any]:
        world.faults.order(*body.faults)
        return world.faults.shown()

    return [
        get("/_sandbox/faults", lambda _: world.faults.shown()),
        post("/_sandbox/faults", FaultOrder, order),
    ]
