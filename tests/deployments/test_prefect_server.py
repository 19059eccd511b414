"""`make deploy` without a server that lets us in: one sentence for a person, exit code 1, no traceback."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from deployments import deploy, prefect_server
from deployments.prefect_server import NO_ADDRESS, await_server

SECRET = "admin:hush"


class Doorkeeper(ThreadingHTTPServer):
    """Answers with the statuses given, the last one for ever; 200 with `body`."""

    def __init__(self, statuses: list[int], body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.statuses, self.body = statuses, body

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api"


class _Door(BaseHTTPRequestHandler):
    server: Doorkeeper

    def do_GET(self) -> None:
        status = self.server.statuses.pop(0) if len(self.server.statuses) > 1 else self.server.statuses[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def answering() -> Iterator[Callable[..., str]]:
    """answering(*statuses, body=…): the address of a server that answers so."""
    servers: list[Doorkeeper] = []

    def start(*statuses: int, body: bytes = b'"3.0.0"') -> str:
        servers.append(Doorkeeper(list(statuses), body))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return servers[-1].api

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def deployed_to(api: str | None, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What `make deploy` says to a person before it gives up."""
    with temporary_settings({PREFECT_API_URL: api, PREFECT_API_AUTH_STRING: SECRET}):
        assert deploy.main(patience=0.1) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "hush" not in said
    return said.splitlines()


def test_without_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert deployed_to(None, capsys) == [NO_ADDRESS]


def test_without_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    """Waited for, then given up; a name and a password in the address are not repeated."""
    *_, last = deployed_to("http://admin:hush@127.0.0.1:9/api", capsys)
    assert last.startswith("Сервер Prefect не отвечает по адресу http://127.0.0.1:9/api")
    assert "PREFECT_API_URL" in last


def test_with_a_wrong_password(capsys: pytest.CaptureFixture[str], answering: Callable[..., str]) -> None:
    [said] = deployed_to(answering(401), capsys)
    assert "PREFECT_API_AUTH_STRING" in said


@pytest.mark.parametrize(("status", "body"), [(404, b""), (200, b"<html>")])
def test_with_something_else_at_the_address(
    capsys: pytest.CaptureFixture[str], answering: Callable[..., str], status: int, body: bytes
) -> None:
    """As the address of the pages without `/api`."""
    [said] = deployed_to(answering(status, body=body), capsys)
    assert "отвечает не сервер Prefect" in said


def test_a_starting_server_is_waited_for(answering: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    """503 at first; then it lets us in."""
    monkeypatch.setattr(prefect_server, "LOOK_EVERY_SECONDS", 0.05)
    with temporary_settings({PREFECT_API_URL: answering(503, 200)}):
        await_server(patience=30)
