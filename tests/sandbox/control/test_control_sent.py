"""`/_sandbox/mail` and `/_sandbox/sms`: what was sent, and what becomes of it."""

import httpx
import pytest

from backoffice.sandbox.world import World

LETTER = {
    "via": "smtp",
    "from": "info@example.org",
    "to": ["anna@example.org"],
    "subject": "Завтра занятие",
    "text": "Ждём",
    "html": "",
    "message_id": "<1@example.org>",
}


@pytest.fixture
def sent(world: World) -> None:
    """Two letters and a text message."""
    for name in ("boris", "anna"):
        world.mailbox.receive(
            "smtp", "info@example.org", (f"{name}@example.org",), "Завтра занятие", "Ждём", message_id="<1@example.org>"
        )
    world.sms.take("sms.ru", "+79990000101", "Ждём")


@pytest.mark.usefixtures("sent")
def test_letters_are_told_as_they_arrived(control: httpx.Client) -> None:
    """With times also numbered."""
    assert [letter["to"] for letter in control.get("mail").json()["letters"]] == [
        ["boris@example.org"],
        ["anna@example.org"],
    ]
    with_times = control.get("mail", params={"with_times": 1}).json()["letters"]
    assert [(letter["id"], letter["to"]) for letter in with_times] == [
        (1, ["boris@example.org"]),
        (2, ["anna@example.org"]),
    ]
    assert with_times[0]["at"] == "2026-03-02T09:00:00+00:00"


@pytest.mark.usefixtures("sent")
def test_letters_of_one_addressee(control: httpx.Client) -> None:
    """In any letter case."""
    assert control.get("mail", params={"to": "Anna@Example.org"}).json() == {"letters": [LETTER]}


@pytest.mark.usefixtures("sent")
def test_a_status_of_a_message_is_moved(control: httpx.Client) -> None:
    """By the id that its provider gave; without times that id is left out."""
    [sms] = control.get("sms", params={"to": "+79990000101", "with_times": 1}).json()["messages"]
    control.post("sms", json={"provider_id": sms["provider_id"], "status": "delivered"})
    [moved] = control.get("sms").json()["messages"]
    assert (moved["status"], "provider_id" in moved) == ("delivered", False)
    answer = control.post("sms", json={"provider_id": "7", "status": "delivered"})
    assert (answer.status_code, "'7'" in answer.json()["error"]) == (400, True)


@pytest.mark.usefixtures("sent")
def test_the_dump_has_what_was_sent(control: httpx.Client) -> None:
    """In an order that does not depend on the arrival; a reset empties it."""
    dump = control.get("dump").json()
    assert [letter["to"] for letter in dump["mail"]] == [["anna@example.org"], ["boris@example.org"]]
    assert len(dump["sms"]) == 1
    control.post("reset")
    empty = control.get("dump").json()
    assert (empty["mail"], empty["sms"]) == ([], [])


@pytest.mark.usefixtures("sent")
def test_mail_and_messages_are_cleared_alone(control: httpx.Client, world: World) -> None:
    """The money comes back with the messages."""
    control.post("sms/balance", json={"balance": "3.00"})
    control.post("mail/clear")
    assert (len(world.mailbox.letters), len(world.sms.messages), str(world.sms.balance)) == (0, 1, "3.00")
    control.post("sms/clear")
    assert (world.sms.messages, str(world.sms.balance)) == ([], "1000.00")
