"""Messages in the store: who may send one, and what is known of it afterwards."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from backoffice.rules.sending import Channel, Draft, Outcome, State
from backoffice.store import messages
from backoffice.store.message_turns import (
    ANSWER_WITHIN,
    LEASE,
    NO_ANSWER,
    claim,
    give_back,
    lapse,
    learn,
    leave,
    settle,
)
from backoffice.store.messages import EXPIRED, Message

MOMENT = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PORTAL = "portal"
PURPOSE = "lesson_reminders"
KEYS = [f"300100:{number}" for number in range(100)]


def draft(key: str = "a", channel: Channel = "email", expires_at: datetime | None = None) -> Draft:
    return Draft(channel, PURPOSE, key, "Занятие", deal_id=5, contact_id=7, expires_at=expires_at)


def queued(engine: Engine, key: str = "a", channel: Channel = "email", expires_at: datetime | None = None) -> int:
    one = draft(key, channel, expires_at)
    return messages.enqueue(engine, PORTAL, [one], MOMENT)[one].id


def claimed(engine: Engine, *ids: int, holder: str = "me", now: datetime = MOMENT, releases: int = 0) -> frozenset[int]:
    return claim(engine, PORTAL, "smtp", holder, dict.fromkeys(ids, releases), now)


def left(engine: Engine, *ids: int, holder: str = "me", now: datetime = MOMENT) -> frozenset[int]:
    return leave(engine, PORTAL, holder, ids, now)


def settled(engine: Engine, message_id: int, state: State, holder: str = "me", **outcome: str | Decimal) -> bool:
    return settle(engine, PORTAL, holder, message_id, Outcome(state, **outcome), MOMENT)  # type: ignore[arg-type]  # named by the tests


def sent(engine: Engine, key: str = "a", channel: Channel = "email", now: datetime = MOMENT) -> int:
    """A message that the carrier has accepted."""
    message_id = queued(engine, key, channel)
    claimed(engine, message_id, now=now)
    left(engine, message_id, now=now)
    settled(engine, message_id, State.ACCEPTED, provider_id="q1", cost=Decimal("2.99"))
    return message_id


def doubted(engine: Engine, key: str = "a") -> int:
    """A message that left and was never heard of."""
    message_id = queued(engine, key)
    claimed(engine, message_id)
    left(engine, message_id)
    lapse(engine, PORTAL, MOMENT + ANSWER_WITHIN)
    return message_id


def read(engine: Engine, message_id: int) -> Message:
    [found] = [one for one in messages.in_state(engine, PORTAL, *State) if one.id == message_id]
    return found


def test_a_fact_is_one_message(engine: Engine) -> None:
    """Queued again it is the same row, whatever became of it; two of one key in a call are one too."""
    first = sent(engine)
    rows = messages.enqueue(engine, PORTAL, [draft(), draft(), draft("b")], MOMENT + SECOND)
    assert rows[draft()].id == first
    assert rows[draft()].state == State.ACCEPTED
    assert rows[draft()].created_at == MOMENT
    assert len(messages.in_state(engine, PORTAL, *State)) == 2


def test_channels_purposes_and_portals_are_apart(engine: Engine) -> None:
    """The same key by SMS, of another process or in another portal is another message, with another stamp."""
    drafts = [draft(), draft(channel="sms"), Draft("email", "tickets", "a", "Билет")]
    rows = [*messages.enqueue(engine, PORTAL, drafts, MOMENT).values()]
    rows += messages.enqueue(engine, "other", drafts, MOMENT).values()
    assert len({row.id for row in rows}) == 6
    assert len({row.stamp for row in rows}) == 6
    assert all(len(row.stamp) == 32 for row in rows)


def test_a_draft_comes_back_as_it_was(engine: Engine) -> None:
    """What a carrier and an operator see of the fact is what the process said."""
    one = draft(expires_at=MOMENT + SECOND)
    assert messages.enqueue(engine, PORTAL, [one], MOMENT)[one].draft == one


def test_a_message_is_claimed_once(engine: Engine) -> None:
    """Who comes second while the first is sending does not get it."""
    message_id = queued(engine)
    assert claimed(engine, message_id) == {message_id}
    assert claimed(engine, message_id, holder="other") == frozenset()


def test_a_claim_that_left_nothing_is_free_after_its_lease(engine: Engine) -> None:
    """The holder is dead or too slow: another takes over, and the slow one may not send any more."""
    message_id = queued(engine)
    claimed(engine, message_id)
    assert claimed(engine, message_id, holder="other", now=MOMENT + LEASE - SECOND) == frozenset()
    assert claimed(engine, message_id, holder="other", now=MOMENT + LEASE) == {message_id}
    assert left(engine, message_id, now=MOMENT + LEASE) == frozenset()
    assert not settled(engine, message_id, State.ACCEPTED)
    assert left(engine, message_id, holder="other", now=MOMENT + LEASE) == {message_id}


def test_what_left_is_never_claimed_again_by_time_alone(engine: Engine) -> None:
    """However long ago it left, it may have arrived."""
    message_id = queued(engine)
    claimed(engine, message_id)
    assert left(engine, message_id) == {message_id}
    for days in (0, 1, 400):
        lapse(engine, PORTAL, MOMENT + timedelta(days=days))
        assert claimed(engine, message_id, holder="other", now=MOMENT + timedelta(days=days)) == frozenset()
    assert read(engine, message_id).state == State.UNKNOWN


@pytest.mark.parametrize("how", ["claim", "leave"])
def test_what_has_expired_does_not_leave(engine: Engine, how: str) -> None:
    """Neither when it is claimed late nor when it waited too long after the claim."""
    message_id = queued(engine, expires_at=MOMENT + SECOND)
    if how == "leave":
        claimed(engine, message_id)
        assert left(engine, message_id, now=MOMENT + SECOND) == frozenset()
        give_back(engine, PORTAL, "me", MOMENT + SECOND)
    assert claimed(engine, message_id, now=MOMENT + SECOND) == frozenset()
    lapse(engine, PORTAL, MOMENT + SECOND)
    assert (read(engine, message_id).state, read(engine, message_id).reason) == (State.FAILED, EXPIRED)


def test_a_holder_may_ask_to_leave_again(engine: Engine) -> None:
    """To repeat what did not arrive; the wait for the answer is counted from then."""
    message_id = queued(engine)
    claimed(engine, message_id)
    left(engine, message_id)
    assert left(engine, message_id, now=MOMENT + ANSWER_WITHIN / 2) == {message_id}
    lapse(engine, PORTAL, MOMENT + ANSWER_WITHIN)
    assert read(engine, message_id).state == State.SENDING
    lapse(engine, PORTAL, MOMENT + ANSWER_WITHIN * 2)
    assert left(engine, message_id, now=MOMENT + ANSWER_WITHIN * 2) == frozenset()


def test_nothing_left_is_free_at_once(engine: Engine) -> None:
    """Settled as queued, with the reason, or given back: the next may send it."""
    first, second, third = (queued(engine, key) for key in "abc")
    claimed(engine, first, second, third)
    left(engine, first, third)
    assert settled(engine, first, State.QUEUED, reason="451 зайдите позже")
    give_back(engine, PORTAL, "me", MOMENT)
    assert (read(engine, first).reason, read(engine, first).left_at) == ("451 зайдите позже", None)
    assert claimed(engine, first, second, third, holder="other") == {first, second}


def test_an_outcome_is_kept(engine: Engine) -> None:
    """With the carrier's id and price; a second outcome of the same attempt changes nothing."""
    message_id = sent(engine)
    assert not settled(engine, message_id, State.FAILED, reason="поздно")
    row = read(engine, message_id)
    assert (row.state, row.provider_id, row.cost, row.reason) == (State.ACCEPTED, "q1", Decimal("2.99"), "")
    assert (row.carrier, row.attempts, row.left_at) == ("smtp", 1, MOMENT)


def test_sending_is_no_outcome(engine: Engine) -> None:
    """A carrier that says so has a mistake."""
    with pytest.raises(ValueError, match="what became of a message"):
        settled(engine, queued(engine), State.SENDING)


@pytest.mark.parametrize("late", [State.ACCEPTED, State.FAILED, State.QUEUED])
def test_a_late_answer_settles_a_doubt(engine: Engine, late: State) -> None:
    """The true holder's word counts even after the message was given up."""
    message_id = doubted(engine)
    assert (read(engine, message_id).state, read(engine, message_id).reason) == (State.UNKNOWN, NO_ANSWER)
    assert settled(engine, message_id, late)
    assert read(engine, message_id).state == late
    assert messages.unresolved(engine, PORTAL) == []


@pytest.mark.parametrize("decide", [messages.release, messages.close, messages.drop])
def test_a_late_answer_does_not_undo_a_decision(engine: Engine, decide: Callable[..., bool]) -> None:
    """What a person decided about a message in doubt stands."""
    message_id = doubted(engine)
    assert decide(engine, PORTAL, message_id, MOMENT)
    decided = read(engine, message_id)
    assert not settled(engine, message_id, State.UNKNOWN)
    assert read(engine, message_id) == decided


def test_an_answer_about_an_earlier_attempt_is_not_believed(engine: Engine) -> None:
    """Asked about a doubt that was settled and sent anew meanwhile: the old answer may not queue it once more."""
    message_id = doubted(engine)
    asked = read(engine, message_id)
    assert learn(engine, asked, Outcome(State.QUEUED), MOMENT)
    claimed(engine, message_id)
    left(engine, message_id)
    settled(engine, message_id, State.UNKNOWN)
    assert not learn(engine, asked, Outcome(State.QUEUED), MOMENT)
    assert learn(engine, read(engine, message_id), Outcome(State.DELIVERED, cost=Decimal(3)), MOMENT)
    assert (read(engine, message_id).state, read(engine, message_id).cost) == (State.DELIVERED, Decimal(3))


def test_a_message_released_is_another_sending(engine: Engine) -> None:
    """It has another stamp, costs anew, wants another trace, and a sender who knows it as it was does not get it."""
    message_id = sent(engine)
    messages.mark_traced(engine, PORTAL, [message_id])
    stamp = read(engine, message_id).stamp
    assert messages.release(engine, PORTAL, message_id, MOMENT)
    assert read(engine, message_id).stamp != stamp
    assert claimed(engine, message_id) == frozenset()
    assert claimed(engine, message_id, releases=1) == {message_id}
    left(engine, message_id)
    settled(engine, message_id, State.ACCEPTED, cost=Decimal("2.99"))
    assert read(engine, message_id).cost == Decimal("5.98")
    assert [one.id for one in messages.untraced(engine, PORTAL)] == [message_id]


@pytest.mark.parametrize(
    ("decide", "allowed"),
    [
        (messages.release, {State.ACCEPTED, State.FAILED, State.UNKNOWN}),
        (messages.close, {State.UNKNOWN}),
        (messages.drop, {State.QUEUED, State.FAILED, State.UNKNOWN}),
    ],
)
def test_a_person_decides_where_there_is_something_to_decide(
    engine: Engine, decide: Callable[..., bool], allowed: set[State]
) -> None:
    """What is being sent is out of everybody's hands, what is delivered is done."""
    ids = {state: queued(engine, state) for state in State}
    claimed(engine, *(ids[state] for state in State if state is not State.QUEUED))
    for state in State:
        if state not in (State.QUEUED, State.SENDING):
            settled(engine, ids[state], state)
    assert {state for state in State if decide(engine, PORTAL, ids[state], MOMENT)} == allowed
    assert not decide(engine, "other", ids[State.UNKNOWN], MOMENT)


def test_sent_messages_wait_for_their_trace(engine: Engine) -> None:
    """Only what left by e-mail, until it is marked."""
    letter, _, _ = sent(engine, "a"), sent(engine, "b", "sms"), queued(engine, "c")
    assert [one.id for one in messages.untraced(engine, PORTAL)] == [letter]
    messages.mark_traced(engine, PORTAL, [letter])
    assert messages.untraced(engine, PORTAL) == []


def test_a_person_s_messages_are_counted(engine: Engine) -> None:
    """By channel and since a moment: those that left, or may have; not those that failed or wait."""
    sent(engine, "early", "sms", now=MOMENT - timedelta(days=1))
    sent(engine, "a", "sms")
    sent(engine, "letter")
    queued(engine, "b", "sms")
    failed = queued(engine, "c", "sms")
    claimed(engine, failed)
    left(engine, failed)
    settled(engine, failed, State.FAILED)
    assert messages.sent_to_contacts_since(engine, PORTAL, "sms", [7, 8], MOMENT) == {7: 1, 8: 0}


def test_what_may_have_left_counts_as_attempted(engine: Engine) -> None:
    """From the moment it may leave; what only waits, is only claimed or has expired in vain does not count."""
    queued(engine, "queued")
    queued(engine, "expired", expires_at=MOMENT)
    lapse(engine, PORTAL, MOMENT)
    claimed(engine, queued(engine, "claimed"))
    leaving = queued(engine, "leaving")
    claimed(engine, leaving)
    left(engine, leaving)
    doubted(engine, "doubted")
    sent(engine, "sent", "sms")
    everything = ["queued", "expired", "claimed", "leaving", "doubted", "sent", "never"]
    assert messages.attempted(engine, PORTAL, PURPOSE, everything) == {"leaving", "doubted", "sent"}


def test_refusals_are_told_with_their_reasons(engine: Engine) -> None:
    """Those for good: not what expired, and not what a person decided."""
    refused, dropped = queued(engine, "refused"), queued(engine, "dropped")
    claimed(engine, refused)
    settled(engine, refused, State.FAILED, reason="нет такого адреса")
    messages.drop(engine, PORTAL, dropped, MOMENT)
    queued(engine, "expired", expires_at=MOMENT)
    lapse(engine, PORTAL, MOMENT)
    keys = ["refused", "dropped", "expired", "never"]
    assert messages.refused(engine, PORTAL, PURPOSE, keys) == {"refused": "нет такого адреса"}
    assert messages.refused(engine, PORTAL, "another", keys) == {}


def test_what_was_spent_is_summed_exactly(engine: Engine) -> None:
    """Since a moment and by channel, in decimals."""
    assert messages.spent_since(engine, PORTAL, "sms", MOMENT) == Decimal(0)
    sent(engine, "early", "sms", now=MOMENT - timedelta(days=31))
    for key in "abc":
        sent(engine, key, "sms")
    assert messages.spent_since(engine, PORTAL, "sms", MOMENT) == Decimal("8.97")


def test_what_happened_since_is_listed(engine: Engine) -> None:
    """By state, for people to decide; the states by key, for the plan of a run."""
    first = sent(engine, "a")
    queued(engine, "b")
    messages.drop(engine, PORTAL, queued(engine, "c"), MOMENT + SECOND)
    assert [one.key for one in messages.in_state(engine, PORTAL, *State, since=MOMENT + SECOND)] == ["c"]
    assert messages.in_state(engine, PORTAL, State.ACCEPTED, since=MOMENT + SECOND) == []
    assert messages.in_state(engine, "other", *State, since=MOMENT) == []
    states = messages.states(engine, PORTAL, "email", PURPOSE, ["a", "b", "c", "d"])
    assert states == {"a": State.ACCEPTED, "b": State.QUEUED, "c": State.FAILED}
    assert [one.id for one in messages.undelivered(engine, PORTAL, "email", MOMENT)] == [first]
    assert messages.undelivered(engine, PORTAL, "email", MOMENT + SECOND) == []


def test_nothing_of_one_portal_moves_with_another(engine: Engine) -> None:
    """Claims, leases and doubts are each portal's own."""
    message_id = queued(engine, expires_at=MOMENT + SECOND)
    assert claim(engine, "other", "smtp", "me", {message_id: 0}, MOMENT) == frozenset()
    lapse(engine, "other", MOMENT + timedelta(days=1))
    assert read(engine, message_id).state == State.QUEUED


def test_eight_threads_claim_each_message_once(engine: Engine) -> None:
    """Of eight threads that queue and claim the same messages, each message goes to one."""

    def contend(number: int) -> frozenset[int]:
        rows = messages.enqueue(engine, PORTAL, [draft(key) for key in KEYS], MOMENT)
        return claimed(engine, *(row.id for row in rows.values()), holder=str(number))

    with ThreadPoolExecutor(8) as threads:
        won = Counter(message_id for ids in threads.map(contend, range(8)) for message_id in ids)
    assert set(won.values()) == {1}
    assert len(won) == len(KEYS)


def test_processes_claim_each_message_once(engine: Engine, contest: Callable[..., list[str]]) -> None:
    """Of four processes at once each message goes to one, and after the lease to one again."""
    for now in (MOMENT, MOMENT + LEASE):
        won = Counter(
            message_id for printed in contest("claim_messages", now.isoformat()) for message_id in json.loads(printed)
        )
        assert set(won.values()) == {1}
        assert len(won) == len(KEYS)


def test_five_thousand_messages_go_through(engine: Engine) -> None:
    """More than a statement takes variables."""
    rows = messages.enqueue(engine, PORTAL, [draft(str(number)) for number in range(5000)], MOMENT)
    ids = {row.id for row in rows.values()}
    assert claimed(engine, *ids) == ids
    assert left(engine, *ids) == ids
    messages.mark_traced(engine, PORTAL, ids)
    assert messages.sent_to_contacts_since(engine, PORTAL, "email", range(5000), MOMENT)[7] == 5000
