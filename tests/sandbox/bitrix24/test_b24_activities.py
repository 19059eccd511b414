"""Activities of the CRM, and the e-mails that leave as their side effect."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]

SENDER = "Мария Орлова <orlova@sandbox.example>"
EMAIL: dict[str, Any] = {
    "OWNER_TYPE_ID": 2,
    "OWNER_ID": 1,
    "TYPE_ID": 4,
    "SUBJECT": "Занятие завтра",
    "DESCRIPTION": "<p>Ждём вас</p>",
    "DESCRIPTION_TYPE": 3,
    "DIRECTION": 2,
    "COMPLETED": "Y",
    "RESPONSIBLE_ID": 2,
    "COMMUNICATIONS": [{"VALUE": "anna@example.org", "ENTITY_ID": 1, "ENTITY_TYPE_ID": 3}],
    "SETTINGS": {"MESSAGE_FROM": SENDER, "DISABLE_SENDING_MESSAGE_COPY": "Y"},
}
TO_DO = {"ownerTypeId": 2, "ownerId": 1, "deadline": "2026-03-03T18:00:00+03:00", "title": "Позвонить"}


@pytest.fixture(autouse=True)
def pupil(call: Call) -> None:
    """Contact 1, Анна, and her deal 1."""
    email = [{"VALUE": "anna@example.org", "VALUE_TYPE": "WORK"}]
    call("crm.contact.add", fields={"NAME": "Анна", "LAST_NAME": "Кузнецова", "EMAIL": email})
    call("crm.deal.add", fields={"TITLE": "Курс", "CONTACT_ID": 1})


@pytest.fixture
def subjects(call: Call) -> Callable[..., list[str]]:
    """subjects(**filter): what the activities found are called, by id."""
    return lambda **wanted: [
        row["SUBJECT"] for row in call("crm.activity.list", filter=wanted, order={"ID": "ASC"}, select=["SUBJECT"])
    ]


def refusal(answer: httpx.Response) -> str:
    """The text of a refusal: activities have no codes of errors."""
    assert (answer.status_code, answer.json()["error"]) == (400, "")
    return str(answer.json()["error_description"])


def test_a_completed_outgoing_email_leaves(world: World, call: Call) -> None:
    """tutorials/crm/how-to-add-crm-objects/how-to-send-email.md: to COMMUNICATIONS, from SETTINGS.MESSAGE_FROM."""
    assert call("crm.activity.add", fields=EMAIL) == 1
    [letter] = world.mailbox.letters
    assert (letter.via, letter.sender, letter.recipients) == ("portal", SENDER, ("anna@example.org",))
    assert (letter.subject, letter.text, letter.html) == ("Занятие завтра", "", "<p>Ждём вас</p>")


@pytest.mark.parametrize("change", [{"TYPE_ID": 2}, {"DIRECTION": 1}, {"COMPLETED": "N"}])
def test_without_any_of_the_three_conditions_nothing_leaves(world: World, call: Call, change: dict[str, Any]) -> None:
    """how-to-send-email.md: the activity appears, the e-mail is not sent; an update sends nothing either."""
    added = call("crm.activity.add", fields={**EMAIL, **change})
    call("crm.activity.update", id=added, fields={"COMPLETED": "Y", "DIRECTION": 2})
    assert call("crm.activity.get", id=added)["COMPLETED"] == "Y"
    assert world.mailbox.letters == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"COMMUNICATIONS": [{"VALUE": "не адрес"}]}, 'Email send error. "To" is not found'),
        ({"COMMUNICATIONS": [{"VALUE": "anna@example.org"}, {"VALUE": "anna@"}]}, "Email send error. Invalid email"),
        ({"SETTINGS": {"MESSAGE_FROM": "Учебный центр"}}, "Email send error. Invalid email is specified"),
        ({"SETTINGS": []}, 'Email send error. "From" is not found'),
    ],
)
def test_an_error_of_sending_comes_after_the_activity(
    world: World, ask: Ask, call: Call, change: dict[str, Any], text: str
) -> None:
    """how-to-send-email.md: «The activity was created, the e-mail was not sent»."""
    world.portal.config.employees_have_mailboxes = False
    assert refusal(ask("crm.activity.add", fields={**EMAIL, **change})).startswith(text)
    assert world.mailbox.letters == []
    assert call("crm.activity.get", id=1)["SUBJECT"] == "Занятие завтра"


def test_the_sender_is_the_employee_or_the_common_mailbox(world: World, call: Call) -> None:
    """how-to-send-email.md: without MESSAGE_FROM the employee's mailbox, then the shared one; a copy to the sender."""
    world.portal.config.crm_mailbox = "info@example.org"
    call("crm.activity.add", fields={**EMAIL, "SETTINGS": []})
    world.portal.config.employees_have_mailboxes = False
    call("crm.activity.add", fields={**EMAIL, "SETTINGS": []})
    assert [(letter.sender, letter.recipients) for letter in world.mailbox.letters] == [
        ("Иван Лебедев <lebedev@sandbox.example>", ("anna@example.org",)),
        ("Иван Лебедев <lebedev@sandbox.example>", ("lebedev@sandbox.example",)),
        ("info@example.org", ("anna@example.org",)),
        ("info@example.org", ("info@example.org",)),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "html"),
    [(1, "[b]<p>[/b]", ""), (2, "[b]<p>[/b]", "<b>&lt;p&gt;</b>"), (3, "", "[b]<p>[/b]")],
)
def test_the_text_is_read_by_its_type(world: World, call: Call, kind: int, text: str, html: str) -> None:
    """crm/data-types.md#activity-enums: 1 plain, 2 BB codes, 3 HTML."""
    call("crm.activity.add", fields={**EMAIL, "DESCRIPTION": "[b]<p>[/b]", "DESCRIPTION_TYPE": kind})
    assert [(letter.text, letter.html) for letter in world.mailbox.letters] == [(text, html)]


def test_html_may_have_the_number_of_the_tutorial(world: World, call: Call) -> None:
    """how-to-send-email.md says 2 HTML, 3 BB codes: a portal that does so shows the tags to the client."""
    world.portal.config.html_content_type = 2
    call("crm.activity.add", fields=EMAIL)
    assert world.mailbox.letters[0].html == "&lt;p&gt;Ждём вас&lt;/p&gt;"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"SUBJECT": ""}, "The field SUBJECT is not defined or empty"),
        ({"TYPE_ID": 7}, "The field TYPE_ID is not defined or invalid"),
        ({"TYPE_ID": 3}, 'The activity type "3" is not supported in current context'),
        ({"TYPE_ID": 6}, "The custom activity without provider is not supported in current context"),
        ({"COMMUNICATIONS": []}, "The field COMMUNICATIONS is not defined or invalid"),
        ({"COMMUNICATIONS": [{"VALUE": "a@example.org", "TYPE": "IM"}]}, "The field COMMUNICATIONS is not defined"),
        ({"OWNER_ID": 9}, "Could not find 'DEAL' with ID: 9"),
        ({"OWNER_ID": 0, "COMMUNICATIONS": [{"VALUE": "a@example.org"}]}, "Could not build binding."),
        ({"TYPE_ID": 1, "COMMUNICATIONS": [{"VALUE": "1"}, {"VALUE": "2"}]}, "The only one communication is allowed"),
    ],
)
def test_what_is_not_an_activity_is_refused(world: World, ask: Ask, change: dict[str, Any], text: str) -> None:
    """crm-activity-add.md, how-to-add-activity-to-contact.md: texts without codes, nothing is created."""
    assert refusal(ask("crm.activity.add", fields={**EMAIL, **change})).startswith(text)
    assert (world.portal.dump()["activities"], world.mailbox.letters) == ([], [])


def test_the_owner_and_the_responsible_person_may_be_found_by_the_portal(call: Call) -> None:
    """how-to-add-activity-to-contact.md: the first communication's object, the object's responsible person."""
    fields = {name: value for name, value in EMAIL.items() if name not in {"OWNER_ID", "RESPONSIBLE_ID"}}
    card = call("crm.activity.get", id=call("crm.activity.add", fields=fields))
    assert (card["OWNER_TYPE_ID"], card["OWNER_ID"], card["RESPONSIBLE_ID"]) == ("3", "1", "1")


def test_a_card_is_all_text(call: Call) -> None:
    """crm-activity-get.md: numbers as text, an empty object as [], COMMUNICATIONS not shown."""
    times = {"START_TIME": "2026-03-03T10:00:00+03:00", "END_TIME": "2026-03-03T11:00:00+03:00"}
    origin = {"ORIGINATOR_ID": "backoffice", "ORIGIN_ID": "lesson:1"}
    card = call("crm.activity.get", id=call("crm.activity.add", fields={**EMAIL, **times, **origin}))
    expected = {"ID": "1", "TYPE_ID": "4", "STATUS": "2", "DIRECTION": "2", "PROVIDER_ID": "CRM_EMAIL"}
    expected |= {"DEADLINE": "2026-03-03T10:00:00+03:00", "CREATED": "2026-03-02T12:00:00+03:00", **times, **origin}
    assert expected.items() <= card.items()
    assert card["SETTINGS"]["MESSAGE_FROM"] == SENDER
    assert (card["PROVIDER_PARAMS"], "COMMUNICATIONS" in card) == ([], False)


def test_communications_come_only_if_selected(call: Call) -> None:
    """crm-activity-list.md: with whose address it is."""
    call("crm.activity.add", fields=EMAIL)
    assert "COMMUNICATIONS" not in call("crm.activity.list")[0]
    [row] = call("crm.activity.list", select=["ID", "COMMUNICATIONS", "BINDINGS"])
    [reached] = row["COMMUNICATIONS"]
    assert (reached["TYPE"], reached["VALUE"], reached["ENTITY_ID"]) == ("EMAIL", "anna@example.org", "1")
    assert reached["ENTITY_SETTINGS"]["LAST_NAME"] == "Кузнецова"
    bindings = [{"OWNER_TYPE_ID": "2", "OWNER_ID": "1"}, {"OWNER_TYPE_ID": "3", "OWNER_ID": "1"}]
    assert (row["ID"], row["BINDINGS"]) == ("1", bindings)


def test_the_list_is_filtered_and_by_start_unless_asked(call: Call, subjects: Callable[..., list[str]]) -> None:
    """crm-activity-list.md: by START_TIME; owner, type, origin, subject."""
    for day, origin in (("04", "b"), ("03", "a")):
        fields = {"SUBJECT": f"Письмо {origin}", "ORIGIN_ID": origin, "START_TIME": f"2026-03-{day}T10:00:00+03:00"}
        call("crm.activity.add", fields={**EMAIL, **fields})
    call("crm.activity.todo.add", **TO_DO)
    rows = call("crm.activity.list", filter={"OWNER_TYPE_ID": 2, "OWNER_ID": [1], "TYPE_ID": 4})
    assert [row["ORIGIN_ID"] for row in rows] == ["a", "b"]
    assert subjects(ORIGIN_ID=["a"]) == subjects(SUBJECT="Письмо a") == ["Письмо a"]
    assert subjects(COMPLETED="N") == ["Позвонить"]
    assert subjects(OWNER_TYPE_ID=2, OWNER_ID=7) == []


def test_a_portal_may_ignore_some_filters(world: World, call: Call, subjects: Callable[..., list[str]]) -> None:
    """Undocumented, hence switches: then everything comes."""
    config = world.portal.config
    config.activity_list_finds_origins = config.activity_list_finds_subjects = False
    call("crm.activity.add", fields=EMAIL)
    assert subjects(ORIGIN_ID="no such") == subjects(SUBJECT="no such") == ["Занятие завтра"]


def test_bindings_find_what_is_owned_by_another(call: Call) -> None:
    """crm-activity-list.md: an activity that fits two pairs comes twice."""
    call("crm.activity.add", fields=EMAIL)
    pairs = [{"OWNER_TYPE_ID": 2}, {"OWNER_TYPE_ID": 3, "OWNER_ID": 1}]
    assert call("crm.activity.list", filter={"OWNER_TYPE_ID": 3}) == []
    assert [row["ID"] for row in call("crm.activity.list", filter={"BINDINGS": pairs})] == ["1", "1"]


def test_changes_and_deletions(world: World, ask: Ask, call: Call) -> None:
    """crm-activity-update.md, -delete.md: true; owner and type stay; a missing one is told in words."""
    call("crm.activity.add", fields=EMAIL)
    assert call("crm.activity.update", id=1, fields={"SUBJECT": "Иначе", "OWNER_ID": 7, "TYPE_ID": 1}) is True
    [kept] = world.portal.dump()["activities"]
    assert (kept["subject"], kept["owner_id"], kept["type_id"]) == ("Иначе", 1, 4)
    assert call("crm.activity.delete", id=1) is True
    for method in ("get", "delete"):
        assert refusal(ask(f"crm.activity.{method}", id=1)) == "Activity is not found"


def test_the_fields_are_described(call: Call) -> None:
    """crm-activity-fields.md."""
    fields = call("crm.activity.fields")
    assert fields["OWNER_ID"]["isImmutable"]
    assert (fields["COMMUNICATIONS"]["isMultiple"], fields["COMMUNICATIONS"]["isRequired"]) == (True, True)
    assert fields["DESCRIPTION_TYPE"]["type"] == "crm_enum_contenttype"


def test_a_misspelt_name_is_told(ask: Ask) -> None:
    """Strict mode: a portal would ignore it without a word."""
    assert ask("crm.activity.add", fields={**EMAIL, "SUBJEKT": "x"}).json()["error"] == "SANDBOX_STRICT"
    assert ask("crm.activity.list", filter={"COMMUNICATIONS": "x"}).json()["error"] == "SANDBOX_STRICT"


def test_a_deleted_deal_takes_what_is_bound_to_nothing_else(call: Call, subjects: Callable[..., list[str]]) -> None:
    """crm/deals/crm-deal-delete.md: what is linked to other objects too only loses this link."""
    call("crm.activity.add", fields=EMAIL)
    call("crm.activity.todo.add", **TO_DO)
    call("crm.deal.delete", id=1)
    assert subjects() == subjects(OWNER_TYPE_ID=3, OWNER_ID=1) == ["Занятие завтра"]
    call("crm.contact.delete", id=1)
    assert subjects() == []


def test_a_merged_contact_brings_its_activities(call: Call, subjects: Callable[..., list[str]]) -> None:
    """As links and comments: they pass to the one that stays."""
    call("crm.contact.add", fields={"NAME": "Анна"})
    call("crm.activity.todo.add", **{**TO_DO, "ownerTypeId": 3, "ownerId": 2})
    call("crm.entity.mergeBatch", params={"entityTypeId": 3, "entityIds": [1, 2]})
    assert subjects(OWNER_TYPE_ID=3, OWNER_ID=1) == ["Позвонить"]


def test_a_thing_to_do_is_an_activity(call: Call) -> None:
    """crm/timeline/activities/todo/crm-activity-todo-{add,update,update-deadline}.md."""
    assert call("crm.activity.todo.add", **TO_DO, responsibleId=3, pingOffsets=[0, 15]) == {"id": 1}
    later = {"ownerTypeId": 2, "ownerId": 1, "id": 1}
    assert call("crm.activity.todo.updateDeadline", **later, value="2026-03-04T18:00:00+03:00") == {"id": 1}
    card = call("crm.activity.get", id=1)
    assert (card["TYPE_ID"], card["PROVIDER_ID"], card["RESPONSIBLE_ID"]) == ("6", "CRM_TODO", "3")
    assert (card["SUBJECT"], card["DEADLINE"]) == ("Позвонить", "2026-03-04T18:00:00+03:00")
    call("crm.activity.todo.update", **{**TO_DO, "id": 1, "title": "Написать"})
    assert call("crm.activity.get", id=1)["SUBJECT"] == "Написать"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ownerId": ""}, 100),
        ({"deadline": ""}, 100),
        ({"deadline": "завтра"}, "WRONG_DATETIME_FORMAT"),
        ({"ownerId": 7}, "NOT_FOUND"),
        ({"ownerTypeId": 77}, "OWNER_NOT_FOUND"),
    ],
)
def test_a_thing_to_do_needs_an_object_and_a_day(ask: Ask, change: dict[str, Any], code: str | int) -> None:
    """crm-activity-todo-add.md: its errors have codes."""
    assert ask("crm.activity.todo.add", **{**TO_DO, **change}).json()["error"] == code


def test_a_finished_thing_cannot_be_put_off(ask: Ask, call: Call) -> None:
    """crm-activity-todo-update-deadline.md: CAN_NOT_UPDATE_COMPLETED_TODO."""
    call("crm.activity.todo.add", **TO_DO)
    call("crm.activity.update", id=1, fields={"COMPLETED": "Y"})
    answer = ask("crm.activity.todo.update", **TO_DO, id=1)
    assert answer.json()["error"] == "CAN_NOT_UPDATE_COMPLETED_TODO"


def test_equal_histories_give_equal_dumps(world: World, call: Call) -> None:
    """What the control address shows does not depend on the moment."""
    call("crm.activity.add", fields=EMAIL)
    world.clock.advance(60)
    call("crm.activity.add", fields=EMAIL)
    first, second = world.portal.dump()["activities"]
    assert {**first, "id": 2} == second
    assert (first["bindings"], first["to"]) == ([[2, 1], [3, 1]], ["anna@example.org"])


def test_thousands_do_not_slow_the_search_by_owner(world: World, call: Call) -> None:
    """A hundred searches among ten thousand take less than a look at all of them each would."""
    deals = [call("crm.deal.add", fields={"TITLE": "Курс"}) for _ in range(10)]
    activities, moment = world.portal.crm.activities, world.clock.now()
    for number in range(10_000):
        owner = deals[0] if number else deals[1]
        values = {"OWNER_TYPE_ID": 2, "OWNER_ID": owner, "TYPE_ID": 6, "SUBJECT": "x", "START_TIME": moment}
        activities.add({**values, "PROVIDER_ID": "CRM_TODO", "RESPONSIBLE_ID": 1}, 1)
    started = time.perf_counter()
    for _ in range(100):
        assert len(activities.table.having("OWNER_ID", deals[1])) == 1
    assert time.perf_counter() - started < 0.1
    wanted = {"OWNER_TYPE_ID": 2, "OWNER_ID": deals[1]}
    assert [row["ID"] for row in call("crm.activity.list", filter=wanted, select=["ID"])] == ["1"]
