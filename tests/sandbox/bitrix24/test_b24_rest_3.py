"""REST 3.0: tasks, one form for every answer and every error, and calls that may be repeated."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.world import World

CALL_BACK = {"title": "Перезвонить", "creatorId": 1, "responsibleId": 2, "crmItemIds": ["CO_5", "D_10"]}
VALIDATION = "VALIDATION_REQUESTVALIDATIONEXCEPTION"

Send = Callable[..., httpx.Response]


@pytest.fixture
def third(world: World, sandbox: str) -> Iterator[httpx.Client]:
    """A client of the new address of a portal that has it."""
    world.portal.config.rest_3 = True
    with httpx.Client(base_url=f"{sandbox}/rest/api/{WEBHOOK_USER}/{WEBHOOK_SECRET}/") as client:
        yield client


@pytest.fixture
def send(third: httpx.Client) -> Send:
    """send(method, key, **params): the answer to a JSON request, with the header unless the key is empty."""

    def send(method: str, key: str = "", **params: Any) -> httpx.Response:
        return third.post(method, json=params, headers={"Idempotency-Key": key} if key else {})

    return send


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"]).removeprefix("BITRIX_REST_V3_EXCEPTION_")


def said_of(answer: httpx.Response) -> dict[str, str]:
    """Of each field what is wrong with it."""
    assert (answer.status_code, code(answer)) == (400, VALIDATION)
    return {row["field"]: row["message"] for row in answer.json()["error"]["validation"]}


def test_a_portal_without_it_has_no_such_address(world: World, send: Send) -> None:
    world.portal.config.rest_3 = False
    answer = send("tasks.task.list")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_a_new_task_is_an_item(world: World, send: Send) -> None:
    """tasks-task-add-rest-v3.md: numbers and words; the people's numbers only by selection."""
    world.portal.users[1] = replace(world.portal.users[1], zone="Europe/Samara")
    body = send("tasks.task.add", fields={**CALL_BACK, "deadline": "2026-12-31T23:59:59+02:00"}).json()
    item = body["result"]["item"]
    assert (item["id"], item["status"], item["priority"], item["mark"]) == (1, "pending", "average", "none")
    assert (item["deadline"], item["crmItemIds"]) == ("2027-01-01T01:59:59+04:00", ["CO_5", "D_10"])
    assert "responsibleId" not in item
    assert type(body["time"]["start"]) is int


def test_both_generations_speak_of_the_same_task(world: World, send: Send, call: Callable[..., Any]) -> None:
    """What the new one wrote, the old one finds by its binding: the new list filters by id alone."""
    send("tasks.task.add", fields=CALL_BACK)
    [task] = call("tasks.task.list", filter={"UF_CRM_TASK": "CO_5"})["tasks"]
    assert (task["id"], task["title"], task["createdBy"]) == ("1", "Перезвонить", "1")
    assert send("tasks.task.update", id=1, fields={"status": "completed"}).json()["result"] == {"result": True}
    assert call("tasks.task.list", filter={"!REAL_STATUS": 5})["tasks"] == []
    assert send("tasks.task.delete", id=1).json()["result"] == {"result": True}
    assert len(world.portal.tasks) == 0


def test_a_selection_and_what_is_related(send: Send) -> None:
    """rest-v3.md#connection: a dot leads to another object; an unknown field of the task itself is left out."""
    send("tasks.task.add", fields=CALL_BACK)
    item = send("tasks.task.get", id=1, select=["responsibleId", "responsible.name", "chat.id", "nothing"]).json()
    assert item["result"]["item"] == {
        **{"id": 1, "responsibleId": 2, "responsible": {"name": "Иван Лебедев"}, "chat": {"id": 2001}}
    }
    assert code(send("tasks.task.get", id=1, select=["responsible.stageId"])) == "UNKNOWNDTOPROPERTYEXCEPTION"


def test_a_list_and_its_pages(send: Send) -> None:
    """tasks-task-list-rest-v3.md: only ids without a selection, up to 1000 a page, no total."""
    for number in range(5):
        send("tasks.task.add", fields={**CALL_BACK, "title": f"Задача {number}"})
    assert send("tasks.task.list").json()["result"] == {"items": [{"id": number} for number in range(1, 6)]}
    page = send("tasks.task.list", select=["title"], order={"id": "DESC"}, pagination={"page": 2, "limit": 2}).json()
    assert [row["id"] for row in page["result"]["items"]] == [3, 2]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([["id", ">", 3]], [4, 5]),
        ([["id", "between", [2, 3]]], [2, 3]),
        ([["id", 2]], [2]),
        ([["id", "!=", 2], {"logic": "or", "conditions": [["id", [1, 2]], ["id", ">=", 5]]}], [1, 5]),
    ],
)
def test_filters(world: World, send: Send, wanted: list[Any], found: list[int]) -> None:
    """rest-v3.md#filter."""
    for _ in range(5):
        world.portal.tasks.add({"TITLE": "x", "RESPONSIBLE_ID": 1}, 1)
    assert [row["id"] for row in send("tasks.task.list", filter=wanted).json()["result"]["items"]] == found


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"filter": [["nothing", "=", 1]]}, "UNKNOWNDTOPROPERTYEXCEPTION"),
        ({"filter": [["id", "~", 1]]}, "UNKNOWNFILTEROPERATOREXCEPTION"),
        ({"filter": [["title", "=", "x"]]}, VALIDATION),
        ({"filter": [["id", "=", "1"]]}, VALIDATION),
        ({"order": {"id": "UP"}}, "INVALIDORDEREXCEPTION"),
        ({"order": {"crmItemIds": "ASC"}}, "INVALIDORDEREXCEPTION"),
        ({"pagination": {"limit": "abc"}}, "INVALIDPAGINATIONEXCEPTION"),
        ({"pagination": {"limit": 0}}, "INVALIDPAGINATIONEXCEPTION"),
    ],
)
def test_lists_refused(send: Send, params: dict[str, Any], expected: str) -> None:
    """tasks-task-list-rest-v3.md: among the fields only id filters."""
    answer = send("tasks.task.list", **params)
    assert (answer.status_code, code(answer)) == (400, expected)


def test_validation_names_the_fields(world: World, send: Send) -> None:
    """tasks-task-{add,update}-rest-v3.md."""
    assert said_of(send("tasks.task.add")) == {"fields": "Required field `fields` is not specified"}
    assert sorted(said_of(send("tasks.task.add", fields={"deadline": "x"}))) == ["creatorId", "responsibleId", "title"]
    wrong = {**CALL_BACK, "deadline": "tomorrow", "responsibleId": 99, "crmItemIds": "CO_5"}
    assert said_of(send("tasks.task.add", fields=wrong)) == {
        "deadline": "Field `deadline` requires data type `DateTime` for this request",
        "crmItemIds": "Field `crmItemIds` requires data type `array` for this request",
        "responsibleId": 'User specified in the "Executor" field not found',
    }
    assert said_of(send("tasks.task.get", id="1")) == {"id": "Field `id` requires data type `int` for this request"}
    assert "Editable" in said_of(send("tasks.task.update", id=1, fields={"creatorId": 2}))["creatorId"]
    assert len(world.portal.tasks) == 0


def test_a_task_that_is_not_there(world: World, send: Send) -> None:
    """Read, it is not found; written, there is no access to it: 403 in the overview, 400 on the methods' pages."""
    missing = send("tasks.task.get", id=2)
    assert (missing.status_code, code(missing)) == (400, "ENTITYNOTFOUNDEXCEPTION")
    assert missing.json()["error"]["message"] == "Record with ID = `2` not found"
    for status in (403, 400):
        world.portal.config.rest_3_access_denied_status = status
        denied = send("tasks.task.delete", id=2)
        assert (denied.status_code, code(denied)) == (status, "ACCESSDENIEDEXCEPTION")


def test_only_json_is_read(third: httpx.Client) -> None:
    """rest-v3.md#call: a form is refused, the query string is not read."""
    assert code(third.post("tasks.task.get", data={"id": "1"})) == "INVALIDJSONEXCEPTION"
    broken = third.post("tasks.task.get", content=b"{", headers={"Content-Type": "application/json"})
    assert code(broken) == "INVALIDJSONEXCEPTION"
    assert said_of(third.get("tasks.task.get", params={"id": 1})) == {"id": "Required field `id` is not specified"}


def test_errors_of_the_transport_have_the_same_form(world: World, send: Send, third: httpx.Client) -> None:
    """A missing scope as documented; that limits and logins come so too is a guess."""
    world.portal.config.scopes = ("task",)
    refused = send("tasks.task.list")
    assert (refused.status_code, code(refused)) == (403, "INSUFFICIENTSCOPEEXCEPTION")
    assert code(send("crm.item.list")) == "ERROR_METHOD_NOT_FOUND"
    assert code(httpx.post(str(third.base_url).replace(WEBHOOK_SECRET, "x") + "tasks.task.list", json={})) == (
        "INVALID_CREDENTIALS"
    )
    world.portal.config.bucket_size = 0
    busy = send("tasks.task.list")
    assert (busy.status_code, code(busy)) == (503, "QUERY_LIMIT_EXCEEDED")


def test_work_is_counted(world: World, send: Send) -> None:
    """The limit of operating time is that of the method's name."""
    world.portal.config.costs = {"tasks.task.list": 480.0}
    assert send("tasks.task.list").json()["time"]["operating"] == 480.0
    refused = send("tasks.task.list")
    assert (refused.status_code, code(refused)) == (429, "OPERATION_TIME_LIMIT")


def test_a_repeated_call_is_answered_as_before(world: World, send: Send) -> None:
    """rest-v3.md#idempotency: the stored answer, although the task has changed since, and nothing is done."""
    first = send("tasks.task.add", "call-77", fields=CALL_BACK)
    send("tasks.task.update", id=1, fields={"title": "Другая"})
    again = send("tasks.task.add", "call-77", fields=CALL_BACK)
    assert (again.status_code, again.json()) == (200, first.json())
    assert [("Idempotent-Replayed" in answer.headers) for answer in (first, again)] == [False, True]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"] == "call-77"
    assert len(world.portal.tasks) == 1


def test_a_key_is_for_one_body_and_one_method(world: World, send: Send) -> None:
    """422 for another body; another method has keys of its own; reading methods have none."""
    send("tasks.task.add", "k", fields=CALL_BACK)
    reused = send("tasks.task.add", "k", fields={**CALL_BACK, "title": "Другая"})
    assert (reused.status_code, code(reused)) == (422, "IDEMPOTENCYKEYREUSEDEXCEPTION")
    assert send("tasks.task.delete", "k", id=1).json()["result"] == {"result": True}
    assert "Idempotent-Replayed" not in send("tasks.task.list", "k").headers
    assert len(world.portal.tasks) == 0


def test_failures_are_not_kept(world: World, send: Send) -> None:
    """The same key after an error runs the method again, with another body too."""
    assert send("tasks.task.add", "k", fields={**CALL_BACK, "responsibleId": 99}).status_code == 400
    assert send("tasks.task.add", "k", fields=CALL_BACK).status_code == 200
    assert len(world.portal.tasks) == 1


def test_a_key_is_forgotten_after_a_day(world: World, send: Send) -> None:
    """24 hours: from then on the same call makes a second task."""
    send("tasks.task.add", "k", fields=CALL_BACK)
    world.clock.advance(24 * 3600 - 1)
    assert "Idempotent-Replayed" in send("tasks.task.add", "k", fields=CALL_BACK).headers
    world.clock.advance(1)
    assert "Idempotent-Replayed" not in send("tasks.task.add", "k", fields=CALL_BACK).headers
    assert len(world.portal.tasks) == 2


@pytest.mark.parametrize("key", ["x" * 256, "ключ".encode(), "a\tb"])
def test_keys_that_cannot_be(third: httpx.Client, key: Any) -> None:
    """1 to 255 printable ASCII characters."""
    answer = third.post("tasks.task.add", json={"fields": CALL_BACK}, headers={"Idempotency-Key": key})
    assert (answer.status_code, code(answer)) == (400, "INVALIDIDEMPOTENCYKEYEXCEPTION")


def test_a_cut_call_is_repeated_without_harm(world: World, send: Send) -> None:
    """The answer was lost, not the task: the same key finds it."""
    world.faults.order(Fault(kind="cut_after", methods="tasks.task.add", times=1))
    with pytest.raises(httpx.TransportError):
        send("tasks.task.add", "k", fields=CALL_BACK)
    again = send("tasks.task.add", "k", fields=CALL_BACK)
    assert (again.json()["result"]["item"]["id"], len(world.portal.tasks)) == (1, 1)
    assert world.log.counters()["by_method"]["tasks.task.add"] == 2
    assert world.log.counters()["writes"] == 1


def test_a_call_repeated_too_early_runs_twice(world: World, send: Send) -> None:
    """rest-v3.md: of two requests with one key at the same time both may run. Later, there is one answer to repeat."""
    world.faults.order(Fault(kind="late_write", methods="tasks.task.add", times=1, seconds=30))
    with pytest.raises(httpx.TransportError):
        send("tasks.task.add", "k", fields=CALL_BACK)
    assert "Idempotent-Replayed" not in send("tasks.task.add", "k", fields=CALL_BACK).headers
    world.clock.advance(60)
    assert "Idempotent-Replayed" in send("tasks.task.add", "k", fields=CALL_BACK).headers
    assert len(world.portal.tasks) == 2


def test_faults_speak_its_language(world: World, send: Send) -> None:
    world.faults.order(Fault(kind="broken_after", methods="tasks.task.add", times=1))
    broken = send("tasks.task.add", fields=CALL_BACK)
    assert (broken.status_code, code(broken), len(world.portal.tasks)) == (500, "INTERNAL_SERVER_ERROR", 1)


def test_a_message_to_the_chat_is_a_comment(world: World, send: Send) -> None:
    """tasks-task-chat-message-send.md."""
    send("tasks.task.add", fields=CALL_BACK)
    answer = send("tasks.task.chat.message.send", fields={"taskId": 1, "text": "Не берёт трубку"})
    assert answer.json()["result"] == {"result": True}
    assert [row.text for row in world.portal.tasks.comments(1)] == ["Не берёт трубку"]
    assert sorted(said_of(send("tasks.task.chat.message.send", fields={}))) == ["taskId", "text"]


def test_an_application_shows_its_token_in_the_body(world: World, third: httpx.Client) -> None:
    """rest-v3.md#call: `auth` in the JSON, and keys of its own."""
    token = world.portal.applications.open(world.portal.applications.install(scopes=("tasks",)), user_id=2)
    address = str(third.base_url).partition("/rest/")[0] + "/rest/api/tasks.task.add"
    body = {"fields": CALL_BACK, "auth": token.access_token}
    assert code(httpx.post(address, json={"fields": CALL_BACK})) == "NO_AUTH_FOUND"
    for _ in range(2):
        httpx.post(address, json=body, headers={"Idempotency-Key": "k"}).raise_for_status()
    third.post("tasks.task.add", json={"fields": CALL_BACK}, headers={"Idempotency-Key": "k"}).raise_for_status()
    assert len(world.portal.tasks) == 2
