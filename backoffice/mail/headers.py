"""Lines of a letter's head with people's words in them.

The standard library folds a long one so that it may lose a space; these words are encoded here instead, and each
program that knows RFC 2047 reads exactly what was written.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from email.headerregistry import Address

LINE_OCTETS = 76
PLAIN_OCTETS = 60
WORD_OCTETS = 39
"""Of text in an encoded word: in base64 it then fits into the first line, beside the header's name."""

PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
PLAIN_SUBJECT = re.compile(r"[ -~]*")


def subject(text: str) -> str:
    """The line of the subject, CRLF included; `text` has no control characters."""
    return _line("Subject", _pieces(text, PLAIN_SUBJECT))


def mailbox(header: str, address: Address) -> str:
    """The line of a header with one address and its name, CRLF included."""
    if not address.display_name:
        return _line(header, [address.addr_spec])
    return _line(header, [*_pieces(address.display_name, PLAIN_NAME), f"<{address.addr_spec}>"])


def _pieces(text: str, plain: re.Pattern[str]) -> list[str]:
    """What may stand on a line each: the text as it is, if it is short and cannot be misread, or encoded words."""
    if len(text) <= PLAIN_OCTETS and plain.fullmatch(text) and "=?" not in text and "  " not in text:
        return [text]
    return [f"=?utf-8?b?{b64encode(part).decode()}?=" for part in _parts(text)]


def _parts(text: str) -> Iterator[bytes]:
    """The text cut between characters: an encoded word must be readable by itself."""
    part = b""
    for letter in text:
        octets = letter.encode(errors="replace")
        if len(part) + len(octets) > WORD_OCTETS:
            yield part
            part = b""
        part += octets
    yield part


def _line(header: str, pieces: list[str]) -> str:
    lines = [f"{header}: {pieces[0]}"]
    for piece in pieces[1:]:
        if len(lines[-1]) + 1 + len(piece) <= LINE_OCTETS:
            lines[-1] += f" {piece}"
        else:
            lines.append(f" {piece}")
    return "\r\n".join(lines) + "\r\n"
