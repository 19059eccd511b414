"""Repeat-sale calls on portals that are otherwise where the documents are silent, each known to us as it is."""

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from backoffice.rules.call_plan import CallFailed, TaskState
from backoffice.sandbox.faults.fault import Fault
from tests.chaos.calls.conftest import MESSAGE, REST_2, REST_3
from tests.chaos.calls.ends import Ends, assert_same
from tests.chaos.calls.kept import Kept
from tests.chaos.calls.stories import another_night
from tests.portals import Portals, Switch, told

if TYPE_CHECKING:
    from tests.chaos.calls.conftest import Office

PORTALS: Portals = [
    ({"task_naive_in": "portal"}, {}),
    ({"task_naive_in": "utc"}, {}),
    ({"tasks_go_to_dismissed": False}, {}),
    ({"task_list_takes_many_bindings": False}, {}),
    ({"task_add_shows_bindings": False}, {}),
    ({"new_task_card": True}, {"task_comments_keep_marks": False}),
    (REST_3, REST_3),
    ({**REST_3, "new_task_card": True}, {**REST_3, "task_comments_keep_marks": False}),
    ({**REST_3, "rest_3_access_denied_status": 400}, REST_3),
    ({**REST_3, "task_naive_in": "utc"}, REST_3),
    (REST_3, {}),
]
UNANSWERED = ("tasks.task.add", "task.commentitem.add", "tasks.task.chat.message.send", "tasks.task.complete")


@pytest.mark.parametrize(("switch", "facts"), PORTALS, ids=told)
def test_the_same_tasks_stand_whatever_the_portal_is_like(office: "Office", switch: Switch, facts: Switch) -> None:
    """The portal keeps the answers to a task, a comment and a completion to itself: nothing is there twice."""
    another_night(office, REST_2)
    assert office.run()
    usual = Ends(office.world)
    another_night(office, switch, facts)
    office.world.faults.order(*(Fault(kind="cut_after", methods=method, times=1) for method in UNANSWERED))
    office.run_until_done()
    assert office.world.faults.fired["cut_after"] == 3
    office.calm_down()
    assert office.writes_of_another() == 0
    assert_same(Ends(office.world), usual)


@pytest.mark.parametrize("status", [403, 400])
def test_a_task_deleted_while_it_is_being_closed_is_left_alone(office: "Office", status: int) -> None:
    """However the portal refuses the message to its chat, the other one is closed."""
    another_night(office, {**REST_3, "rest_3_access_denied_status": status}, REST_3)
    before = Kept(office.world)
    assert office.run()
    message = office.steps.index(MESSAGE)
    before.come_back()

    def delete() -> None:
        tasks = office.world.portal.tasks
        tasks.delete(next(task for task in tasks if task.title.endswith("Куплено")))

    with suppress(CallFailed):
        office.run(meanwhile=(message, delete))
    assert office.run()
    closed = {bound[0]: bound for bound, _ in Ends(office.world).comments.elements()}
    assert len(closed) == 1
    assert {row["state"] for key, row in Ends(office.world).rows.items() if key.endswith(("D_4", "D_5"))} == {
        TaskState.GONE,
        TaskState.BOUGHT,
    }
    assert office.writes_of_another() == 0
