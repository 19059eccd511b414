"""A program that may die at any of its steps: around a transaction of its store, an SMTP command, a portal request."""

import select
import smtplib
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

Meanwhile = tuple[int, Callable[[], None]]
"""At which step somebody else does something, and what."""

ANSWER_SECONDS = 10


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it, and who is dead takes no further step."""


class Life:
    """Counts the steps of a program and ends it, or does something else in between, at the chosen one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.begin()

    def begin(self, dies_at: int | str | None = None, meanwhile: Meanwhile | None = None) -> None:
        """A new process, which counts its steps from 1; it dies at the chosen one, or at the first of a name."""
        self.steps: list[str] = []
        self.dead = False
        self._dies_at, self._meanwhile = dies_at, meanwhile

    def step(self, what: str) -> None:
        """The program is about to go on; Killed if it does not."""
        with self._lock:
            if not self.dead:
                self.steps.append(what)
                self.dead = self._dies_at in (len(self.steps), what)
            if self.dead:
                raise Killed(what)
            now = len(self.steps)
        if self._meanwhile and self._meanwhile[0] == now:
            self._meanwhile[1]()


class MortalTransport(httpx.BaseTransport):
    """Two steps a request: before it leaves, and after the portal has answered."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._inner = httpx.HTTPTransport(verify=False)  # plain http, and loading authorities takes time

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.rsplit("/", 1)[-1]
        self._life.step(f"{method} before")
        response = self._inner.handle_request(request)
        response.read()
        self._life.step(f"{method} answered")
        return response

    def close(self) -> None:
        """Live on for the next client."""

    def close_for_good(self) -> None:
        self._inner.close()


def watch_store(life: Life, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps a transaction that writes: before its commit and after it."""
    commit = engine.dialect.do_commit

    def mortal(connection: Any) -> None:
        life.step("commit before")
        commit(connection)
        life.step("commit done")

    monkeypatch.setattr(engine.dialect, "do_commit", mortal)


def watch_mail(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three steps a command: before it, when it has arrived, and after its answer; who dies leaves a closed line.

    Half a text is one step more.
    """
    send, getreply = smtplib.SMTP.send, smtplib.SMTP.getreply

    def step(line: smtplib.SMTP, what: str) -> None:
        try:
            life.step(what)
        except Killed:
            line.close()
            raise

    def mortal_send(line: smtplib.SMTP, data: Any) -> None:
        command = _command(data)
        step(line, f"{command} before")
        if isinstance(data, bytes):
            send(line, data[: len(data) // 2])
            data = data[len(data) // 2 :]
            step(line, "half the text sent")
        send(line, data)
        if line.sock is not None:
            select.select([line.sock], [], [], ANSWER_SECONDS)
        step(line, f"{command} sent")

    def mortal_getreply(line: smtplib.SMTP) -> tuple[int, bytes]:
        reply = getreply(line)
        step(line, f"{reply[0]} answered")
        return reply

    monkeypatch.setattr(smtplib.SMTP, "send", mortal_send)
    monkeypatch.setattr(smtplib.SMTP, "getreply", mortal_getreply)


def _command(data: Any) -> str:
    if isinstance(data, bytes):
        return "text"
    return str(data).split()[0].upper()
