import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from backoffice.store.inbox import pending, waiting

# conftest's Sender and FakePrefect; test folders are no packages, so their types cannot be imported.
Sender = Any
FakePrefect = Any


@contextmanager
def program(folder: Path, output: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """`python -m backoffice.gateway` on the store in `folder`, its Prefect server down; the process and its address."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment = inherited | {
        "DATABASE_URL": f"sqlite:///{folder}/store.db",
        "TIMEPAD_WEBHOOK_SECRET": "hook-secret",
        "BITRIX24_HOOK_SECRET": "path-secret",
        "BITRIX24_APPLICATION_TOKEN": "application-token",
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
        "PREFECT_HOME": str(folder / "prefect"),
    }
    command = [sys.executable, "-m", "backoffice.gateway", "--port", str(port)]
    with output.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)  # noqa: S603 our own program
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_a_killed_gateway_loses_nothing_and_tells_nothing(
    engine: Engine,
    prefect: FakePrefect,
    serve: Callable[[], AbstractContextManager[Sender]],
    eventually: Callable[..., None],
    on: Callable[[str], Sender],
    tmp_path: Path,
) -> None:
    """Killed between storing and starting, its successor starts the hook; its log has no secret and no person."""
    output = tmp_path / "output.txt"
    with program(tmp_path, output) as (process, address):
        eventually(lambda: _answers(f"{address}/health"), seconds=30)
        sender = on(address)
        assert sender.hook({"event_id": 300100, "email": "anna@example.org"}).status_code == 200
        assert sender.event().status_code == 200
        assert sender.event(path="wrong").status_code == 404
        eventually(lambda: "the inbox waits" in output.read_text())
        process.send_signal(signal.SIGKILL)
    assert [row.starts for row in pending(engine, "timepad")] == [0]
    with serve():
        eventually(lambda: waiting(engine)[0].starts == 1)
    assert list(prefect.runs) == ["inbox:timepad:1:0"]
    told = output.read_text()
    assert not any(word in told for word in ("secret", "application-token", "anna@example.org", "/bitrix24"))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "Не задан PREFECT_API_URL"),
        (
            {"PREFECT_API_URL": "http://127.0.0.1:9/api", "SMTP_PORT": "tls"},
            "неверное значение в .env или окружении: SMTP_PORT",
        ),
        (
            {"PREFECT_API_URL": "http://127.0.0.1:9/api", "BITRIX24_WEBHOOK_URL": "https://p.example.org/hush"},
            "BITRIX24_WEBHOOK_URL",
        ),
    ],
)
def test_what_makes_it_useless_is_told_in_one_line(tmp_path: Path, given: dict[str, str], told: str) -> None:
    """Without a Prefect server it would start runs nobody executes; an address that is no webhook's is not repeated."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    ours = {"PREFECT_HOME": str(tmp_path / "prefect"), "DATABASE_URL": f"sqlite:///{tmp_path}/store.db"}
    ended = subprocess.run(
        [sys.executable, "-m", "backoffice.gateway"],
        cwd=tmp_path,
        env=environment | ours | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    *_, last = ended.stderr.splitlines()
    assert last.startswith(told)
    assert not any(word in ended.stderr for word in ("Traceback", "hush"))


@pytest.fixture
def on(sender_class: type[Any]) -> Iterator[Callable[[str], Sender]]:
    """The senders of the gateway at an address."""
    with httpx.Client(trust_env=False) as http:

        def at(address: str) -> Sender:
            http.base_url = httpx.URL(address)
            return sender_class(http)

        yield at


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False
