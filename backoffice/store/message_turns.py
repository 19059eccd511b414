"""Who may send a message now: its steps from queued to an outcome, each a conditional update in one transaction.

A claim that left nothing is worth `LEASE`: then anybody may claim anew, and the update that sets `left_at` tells the
former holder so. A message that left and has no outcome after `ANSWER_WITHIN` is in doubt.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, func, literal, or_
from sqlmodel import Session, col, update

from backoffice.rules.sending import Outcome, State
from backoffice.store.engine import writing
from backoffice.store.messages import EXPIRED, Message, turn
from backoffice.store.roubles import Roubles
from backoffice.store.statements import chunks

LEASE = timedelta(seconds=60)
ANSWER_WITHIN = timedelta(seconds=180)

NO_ANSWER = "отправлялось, но ответа нет: могло уйти"


def claim(
    engine: Engine, portal: str, carrier: str, token: str, wanted: Mapping[int, int], now: datetime
) -> frozenset[int]:
    """Claims those of the messages (id -> releases) that nobody is sending and that have not expired.

    Of any number of claimers one gets a message; one released since then is another sending, and left alone.
    """
    taken = {
        "state": State.SENDING,
        "carrier": carrier,
        "token": token,
        "claimed_at": now,
        "left_at": None,
        "attempts": Message.attempts + 1,
    }
    free = or_(col(Message.state) == State.QUEUED, _abandoned(now))
    got: set[int] = set()
    with writing(engine, turn=turn(portal)) as session:
        for releases in sorted(set(wanted.values())):
            ids = [message_id for message_id in wanted if wanted[message_id] == releases]
            claimable = and_(col(Message.releases) == releases, free, _in_time(now))
            got |= _change(session, portal, ids, claimable, taken | {"changed_at": now})
    return frozenset(got)


def leave(engine: Engine, portal: str, token: str, ids: Collection[int], now: datetime) -> frozenset[int]:
    """Those of the messages that the holder of the token may send at this moment; they may have left from now on."""
    with writing(engine, turn=turn(portal)) as session:
        return frozenset(
            _change(session, portal, ids, and_(_held(token), _in_time(now)), {"left_at": now, "changed_at": now})
        )


def settle(engine: Engine, portal: str, token: str, message_id: int, outcome: Outcome, now: datetime) -> bool:
    """Records the outcome the holder of the token met, be it late; False if it is not the holder's any more."""
    if outcome.state is State.SENDING:
        raise ValueError("an outcome says what became of a message, not that it is being sent")
    mine = and_(col(Message.token) == token, col(Message.state).in_((State.SENDING, State.UNKNOWN)))
    values = _settled(outcome, now)
    if outcome.cost is not None:
        values["cost"] = func.coalesce(Message.cost, _roubles(0)) + _roubles(outcome.cost)
    with writing(engine, turn=turn(portal)) as session:
        return bool(_change(session, portal, [message_id], mine, values))


def give_back(engine: Engine, portal: str, token: str, now: datetime) -> None:
    """Queues what the holder of the token claimed and did not let leave."""
    mine = and_(_held(token), col(Message.left_at).is_(None))
    with writing(engine, turn=turn(portal)) as session:
        session.exec(update(Message).where(_of(portal), mine).values(_queued(now)))


def lapse(engine: Engine, portal: str, now: datetime) -> None:
    """Queues what was claimed and never left, puts in doubt what left and was never settled, fails what expired."""
    unanswered = and_(col(Message.state) == State.SENDING, col(Message.left_at) <= now - ANSWER_WITHIN)
    expired = and_(col(Message.state) == State.QUEUED, col(Message.expires_at) <= now)
    with writing(engine, turn=turn(portal)) as session:
        session.exec(update(Message).where(_of(portal), _abandoned(now)).values(_queued(now)))
        # The token stays: a late answer of the holder is still worth more than no answer.
        doubt = {"state": State.UNKNOWN, "reason": NO_ANSWER, "changed_at": now}
        session.exec(update(Message).where(_of(portal), unanswered).values(doubt))
        failed = {"state": State.FAILED, "reason": EXPIRED, "changed_at": now}
        session.exec(update(Message).where(_of(portal), expired).values(failed))


def learn(engine: Engine, asked: Message, outcome: Outcome, now: datetime) -> bool:
    """Records what the carrier said when asked about a message; False if that came to move on meanwhile.

    The answer is about the attempt that was asked about and no later one.
    """
    same = and_(col(Message.state) == asked.state, col(Message.attempts) == asked.attempts)
    values = _settled(outcome, now)
    if outcome.cost is not None:
        values["cost"] = func.coalesce(Message.cost, _roubles(outcome.cost))
    with writing(engine, turn=turn(asked.portal)) as session:
        return bool(_change(session, asked.portal, [asked.id], same, values))


def _change(
    session: Session, portal: str, ids: Collection[int], condition: ColumnElement[bool], values: Mapping[str, Any]
) -> set[int]:
    changed: set[int] = set()
    for some in chunks(ids):
        rows = update(Message).where(_of(portal), col(Message.id).in_(some), condition).values(values)
        changed.update(session.exec(rows.returning(col(Message.id))).scalars())
    return changed


def _settled(outcome: Outcome, now: datetime) -> dict[str, Any]:
    if outcome.state is State.QUEUED:
        return _queued(now) | {"reason": outcome.reason}
    said = {"state": outcome.state, "reason": outcome.reason, "changed_at": now, "token": None}
    return said | ({"provider_id": outcome.provider_id} if outcome.provider_id else {})


def _queued(now: datetime) -> dict[str, Any]:
    return {"state": State.QUEUED, "token": None, "left_at": None, "changed_at": now}


def _roubles(amount: Decimal | int) -> ColumnElement[Decimal]:
    return literal(Decimal(amount), Roubles())


def _of(portal: str) -> ColumnElement[bool]:
    return col(Message.portal) == portal


def _held(token: str) -> ColumnElement[bool]:
    return and_(col(Message.token) == token, col(Message.state) == State.SENDING)


def _abandoned(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Message.state) == State.SENDING, col(Message.left_at).is_(None), col(Message.claimed_at) <= now - LEASE
    )


def _in_time(now: datetime) -> ColumnElement[bool]:
    return or_(col(Message.expires_at).is_(None), col(Message.expires_at) > now)
