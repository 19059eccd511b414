"""What is sent to people: a row per message, known by its channel, its purpose and the key of its business fact.

No row holds an address or a text. Who carries a message takes its turns in `message_turns`; here are the facts, what
people decide about a message, and what the processes and their reports ask.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import BigInteger, Engine, Index, UniqueConstraint, and_, func, not_, or_
from sqlmodel import Field, Session, SQLModel, col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from backoffice.rules.sending import Channel, Draft, State, stamp_of
from backoffice.store.engine import reading, writing
from backoffice.store.moments import Moment
from backoffice.store.roubles import Roubles
from backoffice.store.statements import chunks, insert_into

DROPPED = "отменено"
EXPIRED = "не отправлено: срок вышел"
MAY_HAVE_LEFT = (State.SENDING, State.ACCEPTED, State.DELIVERED, State.UNKNOWN)


class Message(SQLModel, table=True):
    """One message. `attempts` counts its claims, `releases` the decisions to send it again.

    `token` names the holder of a message that is being sent; `left_at` is set before the part of sending that cannot
    be taken back. `cost` is what all its sendings have cost, `traced` whether the CRM shows it.
    """

    __table_args__ = (
        UniqueConstraint("portal", "channel", "purpose", "key", name="message_fact"),
        Index("message_state", "portal", "state"),
        Index("message_contact", "portal", "contact_id"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(primary_key=True)
    portal: str
    channel: str
    purpose: str
    key: str
    about: str
    deal_id: int | None = Field(default=None, sa_type=BigInteger)
    contact_id: int | None = Field(default=None, sa_type=BigInteger)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    state: str
    carrier: str = ""
    provider_id: str = ""
    reason: str = ""
    cost: Decimal | None = Field(default=None, sa_type=Roubles)
    traced: bool = False
    attempts: int = 0
    releases: int = 0
    token: str | None = None
    claimed_at: datetime | None = Field(default=None, sa_type=Moment)
    left_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)

    @property
    def draft(self) -> Draft:
        """The business fact that the message is about."""
        channel = cast(Channel, self.channel)
        return Draft(channel, self.purpose, self.key, self.about, self.deal_id, self.contact_id, self.expires_at)

    @property
    def stamp(self) -> str:
        """The same for every attempt at the same sending."""
        return stamp_of(self.portal, self.draft, self.releases)


def enqueue(engine: Engine, portal: str, drafts: Sequence[Draft], now: datetime) -> dict[Draft, Message]:
    """Stores the drafts that are not known yet as queued; what stands in the store for each of them."""
    with writing(engine, turn=turn(portal)) as session:
        if rows := [_new_row(portal, draft, now) for draft in drafts]:
            session.exec(insert_into(session, Message).on_conflict_do_nothing(), params=rows)
        return _of_drafts(session, portal, drafts)


def of_drafts(engine: Engine, portal: str, drafts: Sequence[Draft]) -> dict[Draft, Message]:
    """What stands in the store for each of the drafts; without those that are not known."""
    with reading(engine) as session:
        return _of_drafts(session, portal, drafts)


def states(engine: Engine, portal: str, channel: Channel, purpose: str, keys: Iterable[str]) -> dict[str, State]:
    """Key -> state of those keys that have a message."""
    with reading(engine) as session:
        found = _of_keys(session, portal, channel, purpose, keys)
        return {message.key: State(message.state) for message in found}


def attempted(engine: Engine, portal: str, purpose: str, keys: Iterable[str]) -> frozenset[str]:
    """Those of the keys of which a message, by whatever channel, was sent, refused or dropped, or may have been sent.

    What only waited until it was too late counts for nothing.
    """
    over = col(Message.state).in_((State.ACCEPTED, State.DELIVERED, State.FAILED, State.UNKNOWN))
    leaving = and_(col(Message.state) == State.SENDING, col(Message.left_at).is_not(None))
    in_vain = and_(col(Message.state) == State.FAILED, col(Message.reason) == EXPIRED)
    found: set[str] = set()
    with reading(engine) as session:
        for some in chunks(keys):
            own = select(Message.key).where(Message.portal == portal, Message.purpose == purpose)
            found.update(session.exec(own.where(col(Message.key).in_(some), or_(over, leaving), not_(in_vain))))
    return frozenset(found)


def refused(engine: Engine, portal: str, purpose: str, keys: Iterable[str]) -> dict[str, str]:
    """Key -> the reason, for those of the keys whose message was refused for good; not what expired or was dropped."""
    found: dict[str, str] = {}
    with reading(engine) as session:
        for some in chunks(keys):
            failed = _messages(portal).where(Message.purpose == purpose, Message.state == State.FAILED)
            own = failed.where(col(Message.key).in_(some), col(Message.reason).not_in((EXPIRED, DROPPED)))
            found |= {message.key: message.reason for message in session.exec(own)}
    return found


def in_state(engine: Engine, portal: str, *wanted: State, since: datetime | None = None) -> list[Message]:
    """The messages in these states, oldest first; `since`: only those to which something happened then or later."""
    found = _messages(portal).where(col(Message.state).in_(wanted))
    if since is not None:
        found = found.where(col(Message.changed_at) >= since)
    with reading(engine) as session:
        return list(session.exec(found))


def unresolved(engine: Engine, portal: str) -> list[Message]:
    """The messages of which nobody knows whether they left, oldest first."""
    return in_state(engine, portal, State.UNKNOWN)


def undelivered(engine: Engine, portal: str, channel: Channel, since: datetime) -> list[Message]:
    """The accepted messages of the channel that left at `since` or later."""
    accepted = _messages(portal).where(Message.channel == channel, Message.state == State.ACCEPTED)
    with reading(engine) as session:
        return list(session.exec(accepted.where(col(Message.left_at) >= since)))


def untraced(engine: Engine, portal: str, channel: Channel = "email") -> list[Message]:
    """The messages of the channel that were sent and have no trace in the CRM yet."""
    sent = _messages(portal).where(
        Message.channel == channel,
        col(Message.state).in_((State.ACCEPTED, State.DELIVERED)),
        col(Message.traced).is_(False),
    )
    with reading(engine) as session:
        return list(session.exec(sent))


def sent_to_contacts_since(
    engine: Engine, portal: str, channel: Channel, contact_ids: Iterable[int], since: datetime
) -> dict[int, int]:
    """Contact id -> how many messages of the channel left for it, or may have, at `since` or later; 0 for none."""
    counted = dict.fromkeys(contact_ids, 0)
    with reading(engine) as session:
        for some in chunks(counted):
            sent = select(Message.contact_id, func.count()).where(
                Message.portal == portal,
                Message.channel == channel,
                col(Message.contact_id).in_(some),
                col(Message.state).in_(MAY_HAVE_LEFT),
                col(Message.left_at) >= since,
            )
            for contact_id, number in session.exec(sent.group_by(col(Message.contact_id))):
                counted[cast(int, contact_id)] = number
    return counted


def spent_since(engine: Engine, portal: str, channel: Channel, since: datetime) -> Decimal:
    """What the messages of the channel that left at `since` or later have cost, in roubles."""
    when = func.coalesce(Message.left_at, Message.changed_at)
    cost = select(func.sum(Message.cost)).where(Message.portal == portal, Message.channel == channel, when >= since)
    with reading(engine) as session:
        return session.exec(cost).one() or Decimal(0)


def mark_traced(engine: Engine, portal: str, ids: Iterable[int]) -> None:
    """The CRM shows these messages."""
    with writing(engine, turn=turn(portal)) as session:
        for some in chunks(ids):
            session.exec(update(Message).where(col(Message.id).in_(some)).values(traced=True))


def release(engine: Engine, portal: str, message_id: int, now: datetime) -> bool:
    """A person decides: send it again, as another sending. False if it is not in doubt, failed or accepted."""
    again = {
        "state": State.QUEUED,
        "releases": Message.releases + 1,
        "provider_id": "",
        "reason": "",
        "left_at": None,
        "traced": False,
    }
    return _decide(
        engine, portal, message_id, (State.UNKNOWN, State.FAILED, State.ACCEPTED), again | {"changed_at": now}
    )


def close(engine: Engine, portal: str, message_id: int, now: datetime) -> bool:
    """A person knows that it was sent. False if it is not in doubt."""
    sent = {"state": State.ACCEPTED, "changed_at": now}
    return _decide(engine, portal, message_id, (State.UNKNOWN,), sent)


def drop(engine: Engine, portal: str, message_id: int, now: datetime) -> bool:
    """A person decides that it is not to be sent. False if it is being sent, or was."""
    dropped = {"state": State.FAILED, "reason": DROPPED, "changed_at": now}
    return _decide(engine, portal, message_id, (State.QUEUED, State.UNKNOWN, State.FAILED), dropped)


def turn(portal: str) -> str:
    """Those who change messages of a portal do it one after another."""
    return f"messages {portal}"


def _decide(
    engine: Engine, portal: str, message_id: int, from_states: Collection[State], values: Mapping[str, Any]
) -> bool:
    here = update(Message).where(col(Message.portal) == portal, col(Message.id) == message_id)
    with writing(engine, turn=turn(portal)) as session:
        # Without its token the message has no holder any more: a late answer changes nothing.
        decided = here.where(col(Message.state).in_(from_states)).values(token=None, **values)
        return session.exec(decided.returning(col(Message.id))).first() is not None


def _new_row(portal: str, draft: Draft, now: datetime) -> dict[str, Any]:
    fact = {
        "portal": portal,
        "channel": draft.channel,
        "purpose": draft.purpose,
        "key": draft.key,
        "about": draft.about,
        "deal_id": draft.deal_id,
        "contact_id": draft.contact_id,
        "expires_at": draft.expires_at,
    }
    blank = {"carrier": "", "provider_id": "", "reason": "", "traced": False, "attempts": 0, "releases": 0}
    return fact | blank | {"state": State.QUEUED, "created_at": now, "changed_at": now}


def _of_drafts(session: Session, portal: str, drafts: Sequence[Draft]) -> dict[Draft, Message]:
    keys: dict[tuple[Channel, str], list[str]] = {}
    for draft in drafts:
        keys.setdefault((draft.channel, draft.purpose), []).append(draft.key)
    found = [
        message
        for (channel, purpose), some in keys.items()
        for message in _of_keys(session, portal, channel, purpose, some)
    ]
    by_fact = {message.draft.fact: message for message in found}
    return {draft: by_fact[draft.fact] for draft in drafts if draft.fact in by_fact}


def _of_keys(session: Session, portal: str, channel: Channel, purpose: str, keys: Iterable[str]) -> Iterable[Message]:
    for some in chunks(keys):
        fact = _messages(portal).where(Message.channel == channel, Message.purpose == purpose)
        yield from session.exec(fact.where(col(Message.key).in_(some)))


def _messages(portal: str) -> SelectOfScalar[Message]:
    return select(Message).where(Message.portal == portal).order_by(col(Message.id))
