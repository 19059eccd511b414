"""Two runs at the same time, because two workers run or somebody starts one by hand, ask for every call once."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from backoffice.sandbox.faults.fault import Fault, RequestKind
from tests.chaos.calls.conftest import POLICY, REST_2, REST_3, TROUBLE
from tests.chaos.calls.ends import Ends, assert_same, calls_a_day
from tests.chaos.calls.kept import Kept
from tests.chaos.calls.stories import another_night, first_night
from tests.portals import Switch

if TYPE_CHECKING:
    from tests.chaos.calls.conftest import Office

Story = Callable[["Office", Switch], None]
DOUBTFUL: tuple[RequestKind, ...] = ("cut_after", "late_write", "broken_after")
WRITES = "tasks.task.add task.commentitem.add tasks.task.complete"
ROUNDS = 3
STRIDE = 7
"""So many steps a run goes on before the other one is tried to come in between again."""


@pytest.mark.parametrize(
    ("story", "switch", "forms"),
    [
        (another_night, REST_2, ("due", "due")),
        (another_night, REST_3, ("due", "due")),
        (first_night, REST_2, ("due", "rebuild")),
        (first_night, REST_2, ("rebuild", "due")),
    ],
)
def test_a_whole_run_inside_another_changes_nothing(
    office: "Office", story: Story, switch: Switch, forms: tuple[str, str]
) -> None:
    """At whatever step of the first one the second comes in; one of them may stop where the other is writing."""
    before, undisturbed = in_peace(office, story, switch)
    for step in range(1, len(office.steps), STRIDE):
        before.come_back()
        with suppress(*TROUBLE):
            office.run(forms[0], meanwhile=(step, lambda: beside(office, forms[1])))
        office.calm_down()
        assert office.run()
        assert_same(Ends(office.world), undisturbed)


@pytest.mark.parametrize("second", ["due", "rebuild", "report"])
def test_two_runs_that_start_together_are_no_more_than_one(office: "Office", second: str) -> None:
    """Whatever the second one was started for."""
    before, undisturbed = in_peace(office, another_night, REST_2)
    for _ in range(ROUNDS):
        before.come_back()
        office.run_at_once("due", second)
        office.calm_down()
        assert office.run()
        assert_same(Ends(office.world), undisturbed)


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_a_write_in_doubt_of_one_is_not_repeated_by_the_other(office: "Office", kind: RequestKind) -> None:
    """Both look for it when the portal can no longer be at it, and find it."""
    before, undisturbed = in_peace(office, another_night, REST_2)
    before.come_back()
    office.world.faults.order(Fault(kind=kind, methods=WRITES, probability=0.6, times=4, seed="ash"))
    office.run_at_once("due", "due")
    assert office.world.faults.fired[kind] > 0
    office.calm_down()
    assert office.run()
    assert_same(Ends(office.world), undisturbed)


def test_two_runs_at_once_keep_to_the_places_of_a_day(office: "Office") -> None:
    """Whenever the second one comes in, nobody gets more calls than agreed."""
    before, _ = in_peace(office, first_night, REST_2)
    for step in range(1, len(office.steps), 2):
        before.come_back()
        with suppress(*TROUBLE):
            office.run(meanwhile=(step, lambda: beside(office, "due")))
        assert max(calls_a_day(office.world).values()) <= POLICY.per_day


def in_peace(office: "Office", story: Story, switch: Switch) -> tuple[Kept, Ends]:
    """The night before anything happened, and what one run leaves."""
    story(office, switch)
    before = Kept(office.world)
    assert office.run()
    return before, Ends(office.world)


def beside(office: "Office", which: str) -> None:
    with suppress(*TROUBLE):
        office.run(which)
