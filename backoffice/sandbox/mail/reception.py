"""Takes letters in: the part of the mail server that knows the world."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from aiosmtpd.smtp import Envelope, Session

from backoffice.sandbox.mail.letters import deliver
from backoffice.sandbox.mail.mishaps import AFTER_TEXT, AT_RECIPIENT, BEFORE_TEXT, KEPT, Mishap, Scene, fits
from backoffice.sandbox.request_log import Request
from backoffice.sandbox.world import World

if TYPE_CHECKING:  # a connection holds its reception
    from backoffice.sandbox.mail.connection import Connection

OK = "250 2.1.0 Ok"
LOGIN_FIRST = "530 5.7.0 Authentication required"


class Reception:
    """The hooks of aiosmtpd. `world` may be replaced between two letters; a letter sent twice is kept twice."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def handle_MAIL(
        self, connection: "Connection", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Any sender is good who has logged in where he must."""
        if connection.asks_for_login and not session.authenticated:
            return LOGIN_FIRST
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return OK

    async def handle_RCPT(
        self, connection: "Connection", _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Every address is good, unless a fault is ordered for it."""
        if refusal := await self._trouble(connection, "RCPT", AT_RECIPIENT, [address]):
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return OK

    async def before_text(self, connection: "Connection", envelope: Envelope) -> None:
        """The text is announced and not invited yet."""
        await self._trouble(connection, "DATA", BEFORE_TEXT, envelope.rcpt_tos)

    async def handle_DATA(self, connection: "Connection", _: Session, envelope: Envelope) -> str:
        """The whole text has come."""
        recipients, content = list(envelope.rcpt_tos), envelope.original_content or b""
        keep = partial(deliver, self.world.mailbox, envelope.mail_from or "", recipients, content)
        if answer := await self._trouble(connection, "DATA", AFTER_TEXT, recipients, keep):
            return answer
        keep()
        self._note("DATA", 250)
        return KEPT

    async def _trouble(
        self,
        connection: "Connection",
        command: str,
        possible: Mapping[str, Mishap],
        recipients: list[str],
        keep: Callable[[], object] = tuple,
    ) -> str:
        """The answer of an ordered fault; empty if none strikes here."""
        met = f"{command} {' '.join(recipients)}"
        strike = self.world.faults.meet(met, lambda fault: fits(fault, possible, recipients))
        if strike is None:
            return ""
        mishap = possible[strike.fault.kind]
        self._note(command, mishap.status, strike.fault.kind)
        await mishap.act(Scene(connection, self.world.clock, strike, keep))
        return mishap.answer

    def _note(self, command: str, status: int, fault: str = "") -> None:
        self.world.log.note(Request(self.world.clock.now(), "smtp", command, status, fault=fault))
