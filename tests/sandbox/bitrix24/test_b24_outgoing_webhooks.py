"""Outgoing webhooks, received by a real HTTP server."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest

from backoffice.sandbox.bitrix24.config import APPLICATION_TOKEN
from backoffice.sandbox.world import World

Call = Callable[..., Any]
Received = list[dict[str, str]]


class Receiver(ThreadingHTTPServer):
    """Keeps the forms posted to it and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Form)
        self.forms: Received = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/bitrix24"


class _Form(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.forms.append(dict(parse_qsl(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_change_is_told_as_a_form_with_the_id_only(world: World, call: Call, receiver: Receiver) -> None:
    """local-integrations/local-webhooks.md, events/index.md: PHP brackets, application_token, no values."""
    world.portal.hooks.configure(receiver.url)
    call("crm.contact.add", fields={"NAME": "Анна"})
    world.portal.hooks.wait()
    [form] = receiver.forms
    assert form["event"] == "ONCRMCONTACTADD"
    assert form["data[FIELDS][ID]"] == "1"
    assert form["auth[application_token]"] == APPLICATION_TOKEN
    assert form["ts"] == str(int(world.clock.now().timestamp()))
    assert not any("Анна" in value for value in form.values())


def test_only_the_wanted_events_come(world: World, call: Call, receiver: Receiver) -> None:
    """local-integrations/local-webhooks.md: events are chosen in the interface."""
    world.portal.hooks.configure(receiver.url, frozenset({"onCrmContactDelete"}))
    call("crm.contact.add", fields={"NAME": "Анна"})
    call("crm.contact.update", id=1, fields={"NAME": "Олег"})
    call("crm.contact.delete", id=1)
    world.portal.hooks.wait()
    assert [form["event"] for form in receiver.forms] == ["ONCRMCONTACTDELETE"]


def test_an_event_that_failed_is_lost(world: World, call: Call, receiver: Receiver) -> None:
    """events/index.md: no retry."""
    receiver.status = 500
    world.portal.hooks.configure(receiver.url)
    world.portal.hooks.configure("http://127.0.0.1:9/nobody")
    call("crm.contact.add", fields={"NAME": "Анна"})
    world.portal.hooks.wait()
    assert sorted(delivery.status for delivery in world.portal.hooks.deliveries) == [0, 500]
    assert len(receiver.forms) == 1


def test_a_universal_update_that_changes_nothing_is_silent(world: World, call: Call, receiver: Receiver) -> None:
    """crm/universal/crm-item-update.md: unchanged values are not saved."""
    call("crm.contact.add", fields={"NAME": "Анна"})
    world.portal.hooks.configure(receiver.url)
    call("crm.item.update", entityTypeId=3, id=1, fields={"name": "Анна"})
    world.portal.hooks.wait()
    assert receiver.forms == []


def test_a_change_of_funnel_is_silent(world: World, call: Call, receiver: Receiver) -> None:
    """crm/deals/events/index.md: no ONCRMDEALUPDATE; ONCRMDEALMOVETOCATEGORY goes to applications only."""
    call("crm.category.add", entityTypeId=2, fields={"name": "Курсы"})
    call("crm.deal.add", fields={"TITLE": "Курс"})
    world.portal.hooks.configure(receiver.url)
    call("crm.item.update", entityTypeId=2, id=1, fields={"categoryId": 1})
    world.portal.hooks.wait()
    assert receiver.forms == []


def test_activities_are_told_of(world: World, call: Call, receiver: Receiver) -> None:
    """crm/timeline/activities/events/*: added, changed, deleted, each with its id."""
    call("crm.deal.add", fields={"TITLE": "Курс"})
    world.portal.hooks.configure(receiver.url)
    call("crm.activity.todo.add", ownerTypeId=2, ownerId=1, deadline="2026-03-03T18:00:00+03:00", title="Позвонить")
    call("crm.activity.update", id=1, fields={"COMPLETED": "Y"})
    call("crm.deal.delete", id=1)
    world.portal.hooks.wait()
    told = [(form["event"], form["data[FIELDS][ID]"]) for form in receiver.forms]
    activity = [(f"ONCRMACTIVITY{what}", "1") for what in ("ADD", "UPDATE", "DELETE")]
    assert told == [*activity, ("ONCRMDEALDELETE", "1")]


def test_tasks_tell_what_was_before_and_after(world: World, call: Call, receiver: Receiver) -> None:
    """tasks/events-tasks/on-task-{add,update,delete}.md: ids, and `undefined` for what is not there."""
    world.portal.hooks.configure(receiver.url, frozenset({"OnTaskAdd", "OnTaskUpdate", "OnTaskDelete"}))
    call("tasks.task.add", fields={"TITLE": "Перезвонить", "RESPONSIBLE_ID": 2})
    call("tasks.task.update", taskId=1, fields={"STATUS": 5})
    call("tasks.task.delete", taskId=1)
    world.portal.hooks.wait()
    before, after = "data[FIELDS_BEFORE]", "data[FIELDS_AFTER]"
    assert [form["event"] for form in receiver.forms] == ["ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE"]
    assert [form.get(before, form.get(f"{before}[ID]")) for form in receiver.forms] == ["undefined", "1", "1"]
    assert [form.get(after, form.get(f"{after}[ID]")) for form in receiver.forms] == ["1", "1", "undefined"]
    assert [form["data[IS_ACCESSIBLE_AFTER]"] for form in receiver.forms] == ["undefined", "undefined", "N"]
