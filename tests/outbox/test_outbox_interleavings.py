"""Any interleaving of two senders and one who resolves doubts, with their deaths, lapses and people's decisions."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, delete

from backoffice.outbox import Outbox
from backoffice.rules.sending import Desk, Doubt, Draft, Letter, Outcome, Outgoing, Parcel, State
from backoffice.store import messages
from backoffice.store.engine import open_engine, upgrade, writing
from backoffice.store.messages import Message

START = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
EXECUTED_WITHIN = timedelta(seconds=70)
KEYS = ("a", "late")
EXAMPLES = 50
SENDERS = ("first", "second")
WAITS = (61, 181, 4000)
ON_THE_WAY = ("transaction", "claimed", "on the wire", "carried", "the end")

Road = Literal["fine", "later", "refused", "lost", "never left"]
ARRIVE = ("fine", "lost")
ROADS: Mapping[Road, Outcome] = {
    "fine": Outcome(State.ACCEPTED),
    "later": Outcome(State.QUEUED),
    "refused": Outcome(State.FAILED),
    "lost": Outcome(State.UNKNOWN),
    "never left": Outcome(State.UNKNOWN),
}


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


class Actor:
    """A program that stops wherever it pauses, until it is told to go on, or dies there."""

    def __init__(self, work: Callable[["Actor"], object]) -> None:
        self._work = work
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._dead = False
        self.ended, self.place = False, ""
        self.errors: list[Exception] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def pause(self, place: str) -> None:
        self.place = place
        if not self._dead:
            self._stopped.release()
            self._go.acquire()
        if self._dead:
            raise Killed

    def step(self) -> None:
        self._go.release()
        self._stopped.acquire()
        if self.ended:
            self._thread.join()

    def go_until(self, place: str) -> None:
        """To the next place of this name, or to the end."""
        self.step()
        while not self.ended and self.place != place:
            self.step()

    def kill(self) -> None:
        self._dead = True
        if not self.ended:
            self.step()

    def _run(self) -> None:
        self._go.acquire()
        try:
            if not self._dead:
                self._work(self)
        except Killed:
            pass
        except Exception as error:  # noqa: BLE001 - shown by the invariant
            self.errors.append(error)
        finally:
            self.ended = True
            self._stopped.release()


class Clock:
    """The moment of the machine as an actor sees it: every look at it, so before every transaction, is a pause."""

    def __init__(self, now: Callable[[], datetime], pause: Callable[[str], None]) -> None:
        self._now, self._pause = now, pause

    def time(self) -> float:
        self._pause("transaction")
        return self._now().timestamp()

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody sleeps here, for {seconds} s")


class Post:
    """What really arrived, by stamp; what was let go and has not been said not to have left; what was let go late."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.let_go: Counter[str] = Counter()
        self.roads: list[Road] = []
        self.usual: Road = "fine"
        self.can_tell = False
        self.too_late: list[str] = []


class Postman:
    """An honest carrier of an actor; it can tell afterwards what became of a message, or not."""

    name = "postman"

    def __init__(self, post: Post, actor: Actor | None, now: Callable[[], datetime]) -> None:
        self._post, self._actor, self._now = post, actor, now

    def carry(self, parcels: Sequence[Parcel[Letter]], desk: Desk) -> None:
        for parcel in parcels:
            self._carry(parcel, desk)

    def ask(self, doubts: Sequence[Doubt]) -> Mapping[int, Outcome]:
        known = {doubt.id: self._told(doubt) for doubt in doubts} if self._post.can_tell else {}
        self._pause("told")
        return {message_id: outcome for message_id, outcome in known.items() if outcome is not None}

    def _carry(self, parcel: Parcel[Letter], desk: Desk) -> None:
        if not desk.claim([parcel.id]):
            return
        self._pause("claimed")
        if not desk.leave([parcel.id]):
            return
        self._post.let_go[parcel.stamp] += 1
        if parcel.draft.expires_at is not None and self._now() >= parcel.draft.expires_at:
            self._post.too_late.append(parcel.stamp)
        road = self._travel(parcel.stamp)
        self._pause("carried")
        self._post.let_go[parcel.stamp] -= road == "later"
        desk.settle(parcel.id, ROADS[road])

    def _travel(self, stamp: str) -> Road:
        road: Road = self._post.roads.pop() if self._post.roads else self._post.usual
        self._pause("on the wire")
        if road in ARRIVE:
            self._post.arrived[stamp] += 1
        return road

    def _told(self, doubt: Doubt) -> Outcome | None:
        if self._post.arrived[doubt.stamp]:
            return Outcome(State.ACCEPTED)
        if self._now() < doubt.left_at + EXECUTED_WITHIN:
            return None
        self._post.let_go[doubt.stamp] = 0
        return Outcome(State.QUEUED)

    def _pause(self, place: str) -> None:
        if self._actor is not None:
            self._actor.pause(place)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('outbox') / 'store.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


class Sending(RuleBasedStateMachine):
    engine: Engine

    @initialize(
        can_tell=st.booleans(),
        roads=st.lists(st.sampled_from(sorted(ROADS)), max_size=6),
        usual=st.sampled_from(["fine", "later", "never left"]),
    )
    def begin(self, can_tell: bool, roads: list[Road], usual: Road) -> None:
        with writing(self.engine) as session:
            session.exec(delete(Message))
        self.now = START
        self.post = Post()
        self.post.can_tell, self.post.roads, self.post.usual = can_tell, roads, usual
        self.actors: dict[str, Actor] = {}
        self.dropped: set[int] = set()
        self.closed: set[int] = set()

    @rule(role=st.sampled_from(SENDERS), place=st.sampled_from(ON_THE_WAY))
    def send(self, role: str, place: str) -> None:
        """A sender goes on to a place, or to its end; one that has ended or died is replaced by a new one."""
        self._go_on(role, self._send, place)

    @rule(place=st.sampled_from(ON_THE_WAY), seconds=st.sampled_from(WAITS), other_place=st.sampled_from(ON_THE_WAY))
    def overtake(self, place: str, seconds: int, other_place: str) -> None:
        """A message is free again; one sender stops on its way, another sets out, then the first goes on."""
        self.decide("a", "release")
        for role in SENDERS:
            self.kill(role)
        self._go_on("first", self._send, place)
        self.pass_time(seconds)
        self._go_on("second", self._send, other_place)
        self._go_on("first", self._send, "the end")

    @rule(place=st.sampled_from(["told", "the end"]))
    def resolve(self, place: str) -> None:
        self._go_on("resolver", self._resolve, place)

    @rule(role=st.sampled_from((*SENDERS, "resolver")))
    def kill(self, role: str) -> None:
        if role in self.actors:
            self.actors[role].kill()

    @rule(seconds=st.sampled_from(WAITS))
    def pass_time(self, seconds: int) -> None:
        """A carrier that can tell knows when a request cannot be executed any more: none stays on the wire longer."""
        for actor in self.actors.values():
            if self.post.can_tell and actor.place == "on the wire" and not actor.ended:
                actor.step()
        self.now += timedelta(seconds=seconds)

    @rule(key=st.sampled_from(KEYS), decision=st.sampled_from(["release", "close", "drop"]))
    def decide(self, key: str, decision: str) -> None:
        for message in self._rows():
            if message.key == key and getattr(messages, decision)(self.engine, "portal", message.id, self.now):
                self.dropped.discard(message.id)
                self.closed.discard(message.id)
                {"release": set(), "close": self.closed, "drop": self.dropped}[decision].add(message.id)

    @invariant()
    def no_stamp_is_let_go_twice(self) -> None:
        """Unless the carrier has said in between that it did not leave."""
        assert all(number <= 1 for number in self.post.let_go.values())
        assert all(number <= 1 for number in self.post.arrived.values())

    @invariant()
    def nothing_leaves_late(self) -> None:
        assert self.post.too_late == []

    @invariant()
    def nobody_failed(self) -> None:
        assert [error for actor in self.actors.values() for error in actor.errors] == []

    def teardown(self) -> None:
        """When all have died and time has passed, every message has come to an end, or to a person's list."""
        if not hasattr(self, "actors"):
            return
        for actor in self.actors.values():
            actor.kill()
        self.now += timedelta(minutes=10)
        self.post.roads, self.post.usual = [], "fine"
        self._resolve(None)
        self._send(None)
        doubtful = {message.id for message in self._resolve(None)}
        for message in self._rows():
            self._has_come_to_an_end(message, doubtful)
        self.no_stamp_is_let_go_twice()

    def _has_come_to_an_end(self, message: Message, doubtful: set[int]) -> None:
        state, arrived = State(message.state), self.post.arrived[message.stamp]
        assert state in (State.ACCEPTED, State.FAILED, State.UNKNOWN)
        assert (state is State.UNKNOWN) == (message.id in doubtful)
        if state is State.ACCEPTED:
            assert arrived or message.id in self.closed
        if state is State.FAILED:
            assert not arrived or message.id in self.dropped
        if self.post.can_tell:
            assert state is not State.UNKNOWN

    def _go_on(self, role: str, work: Callable[[Actor], object], place: str) -> None:
        if role not in self.actors or self.actors[role].ended:
            self.actors[role] = Actor(work)
        self.actors[role].go_until(place)

    def _send(self, actor: Actor | None) -> None:
        outgoing = [Outgoing(_draft(key), Letter("anna@example.org", "Анна", "Занятие", "Ждём")) for key in KEYS]
        self._outbox(actor).send(outgoing, Postman(self.post, actor, lambda: self.now))

    def _resolve(self, actor: Actor | None) -> list[Message]:
        return self._outbox(actor).resolve({"postman": Postman(self.post, actor, lambda: self.now)})

    def _outbox(self, actor: Actor | None) -> Outbox:
        return Outbox("portal", self.engine, Clock(lambda: self.now, actor.pause if actor else lambda _: None))

    def _rows(self) -> list[Message]:
        return messages.in_state(self.engine, "portal", *State)


def _draft(key: str) -> Draft:
    expires_at = START + timedelta(minutes=5) if key == "late" else None
    return Draft("email", "lesson_reminders", key, "Занятие", expires_at=expires_at)


def test_no_interleaving_sends_twice_or_loses_a_message(engine: Engine) -> None:
    """No stamp arrives twice, nothing leaves late, and what nobody can tell stands in the list of doubts."""
    machine = type("SendingHere", (Sending,), {"engine": engine})
    run_state_machine_as_test(machine, settings=settings(max_examples=EXAMPLES, stateful_step_count=25, deadline=None))
