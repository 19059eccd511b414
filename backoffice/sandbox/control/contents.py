"""`/_sandbox/reset`, `/seed`, `/dump` and `/portal`: what the sandbox holds and how its portal behaves."""

from dataclasses import asdict
from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.routing import Route

from backoffice.sandbox import seeds
from backoffice.sandbox.control.body import Body, Nothing, Unfit, get, post
from backoffice.sandbox.control.overrides import Overrides, overridden
from backoffice.sandbox.leyka.dump import dump_leyka
from backoffice.sandbox.mail.dump import by_addressee, dump_letters
from backoffice.sandbox.sms.dump import by_phone, dump_sms
from backoffice.sandbox.timepad.dump import dump_timepad
from backoffice.sandbox.world import World


class Seed(Body):
    """The sizes are for the seeds that come in them: `tickets` for `big`, `pairs` for `twins`."""

    name: str
    tickets: int | None = Field(None, ge=1, le=100_000)
    pairs: int | None = Field(None, ge=1, le=100_000)


def routes(world: World) -> list[Route]:
    def reset(_: Nothing) -> dict[str, Any]:
        world.reset()
        return {}

    def plant(body: Seed) -> dict[str, Any]:
        size = body.model_dump(exclude={"name"}, exclude_none=True)
        try:
            return seeds.plant(world, body.name, **size)
        except KeyError as error:
            raise Unfit(f"name: there is no seed {body.name!r}; there are: {', '.join(seeds.SEEDS)}") from error

    def configure(body: Overrides) -> dict[str, Any]:
        wanted = overridden(world.portal.config, body.root)
        for name in body.root:
            setattr(world.portal.config, name, getattr(wanted, name))
        return _portal(world)

    def show(request: Request) -> dict[str, Any]:
        with_times = request.query_params.get("with_times") == "1"
        return {
            "portal": world.portal.dump(with_times=with_times),
            "timepad": dump_timepad(world.timepad, with_times=with_times),
            "mail": dump_letters(sorted(world.mailbox.all(), key=by_addressee), with_times=with_times),
            "leyka": dump_leyka(world.leyka, with_times=with_times),
            "sms": dump_sms(sorted(world.sms.all(), key=by_phone), with_times=with_times),
        }

    return [
        post("/_sandbox/reset", Nothing, reset),
        post("/_sandbox/seed", Seed, plant),
        get("/_sandbox/dump", show),
        get("/_sandbox/portal", lambda _: _portal(world)),
        post("/_sandbox/portal", Overrides, configure),
    ]


def _portal(world: World) -> dict[str, Any]:
    config = asdict(world.portal.config)
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in config.items()}
