"""From a view to an HTML answer."""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from backoffice.sandbox.pages.wording import counted, moment_text
from backoffice.sandbox.world import World

# A view reads the world and names a template with its values.
View = Callable[[World, Request], tuple[str, dict[str, Any]]]

_TEMPLATES = Environment(
    loader=PackageLoader("backoffice.sandbox"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_TEMPLATES.filters |= {"moment": moment_text, "counted": counted}


class NoSuchPage(Exception):
    """The address names a thing that is not there; the text is for the reader."""


def page(world: World, path: str, view: View) -> Route:
    """The view as a route; it runs in a thread and nothing changes in the portal meanwhile."""

    def endpoint(request: Request) -> Response:
        with world.portal.lock:
            try:
                template, values = view(world, request)
            except NoSuchPage as error:
                return _html(world, request, "missing.html", {"text": str(error)}, status=404)
            return _html(world, request, template, values)

    return Route(path, endpoint, methods=["GET"])


def _html(world: World, request: Request, template: str, values: dict[str, Any], status: int = 200) -> Response:
    shared = {"now": world.clock.now(), "path": request.url.path}
    return HTMLResponse(_TEMPLATES.get_template(template).render(shared | values), status)
