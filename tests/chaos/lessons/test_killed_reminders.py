"""A sweep killed at any step of sending is followed by sweeps that send the rest, and nothing twice."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from backoffice.rules.lesson_report import SendingFailed
from backoffice.rules.sending import State
from backoffice.sandbox.faults.fault import Fault

if TYPE_CHECKING:
    from tests.chaos.lessons.conftest import Lesson, Office

Due = Callable[[], "Lesson"]

PARTS = 4
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def refusing(office: "Office", due: Due) -> Due:
    """The same, and the mail server knows nobody of the second one's address."""

    def refusing() -> "Lesson":
        lesson = due()
        office.world.faults.order(Fault(kind="mail_reject", methods="boris@*"))
        return lesson

    return refusing


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_step_a_sweep_dies_at_the_next_ones_finish(office: "Office", due: Due, part: int) -> None:
    """One letter each, one trace in the deal each; only what was on its way at that moment is in doubt, and listed."""
    step, lived = part + 1, False
    while not lived:
        lesson = due()
        lived = office.sweep(dies_at=step)
        on_its_way = [one.id for one in office.letters() if one.left_at and one.state == State.SENDING]
        for _ in range(2):
            office.pass_by(FIVE_MINUTES)
            assert office.sweep()
        assert_finished(office, lesson, on_its_way)
        step += PARTS
    assert step > len(office.life.steps)


def assert_finished(office: "Office", lesson: "Lesson", in_doubt: list[int]) -> None:
    """Nothing is left to do, but for a person about what is in doubt."""
    came = office.came()
    letters = {one.id: one for one in office.letters()}
    assert len(letters) == len(lesson.people)
    assert office.listed() == in_doubt
    assert len(in_doubt) <= 1
    for id_, letter in letters.items():
        assert letter.state == (State.UNKNOWN if id_ in in_doubt else State.ACCEPTED)
        assert came[f"<{letter.stamp}@example.org>"] == 1 or id_ in in_doubt
    assert max(came.values()) == 1
    traces = office.comments(lesson.deal)
    assert len(traces) == len(set(traces)) == len(letters) - len(in_doubt)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_refusal_is_told_of_whatever_step_a_sweep_dies_at(office: "Office", refusing: Due, part: int) -> None:
    """From the refusal on: the manager gets one note about it, although nothing is sent again."""
    refusing()
    sweep_refused(office)
    refused = office.life.steps.index("550 answered") + 1
    for step in range(refused + part, len(office.life.steps) + 1, PARTS):
        lesson = refusing()
        sweep_refused(office, dies_at=step)
        sweep_refused(office)
        assert office.sweep()
        assert [f"/crm/contact/details/{lesson.people[1]}/" in note for note in office.notes()] == [True]
        assert office.came_to("boris@example.org") == 0


def sweep_refused(office: "Office", dies_at: int | None = None) -> None:
    """A sweep in which a letter may be refused, five minutes after the last one."""
    office.pass_by(FIVE_MINUTES)
    with suppress(SendingFailed):
        office.sweep(dies_at)


@pytest.mark.parametrize("part", range(PARTS))
def test_what_changes_before_the_last_look_is_obeyed(office: "Office", due: Due, part: int) -> None:
    """Whatever the sweep had read by then: a deal that has left the stage gets no letter."""
    due()
    office.sweep()
    before_mail = office.life.steps[: office.life.steps.index("EHLO before")]
    look = max(number for number, step in enumerate(before_mail, 1) if step == "batch.json before")
    assert look > PARTS
    for step in range(part + 1, look + 1, PARTS):
        lesson = due()
        office.sweep(meanwhile=(step, lesson.leaves_the_stage))
        assert not office.came()
