"""A sweep's process dies of `kill -9` while the mail server keeps it waiting; a new process sends what is left."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import pytest
from aiosmtpd.smtp import Envelope, Session
from prefect.settings import PREFECT_API_URL

from backoffice.outbox import Outbox
from backoffice.rules.sending import State
from backoffice.sandbox.mail.connection import Connection
from backoffice.sandbox.mail.reception import Reception
from backoffice.sandbox.mail.server import receiving
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World, new_world
from backoffice.store.message_turns import ANSWER_WITHIN
from backoffice.store.messages import Message
from tests.flows.lessons import Lesson, comments, letters

Moment = Literal["between letters", "before the text", "after the text"]
Start = Callable[[], subprocess.Popen[bytes]]
RUN = "from flows.lesson_reminders import lesson_reminders; lesson_reminders()"
# Prefect's server on SQLite may leave a request unanswered for a minute before its client asks again.
PATIENCE_SECONDS = 180
SECOND = "boris@example.org"


class Keeping(Reception):
    """Leaves the second letter's sender without an answer, at one moment, until it has hung up."""

    def __init__(self, world: World, moment: Moment) -> None:
        super().__init__(world)
        self.kept_waiting = threading.Event()
        self._moment: Moment | None = moment

    def relent(self) -> None:
        """Answer from now on."""
        self._moment = None

    async def handle_RSET(self, _: Connection, __: Session, ___: Envelope) -> str:
        """What our programs say between two letters."""
        await self._keep("between letters")
        return "250 OK"

    async def before_text(self, connection: Connection, envelope: Envelope) -> None:
        await super().before_text(connection, envelope)
        if SECOND in envelope.rcpt_tos:
            await self._keep("before the text")

    async def handle_DATA(self, connection: Connection, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(connection, session, envelope)
        if SECOND in envelope.rcpt_tos:
            await self._keep("after the text")
        return answer

    async def _keep(self, moment: Moment) -> None:
        if moment == self._moment:
            self.kept_waiting.set()
            await asyncio.Event().wait()


@dataclass(frozen=True)
class Later:
    """The clock of a program that looks when nobody can be sending any more."""

    def time(self) -> float:
        return time.time() + ANSWER_WITHIN.total_seconds()

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody sleeps here, for {seconds} s")


@pytest.fixture
def world() -> World:
    """Time passes in the portal as it does for the processes."""
    return new_world(frozen=False)


@pytest.fixture
def lesson(world: World, school: School) -> Lesson:
    """In an hour and a half, so that its reminders are due."""
    lesson = Lesson(world, school)
    lesson.starts_at = world.clock.now() + timedelta(minutes=90)
    school.reschedule(lesson.course, [lesson.starts_at])
    return lesson


@pytest.fixture
def moment(request: pytest.FixtureRequest) -> Moment:
    moment: Moment = request.param
    return moment


@pytest.fixture
def mail(world: World, moment: Moment, connected: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeping]:
    """The mail server of all the processes; one connection each, so that the letters have an order."""
    mail = Keeping(world, moment)
    with receiving(mail) as (host, port):
        monkeypatch.setenv("SMTP_HOST", host)
        monkeypatch.setenv("SMTP_PORT", str(port))
        monkeypatch.setenv("SMTP_SECURITY", "none")
        monkeypatch.setenv("SMTP_CONNECTIONS", "1")
        yield mail


@pytest.fixture
def start(prefect: None, mail: Keeping) -> Iterator[Start]:
    """Starts a sweep in a process of its own; none is left behind."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PREFECT_API_URL": str(PREFECT_API_URL.value())}
        started.append(subprocess.Popen([sys.executable, "-c", RUN], env=environment))  # noqa: S603 — ours
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("moment", "in_doubt"),
    [("between letters", 0), ("before the text", 0), ("after the text", 1)],
    indirect=["moment"],
    ids=["between letters", "before the text", "after the text"],
)
def test_a_killed_sweep_is_followed_by_one_that_finishes(
    world: World, lesson: Lesson, mail: Keeping, start: Start, in_doubt: int
) -> None:
    """Each has one letter; only the one whose text had left is in doubt, and it is not sent again."""
    first = start()
    _until_kept_waiting(mail, first)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    mail.relent()

    doubtful = _resolve_later()
    assert start().wait(PATIENCE_SECONDS) == 0
    assert letters(world) == ["anna@example.org", SECOND]
    assert len({letter.message_id for letter in world.mailbox.all()}) == 2
    assert [one.contact_id for one in doubtful] == [lesson.boris] * in_doubt
    assert [one.state for one in _resolve_later()] == [State.UNKNOWN] * in_doubt
    assert len(comments(world, lesson.deal)) == 2 - in_doubt


def _until_kept_waiting(mail: Keeping, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not mail.kept_waiting.wait(0.05):
        assert process.poll() is None, "the sweep ended before the mail server kept it waiting"
        assert time.monotonic() < deadline, "the mail server never kept anybody waiting"


def _resolve_later() -> list[Message]:
    """What is in doubt when every answer is overdue."""
    from backoffice import connections  # opens the store

    return Outbox(connections.portal_host(), connections.store(), Later()).resolve({})
