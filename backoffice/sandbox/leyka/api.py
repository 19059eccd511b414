"""The pull addresses of leyka-bridge below the site's own: `/leyka/wp-json/leyka-bridge/v1/…`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backoffice.sandbox import request_log
from backoffice.sandbox.leyka.signature import HEADER, is_signed
from backoffice.sandbox.leyka.state import SITE, LeykaState

if TYPE_CHECKING:  # the world holds the state of this very package
    from backoffice.sandbox.world import World

NAMESPACE = "/leyka-bridge/v1"


class Page(BaseModel):
    """The parameters that page through both lists."""

    model_config = ConfigDict(extra="ignore")

    after: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=500)
    since: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = Field(None, alias="to")


Answer = Callable[[LeykaState, Page], dict[str, Any]]


def routes(world: "World") -> list[BaseRoute]:
    return [_serve(world, "/events", events), _serve(world, "/donations", donations)]


def events(site: LeykaState, page: Page) -> dict[str, Any]:
    """Events after a number, delivered or not."""
    rows = [event for event in site.outbox if event.seq > page.after]
    cut = rows[: page.limit]
    return _answer(site, {"events": [event.body() for event in cut]}, [event.seq for event in cut], len(rows), page)


def donations(site: LeykaState, page: Page) -> dict[str, Any]:
    """Donations after an id, as they are now; `to` is left out of the range."""
    ids = [
        donation.id
        for donation in sorted(site.donations.values(), key=lambda one: one.id)
        if donation.id > page.after
        and (page.since is None or donation.created_at >= page.since)
        and (page.until is None or donation.created_at < page.until)
    ]
    cut = ids[: page.limit]
    return _answer(site, {"donations": [site.shown(one) for one in cut]}, cut, len(ids), page)


def _answer(site: LeykaState, found: dict[str, Any], ids: list[int], left: int, page: Page) -> dict[str, Any]:
    return {
        "schema": 1,
        "site": SITE,
        **found,
        "next_after": ids[-1] if ids else page.after,
        "more": left > len(ids),
        "oldest_seq": 1 if site.outbox else 0,
        "newest_seq": len(site.outbox),
    }


def _serve(world: "World", name: str, answer: Answer) -> Route:
    def endpoint(request: Request) -> Response:
        response = _response(world.leyka, f"{NAMESPACE}{name}", request, answer)
        world.log.note(request_log.Request(world.clock.now(), "leyka", name, response.status_code))
        return response

    return Route(f"/leyka/wp-json{NAMESPACE}{name}", endpoint)


def _response(site: LeykaState, route: str, request: Request, answer: Answer) -> Response:
    query = urlencode(sorted(request.query_params.items()), quote_via=quote)
    message = f"GET {route}?{query}".encode()
    if not is_signed(request.headers.get(HEADER, ""), site.switches.secret, message, site.signing_moment()):
        return _refusal(401, "leyka_bridge_signature", "The signature is missing, wrong or too old.")
    try:
        page = Page.model_validate(dict(request.query_params))
    except ValidationError as error:
        wrong = ", ".join(str(problem["loc"][0]) for problem in error.errors())
        return _refusal(400, "rest_invalid_param", f"Invalid parameter(s): {wrong}")
    with site.lock:
        return JSONResponse(answer(site, page))


def _refusal(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "data": {"status": status}}, status)
