"""A school whose program of reminders dies at a chosen step, and what stands in mailbox, portal and store then."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlmodel import SQLModel

from backoffice import connections
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.lanes import Lanes
from backoffice.rules.sending import State
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import FROZEN_MOMENT, World
from backoffice.settings import settings
from backoffice.store import messages
from backoffice.store.engine import writing
from backoffice.store.messages import Message
from tasks.messages import read_unresolved
from tests.chaos.lessons.life import Killed, Life, Meanwhile, MortalTransport, watch_mail, watch_store

PURPOSE = "lesson_reminders"
TICK = timedelta(minutes=5)


class NoLimit:
    """A portal that is never asked too much: its budget is not what is tested here."""

    def take(self, *_: object, **__: object) -> float:
        return 0.0

    def found_full(self) -> None:
        """Nothing to take note of."""


class Office:
    """The program on its machine: one sweep after another, each a process of its own."""

    def __init__(self, world: World, life: Life, run: Callable[..., None], forget: Callable[[], None]) -> None:
        self.world, self.life = world, life
        self._run, self._forget = run, forget

    def sweep(self, dies_at: int | str | None = None, meanwhile: Meanwhile | None = None, **params: str) -> bool:
        """Whether the sweep lived to its end; what it raised is raised."""
        self._forget()
        self.life.begin(dies_at, meanwhile)
        try:
            self._run(**params)
        except Killed:
            return False
        return True

    def pass_by(self, time: timedelta) -> None:
        """The clock of everybody."""
        self.world.clock.advance(time.total_seconds())

    def open_anew(self) -> School:
        """An empty portal and an empty store, at the beginning of time."""
        self.life.begin()
        self.world.reset()
        self.world.clock.move_to(FROZEN_MOMENT)
        with writing(connections.store()) as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.execute(table.delete())
        return School(self.world)

    def came(self) -> Counter[str]:
        """Message-ID -> how often such a letter came."""
        return Counter(letter.message_id for letter in self.world.mailbox.all())

    def came_to(self, address: str) -> int:
        return len(self.world.mailbox.to(address))

    def letters(self) -> list[Message]:
        """What our store knows of letters."""
        every = messages.in_state(connections.store(), connections.portal_host(), *State)
        return [message for message in every if message.channel == "email"]

    def listed(self) -> list[int]:
        """The messages that the report of a sweep asks a person about."""
        return [message.id for message in read_unresolved.fn(PURPOSE)]

    def comments(self, deal_id: int) -> Sequence[str]:
        every = self.world.portal.crm.comments.values()
        return [one.text for one in every if (one.entity, one.entity_id) == ("deal", deal_id)]

    def notes(self) -> list[str]:
        return [one.message for one in self.world.portal.notifications.values()]


class Lesson:
    """A lesson in three hours, and a deal of two people who attend the course."""

    def __init__(self, school: School, now: datetime) -> None:
        self.school, self.starts_at = school, now + timedelta(hours=3)
        self.course = school.course("Интенсив по налогам", [self.starts_at])
        self.people = [
            school.contact("Белова", "Анна", "anna@example.org"),
            school.contact("Волков", "Борис", "boris@example.org"),
        ]
        self.deal = school.deal(self.people, [self.course])

    def leaves_the_stage(self) -> None:
        self.school.move(self.deal, self.school.next_stage_id)


@pytest.fixture
def life() -> Life:
    return Life()


@pytest.fixture
def office(world: World, life: Life, sweep: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """One connection to the mail server, so that the steps have an order."""

    def forget() -> None:
        monkeypatch.setattr(connections, "_resolved", {})
        monkeypatch.setattr(connections, "LANES", Lanes())

    monkeypatch.setenv("SMTP_CONNECTIONS", "1")
    settings.cache_clear()
    transport = MortalTransport(life)
    monkeypatch.setattr(connections, "Portal", partial(Portal, transport=transport))
    monkeypatch.setattr(connections, "SharedBudget", lambda *_: NoLimit())
    watch_store(life, connections.store(), monkeypatch)
    watch_mail(life, monkeypatch)
    yield Office(world, life, sweep, forget)
    transport.close_for_good()


@pytest.fixture
def due(office: Office) -> Callable[[], Lesson]:
    """A portal of one lesson, two hours before it."""

    def due() -> Lesson:
        lesson = Lesson(office.open_anew(), office.world.clock.now())
        office.sweep()
        office.world.clock.move_to(lesson.starts_at - timedelta(hours=2))
        return lesson

    return due
