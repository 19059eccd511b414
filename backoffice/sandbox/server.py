"""The sandbox as a real HTTP server, in a thread of the test or of the demo."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import uvicorn
from starlette.types import ASGIApp

from backoffice.sandbox.app import create_app
from backoffice.sandbox.certificates import Certificates
from backoffice.sandbox.world import World

START_SECONDS = 10


@contextmanager
def running(world: World, *, host: str = "127.0.0.1", port: int = 0, tls: Certificates | None = None) -> Iterator[str]:
    """Serve `world` and give the base URL; on leaving, a held request is let go and the server has stopped."""
    with serving(create_app(world), host=host, port=port, tls=tls) as base_url, at_rest(world):
        yield base_url


@contextmanager
def serving(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, tls: Certificates | None = None) -> Iterator[str]:
    """Serve any ASGI application from a thread, over HTTPS if given certificates; port 0 takes a free one."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        lifespan="off",
        ssl_certfile=tls.server if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="sandbox", daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://{host}:{_bound_port(server, thread)}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def at_rest(world: World) -> Iterator[None]:
    """On leaving nothing of the world waits or runs: no held request, no outgoing webhook."""
    try:
        yield
    finally:
        world.hold.release(drop=True)
        world.portal.hooks.stop()


def _bound_port(server: uvicorn.Server, thread: threading.Thread) -> int:
    deadline = monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or monotonic() > deadline:
            raise RuntimeError("the sandbox did not start: is its port taken?")
        sleep(0.01)
    bound: int = server.servers[0].sockets[0].getsockname()[1]
    return bound
