"""`/oauth/token/`: the authorization server, which a real portal has on another host.

Official sources: settings/oauth/index.md, auto-renewal.md, error-codes.md: a GET with everything in the query. A
refusal has no text where b24pysdk saw none.
"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice.sandbox.bitrix24.applications import Applications, Pair
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.hooks import MEMBER_ID
from backoffice.sandbox.request_log import Request as Logged
from backoffice.sandbox.world import World

TOKEN_OF = {"authorization_code": "code", "refresh_token": "refresh_token"}


def routes(world: World) -> list[Route]:
    async def endpoint(request: Request) -> Response:
        sent = dict(request.query_params)
        base = f"{request.url.scheme}://{request.url.netloc}"
        return await run_in_threadpool(_serve, world, sent, base)

    return [Route("/oauth/token/", endpoint, methods=["GET"])]


def _serve(world: World, sent: dict[str, str], base: str) -> Response:
    started = world.clock.now()
    with world.portal.lock:
        counts = world.portal.applications.counts
        try:
            status, body = 200, _granted(world.portal.applications, sent, base)
            counts[sent["grant_type"]] += 1
        except Refusal as refusal:
            status, body = refusal.status, {name: value for name, value in refusal.body().items() if value != ""}
            counts[str(refusal.code)] += 1
    method = f"oauth/token {sent.get('grant_type', '')}".strip()
    world.log.note(Logged(started, "oauth", method, status, error=str(body.get("error", ""))))
    return JSONResponse(body, status)


def _granted(applications: Applications, sent: dict[str, str], base: str) -> dict[str, Any]:
    kind = sent.get("grant_type", "")
    if kind not in TOKEN_OF:
        raise Refusal("invalid_request", "Invalid grant_type parameter or parameter missing")
    application = applications.client(sent.get("client_id", ""), sent.get("client_secret", ""))
    token = sent.get(TOKEN_OF[kind])
    if not token:
        raise Refusal("invalid_request", f'No "{TOKEN_OF[kind]}" parameter found')
    if kind == "authorization_code":
        return _shown(applications.exchange(application, token), base)
    return _shown(applications.refresh(application, token), base)


def _shown(pair: Pair, base: str) -> dict[str, Any]:
    """`expires` and `user_id` are documented for a refresh only, but b24pysdk takes no first pair without them."""
    return {
        "access_token": pair.access_token,
        "client_endpoint": f"{base}/rest/",
        "domain": base.partition("://")[2],
        "expires": int(pair.access.ends_at.timestamp()),
        "expires_in": 3600,
        "member_id": MEMBER_ID,
        "refresh_token": pair.refresh_token,
        "scope": ",".join(pair.access.application.scopes),
        "server_endpoint": f"{base}/rest/",
        "status": pair.access.application.status,
        "user_id": pair.access.user_id,
    }
