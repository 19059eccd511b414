"""`/_sandbox/clock`: the time of the whole sandbox."""

from typing import Any, Self

from pydantic import AwareDatetime, model_validator
from starlette.routing import Route

from backoffice.sandbox.clock import Clock
from backoffice.sandbox.control.body import Body, get, post
from backoffice.sandbox.world import World


class ClockChange(Body):
    """Exactly one of the three."""

    advance_seconds: float | None = None
    now: AwareDatetime | None = None
    frozen: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("send one of advance_seconds, now, frozen")
        return self


def routes(world: World) -> list[Route]:
    def change(body: ClockChange) -> dict[str, Any]:
        _set(world.clock, body)
        return _shown(world.clock)

    return [
        get("/_sandbox/clock", lambda _: _shown(world.clock)),
        post("/_sandbox/clock", ClockChange, change),
    ]


def _set(clock: Clock, body: ClockChange) -> None:
    if body.advance_seconds is not None:
        clock.advance(body.advance_seconds)
    if body.now is not None:
        clock.move_to(body.now)
    if body.frozen is not None:
        (clock.freeze if body.frozen else clock.run)()


def _shown(clock: Clock) -> dict[str, Any]:
    return {"now": clock.now().isoformat(), "frozen": clock.frozen}
