"""Breaking a connection instead of answering on it.

ASGI has no word for that: an application that returns without an answer makes the server send a 500 of its own, and one
that stops in the middle of an answer has already sent the status line. So the server's own connection is closed under
it. It ends with a FIN and without a byte, as when a balancer restarts: httpx reads RemoteProtocolError, «Server
disconnected without sending a response». That is the cut that tempts clients most, since a kept-alive connection that
has timed out looks the same, and many repeat the request.
"""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

CONNECTION = "sandbox.connection"


def with_connection(scope: Scope, send: Send) -> Scope:
    """The scope, and in it the server's connection for `Cut`. `send` must be the server's own (uvicorn's cycle)."""
    cycle = getattr(send, "__self__", None)
    return {**scope, CONNECTION: getattr(cycle, "transport", None)}


class Cut(Response):
    """Goes out as an end of the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the protocol's shape
        scope[CONNECTION].abort()
        while (await receive())["type"] != "http.disconnect":
            """The server must notice before the application returns, or it would answer with a 500."""
