"""A letter of which nobody knows whether it left waits for a person, and obeys."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from backoffice.rules.sending import State
from backoffice.store.message_turns import ANSWER_WITHIN
from backoffice.store.messages import DROPPED, Message
from flows.message_desk import message_desk
from tasks.messages import Decision, DecisionRefused

if TYPE_CHECKING:
    from tests.chaos.lessons.conftest import Lesson, Office


@pytest.fixture(params=["text before", "text sent"], ids=["not arrived", "arrived"])
def doubted(request: pytest.FixtureRequest, office: "Office", due: Callable[[], "Lesson"]) -> Message:
    """The first letter, whose sender died beside its text; the second one came with the next sweep."""
    due()
    office.sweep(dies_at=request.param)
    office.pass_by(ANSWER_WITHIN)
    office.sweep()
    return the_letter(office, office.listed()[0])


def the_letter(office: "Office", message_id: int) -> Message:
    return next(one for one in office.letters() if one.id == message_id)


def decide(office: "Office", message: Message, decision: Decision) -> Message:
    """A person decides, and two sweeps follow."""
    office.life.begin()
    message_desk.fn(message.id, decision)
    for _ in range(2):
        office.pass_by(ANSWER_WITHIN)
        assert office.sweep()
    return the_letter(office, message.id)


def test_sweeps_leave_a_doubtful_letter_alone(office: "Office", doubted: Message) -> None:
    """However many; it stays on the list."""
    came = office.came()
    for _ in range(5):
        office.pass_by(ANSWER_WITHIN)
        assert office.sweep()
    assert (office.came(), office.listed()) == (came, [doubted.id])


def test_send_again_sends_one_more(office: "Office", doubted: Message) -> None:
    """Under another Message-ID: no mail program takes it for the first one."""
    before = office.came()
    message = decide(office, doubted, "send_again")
    assert message.state == State.ACCEPTED
    assert message.stamp != doubted.stamp
    assert office.came() - before == {f"<{message.stamp}@example.org>": 1}
    assert office.listed() == []


def test_send_again_may_be_said_again(office: "Office", doubted: Message) -> None:
    """Each time one letter more, each with a Message-ID of its own."""
    before = office.came()
    for _ in range(3):
        decide(office, doubted, "send_again")
    assert sorted((office.came() - before).values()) == [1, 1, 1]


def test_sent_is_believed(office: "Office", doubted: Message) -> None:
    """Nothing more goes, and the deal shows it."""
    before = office.came()
    traces = len(office.comments(doubted.deal_id or 0))
    assert decide(office, doubted, "sent").state == State.ACCEPTED
    assert (office.came(), office.listed()) == (before, [])
    assert len(office.comments(doubted.deal_id or 0)) == traces + 1


def test_dropped_is_never_sent(office: "Office", doubted: Message) -> None:
    """And nobody is told of a refusal: the person knows."""
    before, told = office.came(), office.notes()
    assert [note.startswith("Неизвестно, ушло ли") for note in told] == [True]
    message = decide(office, doubted, "drop")
    assert (message.state, message.reason) == (State.FAILED, DROPPED)
    assert (office.came(), office.listed(), office.notes()) == (before, [], told)


def test_a_sent_letter_cannot_be_dropped(office: "Office", doubted: Message) -> None:
    """The refusal says what is possible."""
    decide(office, doubted, "sent")
    with pytest.raises(DecisionRefused, match="ещё не ушло"):
        decide(office, doubted, "drop")
