"""Tasks in the second generation: text in camelCase, bindings only by selection, the caller's zone."""

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import httpx
import pytest

from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]

CALL_BACK = {"TITLE": "Перезвонить", "RESPONSIBLE_ID": 2, "UF_CRM_TASK": ["CO_5", "D_10"]}
DEADLINE = "2026-03-05T12:00:00+03:00"


def ids(answer: dict[str, Any]) -> list[str]:
    return [row["id"] for row in answer["tasks"]]


def test_a_new_task_is_told_whole(call: Call) -> None:
    """tasks/tasks-task-add.md: text, `group: []`, people as objects; captured: `ufCrmTask` false when empty."""
    task = call("tasks.task.add", fields={"TITLE": "Перезвонить", "RESPONSIBLE_ID": 2, "DEADLINE": DEADLINE})["task"]
    assert (task["id"], task["status"], task["priority"], task["createdBy"]) == ("1", "2", "1", "1")
    assert (task["deadline"], task["createdDate"]) == (DEADLINE, "2026-03-02T12:00:00+03:00")
    assert (task["group"], task["auditors"], task["ufCrmTask"], task["closedDate"]) == ([], [], False, None)
    assert task["responsible"]["name"] == "Иван Лебедев"


def test_a_portal_may_keep_the_bindings_to_itself(world: World, call: Call) -> None:
    """tasks/fields.md: UF_CRM_TASK is not returned by default; the captured answer to an addition has it."""
    assert call("tasks.task.add", fields=CALL_BACK)["task"]["ufCrmTask"] == ["CO_5", "D_10"]
    world.portal.config.task_add_shows_bindings = False
    assert "ufCrmTask" not in call("tasks.task.add", fields=CALL_BACK)["task"]


def test_bindings_come_by_selection(call: Call) -> None:
    """tasks/fields.md: select one of the three system fields, and all three come."""
    call("tasks.task.add", fields=CALL_BACK)
    assert "ufCrmTask" not in call("tasks.task.get", taskId=1)["task"]
    task = call("tasks.task.get", taskId=1, select=["TITLE", "UF_CRM_TASK"])["task"]
    assert (task["ufCrmTask"], task["ufTaskWebdavFiles"], task["ufMailMessage"]) == (["CO_5", "D_10"], False, None)
    assert sorted(task.keys() - {"ufCrmTask", "ufTaskWebdavFiles", "ufMailMessage"}) == [
        *("action", "favorite", "group", "id", "title")
    ]


def test_a_missing_task_is_an_empty_list(ask: Ask, call: Call) -> None:
    """tasks/tasks-task-get.md: `"result": []`; the writing methods refuse, each in its own words."""
    assert call("tasks.task.get", taskId=7) == []
    refused = [
        ask("tasks.task.update", taskId=7, fields={"TITLE": "x"}),
        ask("tasks.task.delete", taskId=7),
        ask("tasks.task.complete", taskId=7),
        ask("tasks.task.get", taskId="seven"),
        ask("tasks.task.get"),
    ]
    assert [answer.json()["error"] for answer in refused] == ["0", "1048582", "0", "0", "100"]
    assert {answer.status_code for answer in refused} == {400}


def test_what_is_wrong_is_told_with_breaks(ask: Ask, world: World) -> None:
    """tasks/tasks-task-add.md: ERROR_CORE, each text followed by <br>."""
    refused = ask("tasks.task.add", fields={"DESCRIPTION": "x"}).json()
    assert refused == {
        "error": "ERROR_CORE",
        "error_description": "Task title is not specified<br>Responsible person not specified<br>",
    }
    stranger = ask("tasks.task.add", fields={**CALL_BACK, "RESPONSIBLE_ID": 99, "STATUS": 9}).json()
    told = stranger["error_description"]
    assert told == 'User specified in the "Responsible" field not found<br>Incorrect status<br>'
    assert ask("tasks.task.add").json()["error"] == "100"
    assert len(world.portal.tasks) == 0


def test_a_task_for_somebody_who_has_left(world: World, ask: Ask) -> None:
    """Undocumented: the pages speak only of a person who does not exist."""
    assert ask("tasks.task.add", fields={**CALL_BACK, "RESPONSIBLE_ID": 4}).status_code == 200
    world.portal.config.tasks_go_to_dismissed = False
    assert ask("tasks.task.add", fields={**CALL_BACK, "RESPONSIBLE_ID": 4}).json()["error"] == "ERROR_CORE"


def test_a_list_finds_tasks_by_what_they_are_bound_to(world: World, call: Call) -> None:
    """tasks/tasks-task-list.md: UF_CRM_TASK is filterable; the newest first."""
    for code in ("CO_5", "CO_7", "CO_50"):
        call("tasks.task.add", fields={**CALL_BACK, "UF_CRM_TASK": [code]})
    assert ids(call("tasks.task.list", filter={"UF_CRM_TASK": "CO_5"})) == ["1"]
    assert ids(call("tasks.task.list", filter={"UF_CRM_TASK": ["CO_5", "CO_50", "D_9"]})) == ["3", "1"]
    assert ids(call("tasks.task.list", filter={"!UF_CRM_TASK": "CO_5"})) == ["3", "2"]
    world.portal.config.task_list_takes_many_bindings = False
    assert ids(call("tasks.task.list", filter={"UF_CRM_TASK": ["CO_5", "CO_50"]})) == ["1"]


def test_a_task_that_is_bound_anew_is_found_there(call: Call) -> None:
    """An update replaces the bindings, a deletion ends them."""
    call("tasks.task.add", fields=CALL_BACK)
    call("tasks.task.update", taskId=1, fields={"UF_CRM_TASK": ["C_1"]})
    found = {code: ids(call("tasks.task.list", filter={"UF_CRM_TASK": code})) for code in ("CO_5", "D_10", "C_1")}
    assert found == {"CO_5": [], "D_10": [], "C_1": ["1"]}
    assert call("tasks.task.delete", taskId=1) == {"task": True}
    assert call("tasks.task.list", filter={"UF_CRM_TASK": "C_1"}) == {"tasks": []}


def test_a_row_of_a_list(ask: Ask, call: Call) -> None:
    """Captured: id, status, `group: []` and subStatus; `total` beside the rows, `next` only before another page."""
    for _ in range(51):
        call("tasks.task.add", fields={**CALL_BACK, "DEADLINE": "2026-03-01T12:00:00+03:00"})
    page = ask("tasks.task.list", select=["ID", "STATUS"], order={"ID": "asc"}).json()
    assert page["result"]["tasks"][0] == {"id": "1", "status": "2", "group": [], "subStatus": "-1"}
    assert (page["total"], page["next"], len(page["result"]["tasks"])) == (51, 50, 50)
    rest = ask("tasks.task.list", select=["ID"], order={"ID": "asc"}, start=50).json()
    assert (ids(rest["result"]), "next" in rest) == (["51"], False)


def test_open_tasks_are_those_of_another_real_status(call: Call) -> None:
    """REAL_STATUS 2 to 6; tutorials/chat-bots/index.md: «!REAL_STATUS» takes a list."""
    for status in (2, 3, 4, 5, 6):
        call("tasks.task.add", fields={**CALL_BACK, "STATUS": status})
    assert ids(call("tasks.task.list", filter={"!REAL_STATUS": 5})) == ["5", "3", "2", "1"]
    assert ids(call("tasks.task.list", filter={"!REAL_STATUS": [4, 5]})) == ["5", "2", "1"]
    assert ids(call("tasks.task.list", filter={"UF_CRM_TASK": "CO_5", "REAL_STATUS": "5"})) == ["4"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"<DEADLINE": "2026-03-05T12:00:00+03:00"}, ["1"]),
        ({">=DEADLINE": "2026-03-05T09:00:00Z"}, ["2"]),
        ({"TITLE": "%езв%"}, ["2"]),
        ({"TITLE": "письмо"}, ["1"]),
        ({"RESPONSIBLE_ID": 3}, ["2"]),
        ({">ID": 1}, ["2"]),
        ({"<ID": 2}, ["1"]),
        ({"ID": [2, 7]}, ["2"]),
        ({"STATUS": -3}, ["1"]),
        ({"XML_ID": "7"}, ["2", "1"]),
    ],
)
def test_filters(world: World, call: Call, wanted: dict[str, Any], found: list[str]) -> None:
    """Documented prefixes; a name that is not documented, as XML_ID, filters nothing on a portal that is not strict."""
    call("tasks.task.add", fields={"TITLE": "Письмо", "RESPONSIBLE_ID": 2, "DEADLINE": "2026-03-03T11:00:00+03:00"})
    call("tasks.task.add", fields={"TITLE": "Перезвонить", "RESPONSIBLE_ID": 3, "DEADLINE": DEADLINE})
    world.portal.config.strict = "XML_ID" not in wanted
    assert ids(call("tasks.task.list", filter=wanted)) == found


def test_names_that_a_portal_ignores_are_refused(ask: Ask) -> None:
    """Strict mode; a field of the order is refused by the portal itself."""
    refused = [
        ask("tasks.task.list", filter={"XML_ID": "7"}),
        ask("tasks.task.list", select=["NAME"]),
        ask("tasks.task.add", fields={**CALL_BACK, "DEAL": 7}),
        ask("tasks.task.add", fields={**CALL_BACK, "UF_CRM_TASK": ["DEAL_10"]}),
    ]
    assert {answer.json()["error"] for answer in refused} == {"SANDBOX_STRICT"}
    assert ask("tasks.task.list", order={"UF_CRM_TASK": "asc"}).json()["error"] == "0"


@pytest.mark.parametrize(("zone", "hour"), [("user", 5), ("portal", 9), ("utc", 12)])
def test_a_moment_without_an_offset_is_somebodys(world: World, call: Call, zone: Any, hour: int) -> None:
    """Undocumented whose; captured: answers are in the zone of the person who asks, not in the portal's."""
    world.portal.users[1] = replace(world.portal.users[1], zone="Asia/Novosibirsk")
    world.portal.config.task_naive_in = zone
    call("tasks.task.add", fields={**CALL_BACK, "DEADLINE": "2026-03-05T12:00:00"})
    assert [task.deadline for task in world.portal.tasks] == [datetime(2026, 3, 5, hour, tzinfo=UTC)]


def test_moments_are_shown_in_the_zone_of_who_asks(world: World, call: Call) -> None:
    """Captured: `time` in +03:00 and the deadline in +04:00 of one answer."""
    world.portal.users[1] = replace(world.portal.users[1], zone="Europe/Samara")
    task = call("tasks.task.add", fields={**CALL_BACK, "DEADLINE": DEADLINE})["task"]
    assert task["deadline"] == "2026-03-05T13:00:00+04:00"
    assert call("profile")["TIME_ZONE"] == call("user.current")["TIME_ZONE"] == "Europe/Samara"


def test_a_completed_task_is_closed(world: World, ask: Ask, call: Call) -> None:
    """tasks/status/tasks-task-complete.md; what is under control waits for its creator (undocumented)."""
    call("tasks.task.add", fields=CALL_BACK)
    task = call("tasks.task.complete", taskId=1)["task"]
    assert (task["status"], task["closedBy"], task["action"]["complete"]) == ("5", "1", False)
    assert ask("tasks.task.complete", taskId=1).json()["error_description"] == "Action on the task is not allowed"
    renewed = call("tasks.task.update", taskId=1, fields={"STATUS": 3})["task"]
    assert (renewed["status"], renewed["closedDate"], renewed["closedBy"]) == ("3", None, "0")
    world.portal.tasks.add({"TITLE": "Отчёт", "RESPONSIBLE_ID": 1, "CREATED_BY": 2, "TASK_CONTROL": "Y"}, 2)
    assert call("tasks.task.complete", taskId=2)["task"]["status"] == "4"


def test_the_fields_are_described(call: Call) -> None:
    """tasks/tasks-task-get-fields.md."""
    fields = call("tasks.task.getFields")["fields"]
    assert (fields["UF_CRM_TASK"]["type"], fields["TITLE"]["required"]) == ("crm", True)
    assert sorted(fields["STATUS"]["values"]) == ["2", "3", "4", "5", "6"]


def test_tasks_in_a_batch(call: Call) -> None:
    """A new task's number for the next command, and lists with their totals."""
    answer = call(
        "batch",
        cmd={
            "add": "tasks.task.add?fields[TITLE]=A&fields[RESPONSIBLE_ID]=2&fields[UF_CRM_TASK][]=CO_5",
            "done": "tasks.task.complete?taskId=$result[add][task][id]",
            "list": "tasks.task.list?filter[UF_CRM_TASK]=CO_5&filter[!REAL_STATUS]=5",
        },
    )
    assert (answer["result"]["done"]["task"]["status"], answer["result_total"]) == ("5", {"list": 0})
    assert answer["result"]["list"] == {"tasks": []}


def test_the_second_generation_knows_no_idempotency(webhook: httpx.Client, world: World) -> None:
    """rest-v3.md: in the previous version of REST the header is ignored."""
    for _ in range(2):
        webhook.post("tasks.task.add", json={"fields": CALL_BACK}, headers={"Idempotency-Key": "k"})
    assert len(world.portal.tasks) == 2


def test_a_copy_that_lags_behind_does_not_know_the_task_yet(world: World, call: Call) -> None:
    """The fault `stale_read`, the trap of who looks for a task a moment after making it."""
    world.faults.order(Fault(kind="stale_read", methods="tasks.task.list", times=1, seconds=10))
    call("tasks.task.add", fields=CALL_BACK)
    assert [ids(call("tasks.task.list", filter={"UF_CRM_TASK": "D_10"})) for _ in range(2)] == [[], ["1"]]


def test_a_webhook_without_the_scope(world: World, ask: Ask) -> None:
    world.portal.config.scopes = ("crm",)
    assert ask("tasks.task.list").json()["error"] == "insufficient_scope"


def test_the_dump_tells_of_tasks(world: World, call: Call) -> None:
    call("tasks.task.add", fields={**CALL_BACK, "DEADLINE": DEADLINE})
    call("task.commentitem.add", TASKID=1, FIELDS={"POST_MESSAGE": "Не берёт трубку"})
    [task] = world.portal.dump()["tasks"]
    assert task == {
        **{"id": 1, "title": "Перезвонить", "creator": 1, "responsible": 2, "status": 2, "deadline": DEADLINE},
        **{"bindings": ["CO_5", "D_10"], "comments": ["Не берёт трубку"]},
    }


def test_a_hundred_thousand_tasks_are_light_and_found_at_once(world: World, call: Call) -> None:
    """Under 80 MB with their bindings; a filter by a binding looks at none of the others."""
    gc.collect()
    tracemalloc.start()
    for number in range(100_000):
        world.portal.tasks.add({"TITLE": f"Задача {number}", "RESPONSIBLE_ID": 2, "UF_CRM_TASK": (f"CO_{number}",)}, 1)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 80_000_000
    started = monotonic()
    cmd = {f"c{n}": f"tasks.task.list?filter[UF_CRM_TASK]=CO_{n * 1999}&filter[!REAL_STATUS]=5" for n in range(50)}
    assert set(call("batch", cmd=cmd)["result_total"].values()) == {1}
    assert monotonic() - started < 2
