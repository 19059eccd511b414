"""A fund's site whose deliveries come to a receiver that can be down."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest

from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.world import World

Do = Callable[..., dict[str, Any]]


@dataclass
class Receiver:
    """What came, and what is answered."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(raw) for _, raw in self.got]

    @property
    def seqs(self) -> list[int]:
        return [body["seq"] for body in self.bodies]


@pytest.fixture
def receiver(world: World) -> Iterator[Receiver]:
    receiver = Receiver()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((dict(self.headers), raw))
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/leyka"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


@pytest.fixture
def do(sandbox: str, receiver: Receiver) -> Iterator[Do]:
    """Let something happen that must succeed; deliveries go to the receiver."""
    with httpx.Client(base_url=f"{sandbox}/_sandbox/leyka/") as client:

        def happen(what: str, **body: Any) -> dict[str, Any]:
            answer = client.post(what, json=body)
            assert answer.status_code == 200, answer.text
            told: dict[str, Any] = answer.json()
            return told

        happen("switches", url=receiver.url)
        yield happen


@pytest.fixture
def trouble(world: World) -> Callable[..., None]:
    """Order one fault of deliveries."""

    def order(kind: str, **fault: Any) -> None:
        world.faults.order(Fault.model_validate({"kind": kind, "methods": "leyka.*", **fault}))

    return order
