"""How many parts a text message is sent and paid for in (3GPP TS 23.038, TS 23.040)."""

from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""In the seven-bit alphabet these take two places."""

Alphabet = Literal["GSM-7", "UCS-2"]
ROOM: dict[Alphabet, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
"""Places in a message of one part, and in each of several."""


@dataclass(frozen=True)
class Size:
    """How a text travels: `places` are letters of seven bits, or units of UTF-16."""

    alphabet: Alphabet
    places: int
    segments: int


def size_of(text: str) -> Size:
    """The alphabet, length and parts of a text; an empty one is one part. No character is split between two parts."""
    alphabet: Alphabet = "GSM-7" if set(text) <= BASIC | EXTENDED else "UCS-2"
    widths = [_width(letter, alphabet) for letter in text]
    alone, each = ROOM[alphabet]
    places = sum(widths)
    return Size(alphabet, places, 1 if places <= alone else _parts(widths, each))


def _width(letter: str, alphabet: Alphabet) -> int:
    wide = letter in EXTENDED if alphabet == "GSM-7" else ord(letter) > 0xFFFF
    return 2 if wide else 1


def _parts(widths: list[int], room: int) -> int:
    parts, left = 1, room
    for width in widths:
        if width > left:
            parts, left = parts + 1, room
        left -= width
    return parts
