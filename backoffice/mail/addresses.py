"""Addresses as the mail server and the header of a letter take them."""

import re
from email.headerregistry import Address

ADDRESS = re.compile(r"""([^\s@<>()\[\]\\,;:"']+)@([^\s@<>()\[\]\\,;:"']+)""")
NOT_IN_NAMES = re.compile(r"""[\x00-\x20\x7f-\x9f<>()\[\]\\@,;:"\u2028\u2029]+""")


class Unwritable(Exception):
    """No letter can be sent to this address, now or later; the reason (Russian) does not name it."""


def bare(address: str) -> str:
    """The address in ASCII, as the server is told it; a domain in other letters becomes punycode."""
    parts = ADDRESS.fullmatch(address.strip())
    if parts is None:
        raise Unwritable("адрес e-mail записан с ошибкой")
    local, domain = parts.groups()
    if not local.isascii():
        raise Unwritable("адрес e-mail не латиницей: почта его не передаст")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise Unwritable("в адресе e-mail нет такого домена") from None


def named(name: str, address: str) -> Address:
    """The address with a name.

    Without the characters that would need quotes: mail programs disagree about them beside encoded words.
    """
    return Address(NOT_IN_NAMES.sub(" ", name).strip(), addr_spec=bare(address))


def read(mailbox: str) -> Address:
    """An address, or `Name <address>`; a company's name may have commas and quotes in it."""
    name, bracket, address = mailbox.rpartition("<")
    return named(name, address.removesuffix(">")) if bracket else named("", mailbox)
