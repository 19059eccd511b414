"""`/_sandbox/mail`: the letters that were sent."""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from backoffice.sandbox.control.body import Nothing, get, post
from backoffice.sandbox.mail.dump import dump_letters
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    def show(request: Request) -> dict[str, Any]:
        to, with_times = request.query_params.get("to"), request.query_params.get("with_times") == "1"
        letters = world.mailbox.to(to) if to else world.mailbox.all()
        return {"letters": dump_letters(letters, with_times=with_times)}

    def clear(_: Nothing) -> dict[str, Any]:
        world.mailbox.clear()
        return {}

    return [get("/_sandbox/mail", show), post("/_sandbox/mail/clear", Nothing, clear)]
