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
    precondition,
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
KEYS = ("a", "b", "late")
EXAMPLES = 60
ROLES = ("first", "second", "resolver")

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
        self.ended = self.on_the_wire = False
        self.errors: list[Exception] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def pause(self) -> None:
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
            self.ended, self.on_the_wire = True, False
            self._stopped.release()


class Clock:
    """The moment of the machine as an actor sees it: every look at it, so before every transaction, is a pause."""

    def __init__(self, now: Callable[[], datetime], pause: Callable[[], None]) -> None:
        self._now, self._pause = now, pause

    def time(self) -> float:
        self._pause()
        return self._now().timestamp()

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody sleeps here, for {seconds} s")


class Post:
    """What really arrived, by stamp; and when a message that expires was let go."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.roads: list[Road] = []
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
        self._pause()
        return {message_id: outcome for message_id, outcome in known.items() if outcome is not None}

    def _carry(self, parcel: Parcel[Letter], desk: Desk) -> None:
        self._pause()
        if not desk.claim([parcel.id]):
            return
        self._pause()
        left_at = self._now()
        if not desk.leave([parcel.id]):
            return
        if parcel.draft.expires_at is not None and left_at >= parcel.draft.expires_at:
            self._post.too_late.append(parcel.stamp)
        road = self._travel(parcel.stamp)
        self._pause()
        desk.settle(parcel.id, ROADS[road])
        self._pause()

    def _travel(self, stamp: str) -> Road:
        road: Road = self._post.roads.pop() if self._post.roads else "fine"
        self._pause(on_the_wire=True)
        if road in ARRIVE:
            self._post.arrived[stamp] += 1
        return road

    def _told(self, doubt: Doubt) -> Outcome | None:
        if self._post.arrived[doubt.stamp]:
            return Outcome(State.ACCEPTED)
        return Outcome(State.QUEUED) if self._now() >= doubt.left_at + EXECUTED_WITHIN else None

    def _pause(self, *, on_the_wire: bool = False) -> None:
        if self._actor is not None:
            self._actor.on_the_wire = on_the_wire
            self._actor.pause()
            self._actor.on_the_wire = False


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('outbox') / 'store.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


class Sending(RuleBasedStateMachine):
    engine: Engine

    @initialize(can_tell=st.booleans(), roads=st.lists(st.sampled_from(sorted(ROADS)), max_size=6))
    def begin(self, can_tell: bool, roads: list[Road]) -> None:
        with writing(self.engine) as session:
            session.exec(delete(Message))
        self.now = START
        self.post = Post()
        self.post.can_tell, self.post.roads = can_tell, roads
        self.actors: dict[str, Actor] = {}
        self.dropped: set[int] = set()
        self.closed: set[int] = set()

    @rule(role=st.sampled_from(ROLES), steps=st.integers(1, 30))
    def go_on(self, role: str, steps: int) -> None:
        """An actor does so many steps; one that has ended or died is replaced by a new one."""
        if role not in self.actors or self.actors[role].ended:
            self.actors[role] = Actor(self._resolve if role == "resolver" else self._send)
        for _ in range(steps):
            if not self.actors[role].ended:
                self.actors[role].step()

    @precondition(lambda self: any(not actor.ended for actor in self.actors.values()))
    @rule(role=st.sampled_from(ROLES))
    def kill(self, role: str) -> None:
        if role in self.actors:
            self.actors[role].kill()

    @rule(seconds=st.sampled_from([1, 30, 61, 181, 4000]))
    def pass_time(self, seconds: int) -> None:
        """A carrier that can tell knows when a request cannot be executed any more: none stays on the wire longer."""
        for actor in self.actors.values():
            if self.post.can_tell and actor.on_the_wire:
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
    def no_stamp_arrives_twice(self) -> None:
        assert all(number == 1 for number in self.post.arrived.values())

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
        self.post.roads = []
        self._resolve(None)
        self._send(None)
        doubtful = {message.id for message in self._resolve(None)}
        for message in self._rows():
            self._has_come_to_an_end(message, doubtful)
        self.no_stamp_arrives_twice()

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

    def _send(self, actor: Actor | None) -> None:
        outgoing = [Outgoing(_draft(key), Letter("anna@example.org", "Анна", "Занятие", "Ждём")) for key in KEYS]
        self._outbox(actor).send(outgoing, Postman(self.post, actor, lambda: self.now))

    def _resolve(self, actor: Actor | None) -> list[Message]:
        return self._outbox(actor).resolve({"postman": Postman(self.post, actor, lambda: self.now)})

    def _outbox(self, actor: Actor | None) -> Outbox:
        return Outbox("portal", self.engine, Clock(lambda: self.now, actor.pause if actor else lambda: None))

    def _rows(self) -> list[Message]:
        return messages.in_state(self.engine, "portal", *State)


def _draft(key: str) -> Draft:
    expires_at = START + timedelta(minutes=5) if key == "late" else None
    return Draft("email", "lesson_reminders", key, "Занятие", expires_at=expires_at)


def test_no_interleaving_sends_twice_or_loses_a_message(engine: Engine) -> None:
    """No stamp arrives twice, nothing leaves late, and what nobody can tell stands in the list of doubts."""
    machine = type("SendingHere", (Sending,), {"engine": engine})
    run_state_machine_as_test(machine, settings=settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None))
