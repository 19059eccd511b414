"""`/_sandbox/requests`, `/_sandbox/counters` and `/_sandbox/hold`: what programs ask, and stopping them half-way."""

from typing import Any

from pydantic import Field
from starlette.routing import Route

from backoffice.sandbox.control.body import Body, Nothing, get, post
from backoffice.sandbox.hold import When
from backoffice.sandbox.world import World


class HoldOrder(Body):
    """The n-th writing portal request from now is held before it is executed, or after and not answered."""

    write_request: int = Field(ge=1)
    when: When


class Release(Body):
    """`drop`: a request held before its execution never executes."""

    drop: bool = False


def routes(world: World) -> list[Route]:
    def reset_counters(_: Nothing) -> dict[str, Any]:
        world.log.reset_counters()
        return world.log.counters()

    def arm(body: HoldOrder) -> dict[str, Any]:
        world.hold.arm(body.write_request, body.when)
        return {"held": world.hold.held}

    def release(body: Release) -> dict[str, Any]:
        world.hold.release(drop=body.drop)
        return {"held": world.hold.held}

    return [
        get("/_sandbox/requests", lambda _: world.log.rows()),
        get("/_sandbox/counters", lambda _: world.log.counters()),
        post("/_sandbox/counters/reset", Nothing, reset_counters),
        get("/_sandbox/hold", lambda _: {"held": world.hold.held}),
        post("/_sandbox/hold", HoldOrder, arm),
        post("/_sandbox/release", Release, release),
    ]
