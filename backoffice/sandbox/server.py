"""The sandbox as a real HTTP server, in a thread of the test or of the demo."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import uvicorn

from backoffice.sandbox.app import create_app
from backoffice.sandbox.world import World

START_SECONDS = 10


@contextmanager
def running(world: World, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve `world` and give the base URL; on leaving, a held request is let go and the server has stopped."""
    config = uvicorn.Config(create_app(world), host=host, port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="sandbox", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{_bound_port(server, thread)}"
    finally:
        world.hold.release(drop=True)
        server.should_exit = True
        thread.join()
        world.portal.hooks.stop()


def _bound_port(server: uvicorn.Server, thread: threading.Thread) -> int:
    deadline = monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or monotonic() > deadline:
            raise RuntimeError("the sandbox did not start: is its port taken?")
        sleep(0.01)
    bound: int = server.servers[0].sockets[0].getsockname()[1]
    return bound
