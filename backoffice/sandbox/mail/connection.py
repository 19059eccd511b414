"""One client's connection to the mail server."""

import asyncio
import logging
import ssl

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from backoffice.sandbox.mail.reception import Reception

SMTP_USER = "sandbox"
SMTP_PASSWORD = "sandbox-smtp-password"  # noqa: S105 -- opens nothing but the sandbox

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd's logins and broken handshakes are loud


class Connection(SMTP):
    """Is among `open_ones` while it is open.

    `starttls` makes the client begin with STARTTLS. A login, by PLAIN or LOGIN, is possible in plain and asked for over
    TLS, as at any provider.
    """

    def __init__(
        self, reception: Reception, open_ones: "set[Connection]", *, starttls: ssl.SSLContext | None, encrypted: bool
    ) -> None:
        super().__init__(
            reception,
            hostname="sandbox",  # the default asks the name service
            ident="ESMTP",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_require_tls=starttls is not None,
            authenticator=_let_in,
            loop=asyncio.get_running_loop(),
        )
        self.reception, self.asks_for_login, self._open_ones = reception, encrypted, open_ones

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._open_ones.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open_ones.discard(self)
        super().connection_lost(error)

    def break_off(self) -> None:
        """Cut the line without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def hang_up(self, status: str) -> None:
        """Say the last word, and close."""
        await self.push(status)
        if self.transport is not None:
            self.transport.close()

    async def smtp_DATA(self, arg: str) -> None:
        """The text is announced; the reception may break off before it is invited."""
        if self.envelope is not None and self.envelope.rcpt_tos:
            await self.reception.before_text(self, self.envelope)
        await super().smtp_DATA(arg)


def _let_in(_: SMTP, __: Session, ___: Envelope, ____: str, given: LoginPassword) -> AuthResult:
    known = given == LoginPassword(SMTP_USER.encode(), SMTP_PASSWORD.encode())
    return AuthResult(success=known, handled=False)
