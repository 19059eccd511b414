"""What is sent to people, who carries it, and what can become of it: shared by all processes and all carriers.

A message is known by its channel, its purpose and the key of the business fact that it is about. It is sent once; when
it is not known whether it left, its carrier is asked, and if that has no answer a person decides.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Literal, Protocol, TypeVar

Channel = Literal["email", "sms", "note"]
LettersBy = Literal["smtp", "portal"]
"""Who carries letters: the company's own mail server, or the portal."""


class State(StrEnum):
    """Where a message stands. Only `UNKNOWN` needs a person, and only where the carrier cannot be asked."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


STATE_WORDS: Mapping[State, str] = {
    State.QUEUED: "отложено",
    State.SENDING: "отправляется",
    State.ACCEPTED: "ушло",
    State.DELIVERED: "доставлено",
    State.FAILED: "отказ",
    State.UNKNOWN: "неизвестно, ушло ли",
}
"""What reports call them."""


@dataclass(frozen=True)
class Letter:
    """An e-mail: `html` may be empty. Nothing of it is kept in our store."""

    to: str
    to_name: str
    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True)
class Sms:
    """A text message; `phone` in E.164."""

    phone: str
    text: str


@dataclass(frozen=True)
class Note:
    """A notification inside the portal, for one of its users."""

    user_id: int
    text: str


Content = TypeVar("Content", Letter, Sms, Note)


@dataclass(frozen=True)
class Draft:
    """The business fact that a message is about. No personal data: ids, and words that managers may read.

    `about` names the fact for people, `deal_id` the deal whose timeline shows the message, `contact_id` its addressee;
    after `expires_at` it is not to be sent.
    """

    channel: Channel
    purpose: str
    key: str
    about: str
    deal_id: int | None = None
    contact_id: int | None = None
    expires_at: datetime | None = None

    @property
    def fact(self) -> tuple[Channel, str, str]:
        """What the message is known by."""
        return self.channel, self.purpose, self.key


@dataclass(frozen=True)
class Outgoing(Generic[Content]):
    """A message as it would leave now."""

    draft: Draft
    content: Content


@dataclass(frozen=True)
class Parcel(Generic[Content]):
    """A message on its way: `id` is its row in our store, `stamp` is the same for every attempt at the same sending.

    The stamp is 32 hexadecimal digits; it becomes the Message-ID, the external key of an activity, the id of an SMS. An
    operator's decision to send again makes another stamp.
    """

    id: int
    stamp: str
    draft: Draft
    content: Content


@dataclass(frozen=True)
class Doubt:
    """A message that may have left at `left_at`; `provider_id` where the carrier had named one."""

    id: int
    stamp: str
    draft: Draft
    left_at: datetime
    provider_id: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a message: its new state, the carrier's id for it, the reason in words for people, its price."""

    state: State
    provider_id: str = ""
    reason: str = ""
    cost: Decimal | None = None


@dataclass(frozen=True)
class Sent:
    """Where a message stands after somebody tried to send it, with the reason in words for people."""

    draft: Draft
    message_id: int
    state: State
    reason: str = ""


class Desk(Protocol):
    """Keeps the once-only promise for a carrier, message by message; may be used from many threads.

    A claim holds for a minute: claim late, a chunk at most, and settle everything claimed. What is claimed and did not
    leave is given back when `carry` ends or raises; what left and is not settled becomes UNKNOWN.
    """

    def claim(self, ids: Collection[int]) -> frozenset[int]:
        """Those of the messages that are ours to send now; the others somebody else is sending, or has sent."""

    def leave(self, ids: Collection[int]) -> frozenset[int]:
        """Asked at the last moment before the part that cannot be taken back: only those given back may leave.

        The others need no settling: somebody else has taken them over, or it is too late to send them. To repeat what
        certainly did not arrive, ask again.
        """

    def settle(self, message_id: int, outcome: Outcome) -> None:
        """What became of a claimed message. QUEUED: nothing left, a later run may try again."""


class Carrier(Protocol[Content]):
    """Carries messages of one channel."""

    @property
    def name(self) -> str:
        """How the carrier is called in our store: `smtp`, `portal`, `sms.ru`, `smsc`, `im`."""

    def carry(self, parcels: Sequence[Parcel[Content]], desk: Desk) -> None:
        """Send them, each under the desk's permission, settling each as soon as its outcome is known."""

    def ask(self, doubts: Sequence[Doubt]) -> Mapping[int, Outcome]:
        """What became of messages in doubt, and of accepted ones; those it cannot tell are left out.

        QUEUED only for what certainly was not sent. Of an accepted message only DELIVERED, FAILED and a price count.
        """


def stamp_of(portal: str, draft: Draft, releases: int) -> str:
    """The stamp of a message that a person has so many times decided to send again."""
    named = "|".join((portal, *draft.fact, str(releases)))
    return hashlib.sha256(named.encode()).hexdigest()[:32]
