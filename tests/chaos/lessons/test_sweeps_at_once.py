"""Two sweeps at the same time, because two workers run or the limit of runs failed, send each letter once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from backoffice.rules.sending import State
from backoffice.sandbox.faults.fault import Fault, MailKind
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from backoffice.store import messages
from backoffice.store.messages import Message

PEOPLE = 30
WORKERS = 2
DOUBTFUL: tuple[MailKind, ...] = ("mail_cut_after_data", "mail_cut_unkept")
ROUNDS = 3


@pytest.fixture
def crowd(world: World, school: School, sweep: Callable[..., None]) -> None:
    """A lesson in two hours, and a deal for each of many people."""
    course = school.course("Интенсив по налогам", [world.clock.now() + timedelta(hours=2)])
    for number in range(PEOPLE):
        person = school.contact(f"Фамилия{number}", f"Имя{number}", f"person{number}@example.org")
        school.deal([person], [course])


def at_once(sweep: Callable[..., None]) -> None:
    """They start together."""
    together = Barrier(WORKERS)

    def run() -> None:
        together.wait()
        sweep()

    with ThreadPoolExecutor(WORKERS) as threads:
        for work in [threads.submit(run) for _ in range(WORKERS)]:
            work.result()


def letters() -> list[Message]:
    from backoffice import connections

    every = messages.in_state(connections.store(), connections.portal_host(), *State)
    return [one for one in every if one.channel == "email"]


def test_everybody_gets_one_letter(world: World, crowd: None, sweep: Callable[..., None]) -> None:
    """And every deal one trace."""
    at_once(sweep)
    came = Counter(letter.message_id for letter in world.mailbox.all())
    assert len(came) == PEOPLE
    assert set(came.values()) == {1}
    world.clock.advance(300)
    sweep()
    traced = Counter(one.entity_id for one in world.portal.crm.comments.values())
    assert len(traced) == PEOPLE
    assert set(traced.values()) == {1}


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_a_doubt_of_one_is_not_sent_by_the_other(
    world: World, crowd: None, sweep: Callable[..., None], kind: MailKind
) -> None:
    """What was cut off is in doubt for both."""
    world.faults.order(Fault(kind=kind, probability=0.3, times=6, seed="ash"))
    for _ in range(ROUNDS):
        at_once(sweep)
        world.clock.advance(300)
    came = Counter(letter.message_id for letter in world.mailbox.all())
    states = Counter(one.state for one in letters())
    assert set(came.values()) == {1}
    assert states == {State.ACCEPTED: PEOPLE - 6, State.UNKNOWN: 6}
    assert len(came) == (PEOPLE if kind == "mail_cut_after_data" else PEOPLE - 6)
