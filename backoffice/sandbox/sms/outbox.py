"""Every text message that a provider took, in the order of arrival, and the money for them."""

import threading
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from backoffice.sandbox.clock import Clock

Provider = Literal["sms.ru", "smsc"]
Status = Literal["queued", "delivered", "undelivered"]

PRICE = Decimal("4.50")
MONEY = Decimal("1000.00")


class NoMoney(Exception):
    """The message costs more than there is."""


@dataclass
class Sms:
    """`phone` in E.164, `client_id` what its sender called it; it stays queued until its status is moved."""

    id: int
    at: datetime
    provider: Provider
    provider_id: str
    phone: str
    text: str
    sender: str
    segments: int
    cost: Decimal
    changed_at: datetime
    client_id: str = ""
    status: Status = "queued"


class SmsOutbox:
    """Safe to use from many threads. `strict` refuses unknown parameters, which the providers ignore.

    `whole_request_without_money`: SMS.RU says that there is no money of the request and not of each number; which it
    does is not documented.
    """

    def __init__(self, clock: Clock, *, strict: bool = True) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.strict = strict
        self.whole_request_without_money = False
        self.clear()

    def clear(self) -> None:
        """No messages, and the money of the first day."""
        with self._lock:
            self.messages: list[Sms] = []
            self.balance = MONEY

    def take(self, provider: Provider, phone: str, text: str, *, sender: str = "", client_id: str = "") -> Sms:
        """Keep a message and pay for it; NoMoney. The same message twice is kept twice."""
        parts, now = segments(text), self._clock.now()
        with self._lock:
            if (cost := parts * PRICE) > self.balance:
                raise NoMoney
            self.balance -= cost
            number = len(self.messages) + 1
            named = _provider_id(provider, number, client_id)
            self.messages.append(
                Sms(number, now, provider, named, phone, text, sender, parts, cost, now, client_id=client_id)
            )
            return self.messages[-1]

    def find(self, provider: Provider, provider_id: str, phone: str = "") -> Sms | None:
        """The last message of that name, to that phone if one is given."""
        known = [one for one in self.all() if (one.provider, one.provider_id) == (provider, provider_id)]
        return next((one for one in reversed(known) if phone in ("", one.phone)), None)

    def all(self) -> list[Sms]:
        """As they stand now."""
        with self._lock:
            return list(self.messages)

    def to(self, phone: str) -> list[Sms]:
        """What was sent to one phone, given in E.164."""
        return [one for one in self.all() if one.phone == phone]

    def move(self, sms: Sms, status: Status) -> None:
        """What became of a message."""
        sms.status, sms.changed_at = status, self._clock.now()


def segments(text: str) -> int:
    """How many messages are paid for: of 160 Latin characters or 70 others, in a long text of 153 or 67 each."""
    one, part = (160, 153) if text.isascii() else (70, 67)
    length = len(text.encode("utf-16-be")) // 2
    return 1 if length <= one else -(-length // part)


def _provider_id(provider: Provider, number: int, client_id: str) -> str:
    if provider == "sms.ru":
        return f"000000-{10_000_000 + number}"
    return client_id or str(number)
