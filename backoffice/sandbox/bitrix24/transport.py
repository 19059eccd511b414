"""HTTP in front of the portal: addresses, ways to send parameters, the envelope.

Official sources: settings/how-to-call-rest-api/general-principles.md, data-encoding.md,
local-integrations/local-webhooks.md.
"""

import json
from http import HTTPStatus
from time import monotonic
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backoffice.sandbox.bitrix24.exchange import Answer, Asked
from backoffice.sandbox.bitrix24.front import serve
from backoffice.sandbox.bitrix24.php import decode_query, map_of, nest, to_json
from backoffice.sandbox.faults.cutting import Cut
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    """`/rest/{user}/{secret}/{method}` for webhooks, `/rest/{method}` for those who forgot theirs."""

    async def endpoint(request: Request) -> Response:
        arrived = monotonic()
        asked = Asked(request.url.hostname or "", dict(request.path_params), await _parameters(request))
        # A held or a long request must not stop the others, hence a thread for each.
        with world.log.following():
            response = on_the_wire(request, await run_in_threadpool(serve, world, asked))
        await world.portal.pace.keep(arrived, len(asked.inner))
        return response

    methods = ["GET", "POST"]
    return [
        Route("/rest/{user}/{secret}/{method}", endpoint, methods=methods),
        Route("/rest/{method}", endpoint, methods=methods),
    ]


async def _parameters(request: Request) -> dict[str, Any]:
    return {**decode_query(request.url.query), **await _body(request)}


async def _body(request: Request) -> dict[str, Any]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        return _json(await request.body())
    if content_type == "multipart/form-data":
        async with request.form() as form:
            return nest((name, value) for name, value in form.multi_items() if isinstance(value, str))
    return decode_query((await request.body()).decode("utf-8", "replace"))


def _json(body: bytes) -> dict[str, Any]:
    try:
        return map_of(json.loads(body))
    except ValueError:
        return {}  # PHP decodes a broken body to nothing, and the method then misses its parameters


def on_the_wire(request: Request, answer: Answer) -> Response:
    """The answer, or what comes instead of one."""
    if answer.cut:
        return Cut()
    if answer.moved_to:
        return RedirectResponse(request.url.replace(hostname=answer.moved_to), answer.status)
    if answer.body is None:
        page = f"<html><body>{answer.status} {HTTPStatus(answer.status).phrase}</body></html>"
        return Response(page, answer.status, media_type="text/html")
    return Response(to_json(answer.body), answer.status, answer.headers, media_type="application/json")
