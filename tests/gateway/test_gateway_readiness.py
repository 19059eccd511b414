"""What `/ready` says of the Prefect server, asked over HTTP."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from backoffice.gateway.readiness import look_at_prefect

LET_IN = "Basic YWRtaW46aHVzaA=="  # admin:hush


class _Door(BaseHTTPRequestHandler):
    """A server with a password; `/html` is somebody else's page, `/asleep` answers too late, `/ill` breaks down."""

    def do_GET(self) -> None:
        if "/asleep/" in self.path:
            time.sleep(3)
        let_in = self.headers.get("Authorization") == LET_IN
        self.send_response(500 if "/ill/" in self.path else 200 if let_in else 401)
        self.end_headers()
        self.wfile.write(b"<html>" if "/html/" in self.path else b'"3.0.0"')

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def told() -> Iterator[Callable[..., str]]:
    """told(path, phrase): what is said of the server at the path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

    def look(path: str = "api", phrase: str = "hush") -> str:
        url = f"http://127.0.0.1:{server.server_address[1]}/{path}"
        with temporary_settings({PREFECT_API_URL: url, PREFECT_API_AUTH_STRING: f"admin:{phrase}"}):
            return asyncio.run(look_at_prefect())

    yield look
    server.shutdown()
    server.server_close()


def test_a_server_that_lets_us_in_is_well(told: Callable[..., str]) -> None:
    assert told() == "ok"


def test_a_wrong_password_is_told_by_its_variable_only(
    told: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the answer nor the log repeats it."""
    with caplog.at_level(logging.DEBUG):
        said = told(phrase="guessed")
    assert said == "wrong password: PREFECT_API_AUTH_STRING"
    assert "guessed" not in caplog.text


@pytest.mark.parametrize(
    ("path", "said"),
    [("html", "not a Prefect server: PREFECT_API_URL"), ("asleep", "unreachable"), ("ill", "unreachable")],
)
def test_what_does_not_serve_is_told(told: Callable[..., str], path: str, said: str) -> None:
    """Within the two seconds that a supervisor can wait."""
    started = time.monotonic()
    assert told(path) == said
    assert time.monotonic() - started < 3


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert asyncio.run(look_at_prefect()) == "unreachable"
