"""A real SMTP server over loopback: plain, with STARTTLS, or with TLS from the first byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from time import monotonic

from anyio.from_thread import start_blocking_portal

from backoffice.sandbox.certificates import Certificates
from backoffice.sandbox.mail.connection import Connection
from backoffice.sandbox.mail.reception import Reception
from backoffice.sandbox.world import World

Address = tuple[str, int]
STOP_SECONDS = 1.0  # one in the middle of a handshake is not told


@contextmanager
def serving_mail(
    world: World, *, host: str = "127.0.0.1", port: int = 0, tls: Certificates | None = None, implicit: bool = False
) -> Iterator[Address]:
    """Take letters for `world` in and give (host, port); port 0 takes a free one, OSError if it is taken.

    With `tls` a client must use STARTTLS, or begin with TLS if `implicit`.
    """
    with receiving(Reception(world), host=host, port=port, tls=tls, implicit=implicit) as address:
        yield address


@contextmanager
def receiving(
    reception: Reception,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: Certificates | None = None,
    implicit: bool = False,
) -> Iterator[Address]:
    """Serve from a thread; on leaving all connections are broken off and the server has stopped."""
    context = _context(tls) if tls else None
    with (
        start_blocking_portal() as thread,
        thread.wrap_async_context_manager(_listening(reception, host, port, context, implicit)) as address,
    ):
        yield address


@asynccontextmanager
async def _listening(
    reception: Reception, host: str, port: int, tls: ssl.SSLContext | None, implicit: bool
) -> AsyncIterator[Address]:
    open_ones: set[Connection] = set()
    starttls, at_once = (None, tls) if implicit else (tls, None)

    def connection() -> Connection:
        return Connection(reception, open_ones, starttls=starttls, encrypted=tls is not None)

    server = await asyncio.get_running_loop().create_server(connection, host, port, ssl=at_once)
    try:
        yield server.sockets[0].getsockname()[:2]
    finally:
        server.close()
        await _break_off(open_ones)


async def _break_off(connections: set[Connection]) -> None:
    for one in list(connections):
        one.break_off()
    deadline = monotonic() + STOP_SECONDS
    while connections and monotonic() < deadline:
        await asyncio.sleep(0)  # each leaves the set when its loop tells it of the loss


def _context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server, certificates.key)
    return context
