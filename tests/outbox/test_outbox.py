"""Messages sent once, whatever becomes of the run that sends them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from backoffice.outbox import Outbox
from backoffice.rules.sending import Channel, Desk, Doubt, Draft, Outcome, Outgoing, Parcel, Sent, Sms, State
from backoffice.store import messages
from backoffice.store.message_turns import ANSWER_WITHIN, LEASE, NO_ANSWER
from backoffice.store.messages import EXPIRED

START = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
ACCEPTED = Outcome(State.ACCEPTED, provider_id="q1")


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


@dataclass
class Time:
    now: datetime = START
    stopped: bool = False

    def time(self) -> float:
        if self.stopped:
            raise Killed
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def pass_by(self, time: timedelta) -> None:
        self.now += time


@dataclass
class Postman:
    """Carries what it is given, one by one; `answers` by key are outcomes, or what is done instead of carrying."""

    name: str = "postman"
    answers: dict[str, Outcome | Callable[[], None]] = field(default_factory=dict)
    knows: dict[str, Outcome] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    asked: list[Doubt] = field(default_factory=list)

    def carry(self, parcels: Sequence[Parcel[Sms]], desk: Desk) -> None:
        self.given += [parcel.draft.key for parcel in parcels]
        for parcel in parcels:
            self._carry(parcel, desk)

    def _carry(self, parcel: Parcel[Sms], desk: Desk) -> None:
        answer = self.answers.get(parcel.draft.key, ACCEPTED)
        if not desk.claim([parcel.id]):
            return
        if callable(answer):
            answer()
        if not desk.leave([parcel.id]):
            return
        self.carried.append(parcel.stamp)
        desk.settle(parcel.id, answer if isinstance(answer, Outcome) else ACCEPTED)

    def ask(self, doubts: Sequence[Doubt]) -> Mapping[int, Outcome]:
        self.asked += doubts
        return {doubt.id: self.knows[doubt.draft.key] for doubt in doubts if doubt.draft.key in self.knows}


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def outbox(engine: Engine, time: Time) -> Outbox:
    return Outbox("portal", engine, time)


@pytest.fixture
def postman() -> Postman:
    return Postman()


def texts(*keys: str, channel: Channel = "sms", expires_at: datetime | None = None) -> list[Outgoing[Sms]]:
    return [
        Outgoing(Draft(channel, "lesson_reminders", key, "Занятие", 5, 7, expires_at), Sms("+79990001122", "Ждём вас"))
        for key in keys
    ]


def states(sent: Collection[Sent]) -> list[tuple[str, State]]:
    return [(one.draft.key, one.state) for one in sent]


def die_after_leaving(time: Time, desk_of: Postman) -> None:
    """Let the process end between the permission to leave and the answer."""
    desk_of.answers["a"] = Outcome(State.ACCEPTED)

    def carry(parcels: Sequence[Parcel[Sms]], desk: Desk) -> None:
        desk.claim([parcels[0].id])
        desk.leave([parcels[0].id])
        time.stopped = True
        raise Killed

    desk_of.carry = carry  # type: ignore[method-assign]  # this once


def test_each_is_sent_once_and_told_in_order(outbox: Outbox, postman: Postman) -> None:
    """The second run gives the carrier nothing."""
    assert states(outbox.send(texts("b", "a"), postman)) == [("b", State.ACCEPTED), ("a", State.ACCEPTED)]
    assert states(outbox.send(texts("a", "c", "b"), postman)) == [(key, State.ACCEPTED) for key in "acb"]
    assert postman.given == ["b", "a", "c"]
    assert len(set(postman.carried)) == 3


def test_two_of_one_fact_are_one_message(outbox: Outbox, postman: Postman) -> None:
    """Both drafts are answered for."""
    sent = outbox.send(texts("a", "a"), postman)
    assert states(sent) == [("a", State.ACCEPTED)] * 2
    assert len(postman.carried) == 1


def test_without_messages_the_carrier_is_not_called(outbox: Outbox, postman: Postman) -> None:
    """An empty list is an empty list."""
    assert outbox.send([], postman) == []
    assert postman.given == []


def test_a_refusal_is_told_and_not_repeated(outbox: Outbox, postman: Postman) -> None:
    """With its reason; what the carrier put off goes with the next run."""
    postman.answers = {"a": Outcome(State.FAILED, reason="нет такого"), "b": Outcome(State.QUEUED, reason="позже")}
    first = outbox.send(texts("a", "b"), postman)
    assert [(one.state, one.reason) for one in first] == [(State.FAILED, "нет такого"), (State.QUEUED, "позже")]
    postman.answers = {}
    assert states(outbox.send(texts("a", "b"), postman)) == [("a", State.FAILED), ("b", State.ACCEPTED)]


def test_what_a_failing_carrier_claimed_is_free_at_once(outbox: Outbox, postman: Postman) -> None:
    """The error reaches the caller, what was sent before it stays sent, the rest goes with the next run."""

    def fail() -> None:
        raise ConnectionError("сервер не отвечает")

    postman.answers = {"b": fail}
    with pytest.raises(ConnectionError):
        outbox.send(texts("a", "b", "c"), postman)
    postman.answers = {}
    assert states(outbox.send(texts("a", "b", "c"), postman)) == [(key, State.ACCEPTED) for key in "abc"]
    assert len(postman.carried) == len(set(postman.carried)) == 3


def test_killed_before_leaving_it_goes_when_the_claim_has_run_out(outbox: Outbox, time: Time, postman: Postman) -> None:
    """Until then it could be on its way."""

    def die() -> None:
        time.stopped = True
        raise Killed

    postman.answers = {"a": die}
    with pytest.raises(Killed):
        outbox.send(texts("a"), postman)
    time.stopped, postman.answers = False, {}
    assert states(outbox.send(texts("a"), postman)) == [("a", State.SENDING)]
    time.pass_by(LEASE)
    assert states(outbox.send(texts("a"), postman)) == [("a", State.ACCEPTED)]


def test_killed_after_leaving_it_is_never_sent_again_unasked(outbox: Outbox, time: Time, engine: Engine) -> None:
    """It stands among the doubts until a person decides; sent again, it carries another stamp."""
    dying, postman = Postman(), Postman()
    die_after_leaving(time, dying)
    with pytest.raises(Killed):
        outbox.send(texts("a"), dying)
    time.stopped = False
    for wait in (timedelta(0), LEASE, ANSWER_WITHIN, timedelta(days=30)):
        time.pass_by(wait)
        outbox.send(texts("a"), postman)
    assert postman.given == []
    [doubt] = outbox.resolve({"postman": postman})
    assert (doubt.key, doubt.reason) == ("a", NO_ANSWER)
    assert messages.release(engine, "portal", doubt.id, time.now)
    assert states(outbox.send(texts("a"), postman)) == [("a", State.ACCEPTED)]
    assert postman.carried != [doubt.stamp]


@pytest.mark.parametrize("told", [State.QUEUED, State.ACCEPTED, State.DELIVERED, State.FAILED, State.UNKNOWN])
def test_a_carrier_that_can_tell_is_believed(outbox: Outbox, postman: Postman, told: State) -> None:
    """Asked about a doubt; only what it did not send is sent again, with the same stamp."""
    postman.answers = {"a": Outcome(State.UNKNOWN, provider_id="q7", reason="связь прервалась")}
    outbox.send(texts("a"), postman)
    postman.answers, postman.knows = {}, {"a": Outcome(told)}
    left = outbox.resolve({"postman": postman})
    assert [one.state for one in left] == ([State.UNKNOWN] if told is State.UNKNOWN else [])
    assert [(doubt.provider_id, doubt.left_at) for doubt in postman.asked] == [("q7", START)]
    [after] = outbox.send(texts("a"), postman)
    assert after.state == (State.ACCEPTED if told is State.QUEUED else told)
    assert len(postman.carried) == (2 if told is State.QUEUED else 1)
    assert len(set(postman.carried)) == 1


def test_a_carrier_is_asked_about_its_own(outbox: Outbox, postman: Postman) -> None:
    """Not about what another has carried, and not at all when there is nothing to ask."""
    postman.answers = {"a": Outcome(State.UNKNOWN)}
    outbox.send(texts("a"), postman)
    other = Postman("other", knows={"a": Outcome(State.QUEUED)})
    assert [one.key for one in outbox.resolve({"other": other})] == ["a"]
    assert other.asked == []


def test_accepted_sms_are_followed_for_a_day(outbox: Outbox, time: Time, postman: Postman, engine: Engine) -> None:
    """Until it is delivered or failed; letters are not. What it cost is learnt once."""
    outbox.send(texts("a", "b"), postman)
    outbox.send(texts("c", channel="email"), postman)
    postman.knows = {"a": Outcome(State.DELIVERED, cost=Decimal(3)), "b": Outcome(State.ACCEPTED, cost=Decimal(4))}
    for _ in range(2):
        outbox.resolve({"postman": postman})
    assert [doubt.draft.key for doubt in postman.asked] == ["a", "b", "b"]
    assert messages.spent_since(engine, "portal", "sms", START) == Decimal(7)
    time.pass_by(timedelta(hours=25))
    outbox.resolve({"postman": postman})
    assert len(postman.asked) == 3
    postman.knows = {"b": Outcome(State.QUEUED)}
    assert dict(states(outbox.send(texts("a", "b"), postman))) == {"a": State.DELIVERED, "b": State.ACCEPTED}


def test_one_silent_carrier_does_not_keep_the_others_from_being_asked(outbox: Outbox) -> None:
    """Its error comes after they have answered."""

    class Silent(Postman):
        def ask(self, doubts: Sequence[Doubt]) -> Mapping[int, Outcome]:
            raise ConnectionError(f"{len(doubts)} не с кем обсудить")

    first, second = Postman("first", {"a": Outcome(State.UNKNOWN)}), Postman("second", {"b": Outcome(State.UNKNOWN)})
    outbox.send(texts("a"), first)
    outbox.send(texts("b"), second)
    for order in (["first", "second"], ["second", "first"]):
        told = Postman(knows={"b": Outcome(State.ACCEPTED), "a": Outcome(State.UNKNOWN)})
        carriers = {"first": Silent(), "second": told}
        with pytest.raises(ConnectionError):
            outbox.resolve({name: carriers[name] for name in order})
    assert [one.key for one in outbox.resolve({})] == ["a"]


def test_too_late_is_not_sent(outbox: Outbox, time: Time, postman: Postman) -> None:
    """Neither when it is offered late nor when the carrier took too long; it is failed and says why."""
    expires = START + timedelta(minutes=1)
    postman.answers = {"a": lambda: time.pass_by(timedelta(minutes=1))}
    outbox.send(texts("a", "b", expires_at=expires), postman)
    sent = outbox.send(texts("a", "b", "c", expires_at=expires), postman)
    assert [(one.state, one.reason) for one in sent] == [(State.FAILED, EXPIRED)] * 3
    assert postman.carried == []


def test_two_runs_at_once_share_the_work(outbox: Outbox) -> None:
    """Each message is carried by one of them."""
    postmen = [Postman(), Postman()]
    keys = [str(number) for number in range(60)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda postman: outbox.send(texts(*keys), postman), postmen))
    carried = postmen[0].carried + postmen[1].carried
    assert len(carried) == len(set(carried)) == 60
