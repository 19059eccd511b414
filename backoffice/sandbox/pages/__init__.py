"""Read-only HTML pages of the portal."""

from starlette.routing import Route

from backoffice.sandbox.world import World


def routes(_: World) -> list[Route]:
    return []
