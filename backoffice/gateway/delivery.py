"""What a verified webhook comes down to, and how an unacceptable one is refused."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Delivery:
    """One webhook as it is stored: the key its repeats share, what it is about, and only what a process needs.

    `unusable` tells why no process can use it.
    """

    key: str
    subject: str
    body: dict[str, Any]
    unusable: str = ""


class Refused(Exception):
    """A webhook that is not stored: its HTTP status, and a reason that repeats nothing of what was sent."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def delivery_key(raw: bytes) -> str:
    """Repeats of a delivery are equal byte for byte: neither sender numbers them."""
    return hashlib.sha256(raw).hexdigest()


def same_secret(given: str, ours: str) -> bool:
    """Equality in a time that tells nothing about where they differ."""
    return hmac.compare_digest(given.encode(), ours.encode())
