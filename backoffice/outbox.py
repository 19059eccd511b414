"""Sends messages once, whatever is killed, cut, repeated or run at the same time.

Every message is a row of our store before anybody sends it. A carrier claims it, asks once more at the last moment
before the part that cannot be taken back, and settles it. What left and was not settled is asked about, and where the
carrier cannot tell it stays UNKNOWN until a person decides: nothing is sent again blindly.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine

from backoffice.bitrix24.limiter import Clock
from backoffice.rules.sending import Carrier, Content, Doubt, Draft, Outcome, Outgoing, Parcel, Sent, State
from backoffice.store import message_turns, messages
from backoffice.store.messages import Message

DELIVERY_IS_ASKED_FOR = timedelta(hours=24)
FINAL = (State.DELIVERED, State.FAILED)


@dataclass(frozen=True)
class Outbox:
    """The messages of one portal."""

    portal: str
    engine: Engine
    clock: Clock

    def send(self, outgoing: Sequence[Outgoing[Content]], carrier: Carrier[Content]) -> list[Sent]:
        """Hand to the carrier what may be sent now; where each message stands then, in their order.

        A message that was sent before, is being sent or is in doubt is not sent. What the carrier raises is raised,
        after what it claimed and did not send is given back.
        """
        drafts = [one.draft for one in outgoing]
        messages.enqueue(self.engine, self.portal, drafts, self._now())
        message_turns.lapse(self.engine, self.portal, self._now())
        waiting = messages.of_drafts(self.engine, self.portal, drafts)
        self._carry([one for one in outgoing if _may_leave(waiting[one.draft])], waiting, carrier)
        after = messages.of_drafts(self.engine, self.portal, drafts)
        return [_sent(draft, after[draft]) for draft in drafts]

    def resolve(self, carriers: Mapping[str, Carrier[Any]]) -> list[Message]:
        """Ask the carriers (by name) about messages in doubt and about SMS on their way; what is still in doubt.

        Every carrier is asked, then what one of them raised is raised.
        """
        message_turns.lapse(self.engine, self.portal, self._now())
        open_ends = messages.unresolved(self.engine, self.portal)
        since = self._now() - DELIVERY_IS_ASKED_FOR
        open_ends += messages.undelivered(self.engine, self.portal, "sms", since)
        with ExitStack() as all_of_them:
            for name, carrier in carriers.items():
                mine = [message for message in open_ends if message.carrier == name]
                all_of_them.callback(self._ask, carrier, mine)
        return messages.unresolved(self.engine, self.portal)

    def _carry(
        self, outgoing: Sequence[Outgoing[Content]], rows: Mapping[Draft, Message], carrier: Carrier[Content]
    ) -> None:
        parcels = {rows[one.draft].id: _parcel(one, rows[one.draft]) for one in outgoing}
        if not parcels:
            return
        releases = {row.id: row.releases for row in rows.values()}
        desk = _Desk(self.engine, self.portal, carrier.name, releases, self._now)
        try:
            carrier.carry(list(parcels.values()), desk)
        finally:
            message_turns.give_back(self.engine, self.portal, desk.token, self._now())

    def _ask(self, carrier: Carrier[Any], asked: Sequence[Message]) -> None:
        rows = {message.id: message for message in asked}
        answers = carrier.ask([_doubt(message) for message in asked]) if asked else {}
        for message_id, outcome in answers.items():
            if _tells_something(rows[message_id], outcome):
                message_turns.learn(self.engine, rows[message_id], outcome, self._now())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.time(), UTC)


@dataclass(frozen=True)
class _Desk:
    """The desk of one carrier for one `send`."""

    engine: Engine
    portal: str
    carrier: str
    releases: Mapping[int, int]
    now: Callable[[], datetime]
    token: str = field(default_factory=lambda: uuid4().hex)

    def claim(self, ids: Collection[int]) -> frozenset[int]:
        wanted = {message_id: self.releases[message_id] for message_id in ids}
        return message_turns.claim(self.engine, self.portal, self.carrier, self.token, wanted, self.now())

    def leave(self, ids: Collection[int]) -> frozenset[int]:
        return message_turns.leave(self.engine, self.portal, self.token, ids, self.now())

    def settle(self, message_id: int, outcome: Outcome) -> None:
        message_turns.settle(self.engine, self.portal, self.token, message_id, outcome, self.now())


def _may_leave(message: Message) -> bool:
    return message.state == State.QUEUED or (message.state == State.SENDING and message.left_at is None)


def _parcel(one: Outgoing[Content], message: Message) -> Parcel[Content]:
    return Parcel(message.id, message.stamp, one.draft, one.content)


def _sent(draft: Draft, message: Message) -> Sent:
    return Sent(draft, message.id, State(message.state), message.reason)


def _doubt(message: Message) -> Doubt:
    left_at = message.left_at or message.changed_at
    return Doubt(message.id, message.stamp, message.draft, left_at, message.provider_id)


def _tells_something(message: Message, outcome: Outcome) -> bool:
    if message.state == State.UNKNOWN:
        return outcome.state is not State.UNKNOWN
    if outcome.state is State.ACCEPTED:
        return message.cost is None and outcome.cost is not None
    return outcome.state in FINAL
