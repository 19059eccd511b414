"""The mail server as the company's settings describe it."""

import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from functools import cache
from ipaddress import ip_address
from typing import Literal

from backoffice.mail.addresses import Unwritable, read

Security = Literal["none", "starttls", "tls"]


class MailMisconfigured(Exception):
    """The mail server will not take letters as we are set up; the message (Russian) names the setting to look at."""


@cache
def _authorities() -> ssl.SSLContext:
    """Whom we trust, read once: it takes longer than a letter."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class SmtpServer:
    """Where letters are handed over, and whose they are. `sender` and `reply_to` are an address or `Name <address>`.

    MailMisconfigured for a letter or a password that would travel the network in the open.
    """

    host: str
    sender: str
    port: int = 587
    security: Security = "starttls"
    login: str = ""
    password: str = field(default="", repr=False)
    reply_to: str = ""
    list_unsubscribe: str = ""
    tls: ssl.SSLContext = field(default_factory=_authorities, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.security == "none" and not _is_this_machine(self.host):
            raise MailMisconfigured("SMTP_SECURITY=none годится только для почтового сервера на этой же машине")
        if bool(self.login) != bool(self.password):
            raise MailMisconfigured("SMTP_LOGIN и SMTP_PASSWORD задаются вместе")
        if not (self.login + self.password).isascii():
            raise MailMisconfigured("SMTP_LOGIN и SMTP_PASSWORD: только латинские буквы, цифры и знаки")

        _check("mail_from", self.sender)
        if self.reply_to:
            _check("reply_to", self.reply_to)

    @property
    def mailbox(self) -> Address:
        """The sender, its domain in ASCII."""
        return read(self.sender)


def _check(name: str, mailbox: str) -> None:
    try:
        read(mailbox)
    except Unwritable as fault:
        raise MailMisconfigured(f"{name} в portal.toml: {fault}") from None


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
