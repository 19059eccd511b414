"""The ASGI application: the portal, Timepad, the control addresses and the pages, one list of routes each."""

from starlette.applications import Starlette

from backoffice.sandbox import control, pages, timepad
from backoffice.sandbox.bitrix24 import transport
from backoffice.sandbox.world import World


def create_app(world: World) -> Starlette:
    """One application over one world; several may run side by side."""
    return Starlette(
        routes=[
            *transport.routes(world),
            *timepad.routes(world),
            *control.routes(world),
            *pages.routes(world),
        ]
    )
