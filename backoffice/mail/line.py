"""One connection to the mail server, opened and closed."""

import smtplib
import socket
import ssl
from typing import NoReturn

from backoffice.mail.server import MailMisconfigured, SmtpServer
from backoffice.rules.masking import masked

STEP_SECONDS = 20
GOODBYE_SECONDS = 2


class Unreachable(Exception):
    """No connection now; a later one may do. The reason is in Russian."""


def open_line(server: SmtpServer) -> smtplib.SMTP:
    """A connection that takes letters; Unreachable, or MailMisconfigured where waiting does not help."""
    try:
        return _logged_in(server)
    except smtplib.SMTPResponseException as answer:
        _refused(server, answer)
    except smtplib.SMTPServerDisconnected:
        raise Unreachable("почтовый сервер прервал связь") from None
    except ssl.SSLError as fault:
        _not_encrypted(server, fault)
    except (OSError, UnicodeError) as fault:
        _not_connected(server, fault)


def close_line(line: smtplib.SMTP) -> None:
    """Take leave of the server, if it still listens."""
    try:
        wait_for(line, GOODBYE_SECONDS)
        line.quit()
    except OSError:
        line.close()


def is_open(line: smtplib.SMTP) -> bool:
    """Whether the server is ready for another letter on this line; closed if not."""
    try:
        if line.sock is not None and line.rset()[0] == 250:
            return True
    except OSError:
        pass
    line.close()
    return False


def wait_for(line: smtplib.SMTP, seconds: float) -> None:
    """How long the server may be silent from now on."""
    if line.sock is not None:
        line.sock.settimeout(seconds)


def said(code: int, words: bytes, *secrets: str) -> str:
    """The server's answer for people, without anybody's address."""
    return masked(f"{code} {words.decode(errors='replace')}", *secrets)[:300]


def _logged_in(server: SmtpServer) -> smtplib.SMTP:
    line = _connected(server)
    try:
        if server.security == "starttls":
            _encrypt(line, server)
        if server.login:
            _log_in(line, server)
        line.ehlo_or_helo_if_needed()
    except BaseException:
        line.close()
        raise
    return line


def _connected(server: SmtpServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, server.mailbox.domain, timeout=STEP_SECONDS, context=server.tls
        )
    return smtplib.SMTP(server.host, server.port, server.mailbox.domain, timeout=STEP_SECONDS)


def _encrypt(line: smtplib.SMTP, server: SmtpServer) -> None:
    try:
        line.starttls(context=server.tls)
    except smtplib.SMTPNotSupportedError:
        raise MailMisconfigured(
            f"SMTP_SECURITY: сервер {server.host}:{server.port} не предлагает STARTTLS; для порта 465 нужно tls"
        ) from None


def _log_in(line: smtplib.SMTP, server: SmtpServer) -> None:
    try:
        line.login(server.login, server.password)
    except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
        raise
    except smtplib.SMTPException:
        raise MailMisconfigured(
            f"SMTP_LOGIN: сервер {server.host}:{server.port} не предлагает входа, который мы умеем"
        ) from None


def _refused(server: SmtpServer, answer: smtplib.SMTPResponseException) -> NoReturn:
    words = said(answer.smtp_code, _bytes(answer.smtp_error), server.login, server.password)
    if 400 <= answer.smtp_code < 500:
        raise Unreachable(f"почтовый сервер просит зайти позже: {words}") from None
    if isinstance(answer, smtplib.SMTPAuthenticationError):
        raise MailMisconfigured(f"SMTP_LOGIN, SMTP_PASSWORD: почтовый сервер их не принял: {words}") from None
    raise MailMisconfigured(f"SMTP_HOST, SMTP_PORT: почтовый сервер не стал говорить с нами: {words}") from None


def _not_encrypted(server: SmtpServer, fault: ssl.SSLError) -> NoReturn:
    if isinstance(fault, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        raise Unreachable("почтовый сервер прервал связь") from None
    if isinstance(fault, ssl.SSLCertVerificationError):
        raise MailMisconfigured(f"SMTP_HOST: сертификат {server.host} не подходит: {fault.verify_message}") from None
    raise MailMisconfigured(
        f"SMTP_SECURITY, SMTP_PORT: порт {server.port} не говорит по TLS ({server.security})"
    ) from None


def _not_connected(server: SmtpServer, fault: OSError | UnicodeError) -> NoReturn:
    """A name that the name service knows nothing of is a mistyped one; a name service that is silent will answer."""
    if isinstance(fault, UnicodeError) or (isinstance(fault, socket.gaierror) and fault.errno == socket.EAI_NONAME):
        raise MailMisconfigured(f"SMTP_HOST: сервера {server.host} нет: проверьте имя") from None
    reason = fault.strerror or "не отвечает"
    raise Unreachable(f"нет связи с почтовым сервером {server.host}:{server.port}: {reason}") from None


def _bytes(words: bytes | str) -> bytes:
    return words.encode() if isinstance(words, str) else words
