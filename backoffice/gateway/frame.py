"""How the page inside the portal is answered: headers that let only the portal frame it, and our two files."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from backoffice.gateway.delivery import Refused
from backoffice.letters import TEMPLATES, render

FOLDER = "gateway"
PLAIN = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Turned(Refused):
    """A request of the page that gets nowhere; the reason is for the person who looks at it."""


def whole_page(origin: str, template: str, status: int = 200, **values: Any) -> Response:
    """A document: nothing but our own files may run in it, only pages of `origin` may frame it."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {origin}"
    )
    return _html(template, status, {"Content-Security-Policy": policy}, values)


def fragment(template: str, status: int = 200, **values: Any) -> Response:
    """A part that the page's script puts in; opened by itself it is inert and framed by nobody."""
    policy = "default-src 'none'; frame-ancestors 'none'"
    return _html(template, status, {"Content-Security-Policy": policy}, values)


def turned(request: Request, refusal: Turned, origin: str) -> Response:
    """The reason: a document where the frame itself was asked for, a fragment where the page's script asked."""
    policy = f"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {origin}"
    template = "turned.html.j2" if request.url.path == "/app" else "trouble.html.j2"
    return _html(template, refusal.status, {"Content-Security-Policy": policy}, {"reason": refusal.reason})


def asset(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for a file of ours, read once."""
    text = (TEMPLATES / FOLDER / name).read_text(encoding="utf-8")

    async def endpoint(_request: Request) -> Response:
        return Response(text, media_type=media_type, headers=PLAIN)

    return endpoint


def _html(template: str, status: int, headers: dict[str, str], values: dict[str, Any]) -> Response:
    return HTMLResponse(render(f"{FOLDER}/{template}", **values), status, headers=PLAIN | headers)
