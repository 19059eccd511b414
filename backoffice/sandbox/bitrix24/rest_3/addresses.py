"""HTTP in front of REST 3.0: JSON in the body of a POST, and nothing else is read."""

import json
from dataclasses import replace
from time import monotonic
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice.sandbox.bitrix24.exchange import Asked, Third
from backoffice.sandbox.bitrix24.front import serve
from backoffice.sandbox.bitrix24.php import map_of
from backoffice.sandbox.bitrix24.rest_3.errors import enveloped
from backoffice.sandbox.bitrix24.transport import on_the_wire
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    """`/rest/api/{user}/{secret}/{method}` and, with a token, `/rest/api/{method}`; none without `config.rest_3`."""

    async def endpoint(request: Request) -> Response:
        if not world.portal.config.rest_3:
            return Response("<html><body>404 Not Found</body></html>", 404, media_type="text/html")
        arrived = monotonic()
        params, is_json = await _parameters(request)
        third = Third(request.headers.get("idempotency-key"), is_json=is_json)
        asked = Asked(request.url.hostname or "", dict(request.path_params), params, third)
        answer = await run_in_threadpool(serve, world, asked)
        await world.portal.pace.keep(arrived, len(asked.inner))
        body = enveloped(answer.body) if answer.body else answer.body
        return on_the_wire(request, replace(answer, body=body))

    methods = ["GET", "POST"]
    return [
        Route("/rest/api/{user}/{secret}/{method}", endpoint, methods=methods),
        Route("/rest/api/{method}", endpoint, methods=methods),
    ]


async def _parameters(request: Request) -> tuple[dict[str, Any], bool]:
    """And whether they could be read: a body that is sent has to be JSON, and to say so."""
    body = await request.body()
    if not body:
        return {}, True
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return {}, False
    try:
        return map_of(json.loads(body)), True
    except ValueError:
        return {}, False
