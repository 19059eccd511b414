"""A mail server that says what the test tells it to, letters to send, and a store to send them from."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from backoffice.mail.carrier import SmtpCarrier
from backoffice.mail.server import SmtpServer
from backoffice.outbox import Outbox
from backoffice.rules.sending import Draft, Letter, Outgoing
from backoffice.sandbox.world import World

SENDER = "Учебный центр <info@example.org>"
GREETING = "220 ready"
USUAL = {
    "EHLO": "250 hello",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 queued",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


@dataclass
class Script:
    """Answers each command as told; an empty answer is silence, `None` a cut. Every command is remembered."""

    answers: dict[str, str | None] = field(default_factory=dict)
    greeting: str = GREETING
    heard: list[str] = field(default_factory=list)

    def talk(self, line: socket.socket) -> None:
        with suppress(OSError), line, line.makefile("rb") as commands:
            line.sendall(f"{self.greeting}\r\n".encode() if self.greeting else b"")
            for command in iter(commands.readline, b""):
                word = "." if command == b".\r\n" else command.decode(errors="replace").strip()[:4].upper()
                if word in USUAL or word in self.answers:
                    self.heard.append(word)
                    answer = self.answers.get(word, USUAL.get(word))
                    if answer is None:
                        return
                    line.sendall(f"{answer}\r\n".encode() if answer else b"")


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def scripted(script: Script) -> Iterator[SmtpServer]:
    """The settings of a mail server that follows the script."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threads: list[threading.Thread] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    line, _ = listening.accept()
                    threads.append(threading.Thread(target=script.talk, args=(line,)))
                    threads[-1].start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        yield SmtpServer("127.0.0.1", SENDER, listening.getsockname()[1], "none")
        listening.shutdown(socket.SHUT_RDWR)
        acceptor.join()
    for thread in threads:
        thread.join()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of a second is long."""
    for place in ("line.STEP_SECONDS", "handing_over.STEP_SECONDS", "handing_over.ANSWER_SECONDS"):
        monkeypatch.setattr(f"backoffice.mail.{place}", 0.2)


@pytest.fixture
def outbox(engine: Engine, world: World) -> Outbox:
    class SandboxClock:
        def time(self) -> float:
            return world.clock.now().timestamp()

        def sleep(self, seconds: float) -> None:
            world.clock.advance(seconds)

    return Outbox("portal", engine, SandboxClock())


@pytest.fixture
def one_line(scripted: SmtpServer) -> SmtpCarrier:
    """Carries letters to the server that follows the script, one after another."""
    return SmtpCarrier(scripted, now=lambda: datetime.now(UTC), connections=1)


@pytest.fixture
def carrier(mail_server: tuple[str, int]) -> SmtpCarrier:
    """Carries letters to the sandbox."""
    return SmtpCarrier(SmtpServer(mail_server[0], SENDER, mail_server[1], "none"), now=lambda: datetime.now(UTC))


@pytest.fixture
def letters() -> Callable[..., list[Outgoing[Letter]]]:
    """letters("anna", …): a letter to each."""

    def write(*names: str) -> list[Outgoing[Letter]]:
        return [
            Outgoing(
                Draft("email", "lesson_reminders", name, "Занятие", 5, 7),
                Letter(f"{name}@example.org", "Анна", "Завтра занятие", "Ждём вас.\n.\n", "<p>Ждём вас.</p>"),
            )
            for name in names
        ]

    return write
