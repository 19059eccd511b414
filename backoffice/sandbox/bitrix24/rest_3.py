"""REST 3.0, as far as to be told from a portal without it: `/rest/api/{user}/{secret}/{method}`.

Official source: api-reference/rest-v3.md.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    """One method, without tasks to show; a portal without REST 3.0 has no such address."""

    async def tasks(request: Request) -> Response:
        config, address = world.portal.config, request.path_params
        if not config.rest_3 or (address["user"], address["secret"]) != (str(WEBHOOK_USER), WEBHOOK_SECRET):
            return Response("<html><body>404 Not Found</body></html>", 404, media_type="text/html")
        return JSONResponse({"result": {"items": []}, "time": {}})

    return [Route("/rest/api/{user}/{secret}/tasks.task.list", tasks, methods=["POST"])]
