"""The addresses of Timepad under `/timepad`; every one also with the older `.json` ending."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backoffice.sandbox import request_log
from backoffice.sandbox.timepad import dictionaries, events, orders
from backoffice.sandbox.timepad.access import read_call, sent_token
from backoffice.sandbox.timepad.call import Call
from backoffice.sandbox.timepad.errors import Refused
from backoffice.sandbox.timepad.organization import introspection

if TYPE_CHECKING:  # the world holds the state of this very package
    from backoffice.sandbox.world import World

Answer = Callable[[Call], dict[str, Any]]
NO_PARAMETERS: frozenset[str] = frozenset()


def routes(world: "World") -> list[BaseRoute]:
    """The API and, for what it does not have, its 404."""
    v1 = "/timepad/v1"
    return [
        *_serve(world, f"{v1}/events", events.list_events, events.LIST_PARAMETERS),
        *_serve(world, f"{v1}/events/{{event_id:int}}", events.show_event, {"fields"}),
        *_serve(world, f"{v1}/events/{{event_id:int}}/orders", orders.list_orders, orders.LIST_PARAMETERS),
        *_serve(world, f"{v1}/events/{{event_id:int}}/orders/{{order_id:int}}", orders.show_order, NO_PARAMETERS),
        *_serve(world, f"{v1}/dictionary/event_statuses", dictionaries.event_statuses, NO_PARAMETERS),
        *_serve(world, f"{v1}/dictionary/tickets_statuses", dictionaries.tickets_statuses, NO_PARAMETERS),
        *_serve(world, f"{v1}/dictionary/event_categories", dictionaries.event_categories, NO_PARAMETERS),
        *_introspect(world),
        *_serve(world, "/timepad/{rest:path}", _no_such_address, NO_PARAMETERS),
    ]


def _serve(world: "World", path: str, answer: Answer, parameters: Collection[str]) -> list[Route]:
    async def endpoint(request: Request) -> Response:
        timepad = world.timepad
        try:
            response = JSONResponse(answer(read_call(request, timepad, parameters)))
        except Refused as refused:
            response = refused.answer(with_200=timepad.switches.errors_with_200)
            return _noted(world, path, response, refused.code)
        return _noted(world, path, response, response.status_code)

    return [Route(path, endpoint), Route(f"{path}.json", endpoint)]


def _introspect(world: "World") -> list[Route]:
    async def endpoint(request: Request) -> Response:
        form = await request.form() if request.method == "POST" else {}
        token = sent_token(request) or str(form.get("token"))
        response = JSONResponse(introspection(world.timepad, token))
        return _noted(world, "/timepad/introspect", response, response.status_code)

    return [Route(f"/timepad/introspect{ending}", endpoint, methods=["GET", "POST"]) for ending in ("", ".json")]


def _no_such_address(_: Call) -> dict[str, Any]:
    raise Refused(404, "no such address")


def _noted(world: "World", path: str, response: Response, status: int) -> Response:
    """Log the request under its path pattern, with the status meant even where HTTP says 200."""
    method = path.removeprefix("/timepad")
    world.log.note(request_log.Request(world.clock.now(), "timepad", method, status))
    return response
