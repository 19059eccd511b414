"""Every letter that was sent, by SMTP or by the portal, in the order of arrival."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from backoffice.sandbox.clock import Clock


@dataclass(frozen=True)
class ReceivedLetter:
    """A letter as its addressees see it; `at` is the sandbox's clock, `recipients` those of the envelope."""

    id: int
    at: datetime
    via: Literal["smtp", "portal"]
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str = ""
    message_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailbox:
    """Safe to use from many threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.letters: list[ReceivedLetter] = []

    def receive(  # noqa: PLR0913 — the parts of a letter
        self,
        via: Literal["smtp", "portal"],
        sender: str,
        recipients: tuple[str, ...],
        subject: str,
        text: str,
        *,
        html: str = "",
        message_id: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> ReceivedLetter:
        """Keep a letter that has arrived."""
        with self._lock:
            letter = ReceivedLetter(
                len(self.letters) + 1,
                self._clock.now(),
                via,
                sender,
                recipients,
                subject,
                text,
                html,
                message_id,
                dict(headers or {}),
            )
            self.letters.append(letter)
        return letter

    def all(self) -> list[ReceivedLetter]:
        """As it stands now."""
        with self._lock:
            return list(self.letters)

    def to(self, address: str) -> list[ReceivedLetter]:
        """What came for one addressee, in any letter case."""
        return [letter for letter in self.all() if address.lower() in map(str.lower, letter.recipients)]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self.letters.clear()
