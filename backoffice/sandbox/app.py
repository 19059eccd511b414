"""The ASGI application: portal, Timepad, providers of SMS, Leyka, control addresses and pages, each with its routes."""

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from backoffice.sandbox import control, leyka, pages, sms, timepad
from backoffice.sandbox.bitrix24 import oauth_server, transport
from backoffice.sandbox.bitrix24.rest_3 import addresses
from backoffice.sandbox.faults.cutting import with_connection
from backoffice.sandbox.world import World


class Sandbox(Starlette):
    """Knows the connection that a request came by, so that a fault may break it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(with_connection(scope, send), receive, send)


def create_app(world: World) -> Starlette:
    """One application over one world; several may run side by side."""
    return Sandbox(
        routes=[
            *addresses.routes(world),
            *transport.routes(world),
            *oauth_server.routes(world),
            *timepad.routes(world),
            *sms.routes(world),
            *leyka.routes(world),
            *control.routes(world),
            *pages.routes(world),
        ]
    )
