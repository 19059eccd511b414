"""Carries letters over a few connections at once."""

import smtplib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime

from backoffice.mail.addresses import Unwritable
from backoffice.mail.handing_over import hand_over
from backoffice.mail.letters import write
from backoffice.mail.line import Unreachable, close_line, is_open, open_line
from backoffice.mail.server import SmtpServer
from backoffice.rules.sending import Desk, Doubt, Letter, Outcome, Parcel, State

PATIENCE = 3
"""So many letters in a row may lose their connection before we stop opening new ones."""

WEARY = "почтовый сервер раз за разом обрывает связь: письмо не отправлялось"

Parcels = deque[Parcel[Letter]]


@dataclass(frozen=True)
class SmtpCarrier:
    """Hands letters to the company's mail server. `now` gives an aware moment for their Date."""

    server: SmtpServer
    now: Callable[[], datetime]
    connections: int = 4
    name: str = "smtp"

    def check(self) -> None:
        """Connect, log in and leave. MailMisconfigured, or Unreachable: both name the settings to look at."""
        try:
            close_line(open_line(self.server))
        except Unreachable as trouble:
            raise Unreachable(f"SMTP_HOST, SMTP_PORT: {trouble}") from None

    def carry(self, parcels: Sequence[Parcel[Letter]], desk: Desk) -> None:
        """Send the letters. MailMisconfigured as soon as the server shows that none can be sent as we are set up."""
        todo = deque(parcels)
        lines = min(self.connections, len(parcels))
        with ThreadPoolExecutor(max(lines, 1)) as threads:
            works = [threads.submit(self._work, todo, desk) for _ in range(lines)]
            try:
                ended, _ = wait(works, return_when=FIRST_EXCEPTION)
                if any(work.exception() for work in ended):
                    todo.clear()
                troubles = [work.result() for work in works]
            except BaseException:
                todo.clear()
                raise
        self._put_off(todo, desk, next(filter(None, troubles), ""))

    def ask(self, doubts: Sequence[Doubt]) -> Mapping[int, Outcome]:  # noqa: ARG002 - the protocol's signature
        """Nothing: SMTP has no way to ask what became of a letter."""
        return {}

    def _work(self, todo: Parcels, desk: Desk) -> str:
        """Send until nothing is left to do; why it stopped before that, or nothing."""
        line: smtplib.SMTP | None = None
        losses = 0
        try:
            while todo and losses < PATIENCE:
                line = line if line is not None and is_open(line) else open_line(self.server)
                outcome = self._next(todo, line, desk)
                losses = losses + 1 if outcome is not None and line.sock is None else 0
        except Unreachable as trouble:
            return str(trouble)
        finally:
            if line is not None:
                close_line(line)
        return WEARY if todo else ""

    def _next(self, todo: Parcels, line: smtplib.SMTP, desk: Desk) -> Outcome | None:
        parcel = _take(todo)
        if parcel is None or not desk.claim([parcel.id]):
            return None
        outcome = self._hand_over(parcel, line, desk)
        if outcome is not None:
            desk.settle(parcel.id, outcome)
        return outcome

    def _hand_over(self, parcel: Parcel[Letter], line: smtplib.SMTP, desk: Desk) -> Outcome | None:
        try:
            letter = write(self.server, parcel, self.now())
        except Unwritable as reason:
            return Outcome(State.FAILED, reason=str(reason))
        return hand_over(line, letter, lambda: bool(desk.leave([parcel.id])))

    def _put_off(self, todo: Parcels, desk: Desk, reason: str) -> None:
        for message_id in desk.claim([parcel.id for parcel in todo]) if todo else ():
            desk.settle(message_id, Outcome(State.QUEUED, reason=reason))


def _take(todo: Parcels) -> Parcel[Letter] | None:
    try:
        return todo.popleft()
    except IndexError:
        return None
