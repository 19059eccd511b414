"""Writes by REST 3.0: the key travels with each request, and what is written under it once is not written twice."""

import logging
from typing import TYPE_CHECKING, Any

import pytest

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import AccessDenied, AmbiguousWrite, NotSent, RequestRefused
from backoffice.bitrix24.rest_3 import KeyedWrites, KeyReused
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

ADD = "tasks.task.add"


@pytest.fixture(autouse=True)
def rest_3(world: World) -> None:
    world.portal.config.rest_3 = True


@pytest.fixture
def keyed(portal: Portal) -> KeyedWrites:
    return KeyedWrites(portal, lambda item: f"test {item}")


def _adding(*items: str, **fields: Any) -> list[Command[str]]:
    usual = {"title": "Позвонить", "creatorId": 1, "responsibleId": 2}
    return [Command(ADD, {"fields": {**usual, **fields}}, item) for item in items]


def _titles(world: World) -> list[str]:
    return [task.title for task in world.portal.tasks]


def test_each_command_is_a_request_with_its_key(keyed: KeyedWrites, wire: "Wire", world: World) -> None:
    """`/rest/api/{user}/{secret}/{method}`, without an extension; the answers are paired as in a batch."""
    result = keyed.batch(_adding("a", "b"))
    assert [(item, answer["item"]["id"]) for item, answer in result.done] == [("a", 1), ("b", 2)]
    assert [request.headers["Idempotency-Key"] for request in wire.sent] == ["test a", "test b"]
    assert {request.url.path for request in wire.sent} == {f"/rest/api/1/{WEBHOOK_SECRET}/{ADD}"}
    assert len(_titles(world)) == 2


def test_what_comes_twice_under_a_key_is_done_once(keyed: KeyedWrites, world: World) -> None:
    """With the answer of the first time."""
    first, second = keyed.batch(_adding("a")), keyed.batch(_adding("a"))
    assert first.done == second.done
    assert len(_titles(world)) == 1


def test_other_words_under_a_key_are_to_be_looked_up(keyed: KeyedWrites, world: World) -> None:
    """Something stands there; the others of the batch are written."""
    keyed.batch(_adding("a"))
    result = keyed.batch([*_adding("a", title="Иначе"), *_adding("b")])
    [(item, error)] = result.failed
    assert (item, type(error)) == ("a", KeyReused)
    assert [item for item, _ in result.done] == ["b"]
    assert _titles(world) == ["Позвонить", "Позвонить"]


def test_nothing_follows_a_request_without_an_answer(keyed: KeyedWrites, wire: "Wire", world: World) -> None:
    """Its outcome is unknown, the next ones were not sent; sent again under their keys, each is there once."""
    wire.plan(wire.cut_after)
    errors = dict(keyed.batch(_adding("a", "b")).failed)
    assert {item: type(error) for item, error in errors.items()} == {"a": AmbiguousWrite, "b": NotSent}
    assert keyed.batch(_adding("a", "b")).failed == []
    assert len(_titles(world)) == 2


def test_a_refusal_names_the_fields(keyed: KeyedWrites) -> None:
    """And does not stop the others."""
    result = keyed.batch([*_adding("a", responsibleId=99), *_adding("b")])
    [(_, error)] = result.failed
    assert isinstance(error, RequestRefused)
    assert "responsibleId" in error.description
    assert [item for item, _ in result.done] == ["b"]


def test_missing_rights_are_told_with_a_remedy(keyed: KeyedWrites, world: World) -> None:
    """The scope is another than that of REST 2.0."""
    world.portal.config.scopes = ("task", "crm")
    [(_, error)] = keyed.batch(_adding("a")).failed
    assert isinstance(error, AccessDenied)
    assert "отметьте недостающие права" in str(error)


def test_later_is_obeyed(keyed: KeyedWrites, world: World) -> None:
    """The request was not executed, so it is sent again; the guard is asked before each time."""
    world.faults.order(Fault(kind="busy", methods=ADD, times=2))
    asked: list[list[str]] = []
    assert keyed.batch(_adding("a"), asked.append).failed == []
    assert asked == [["a"]] * 3
    assert len(_titles(world)) == 1


def test_a_guard_holds_the_request_back(keyed: KeyedWrites, world: World) -> None:
    """As in a batch: nothing of it leaves, the next may."""

    def only_b(items: list[str]) -> None:
        if items != ["b"]:
            raise NotSent("not mine any more")

    result = keyed.batch(_adding("a", "b"), only_b)
    assert [item for item, _ in result.done] == ["b"]
    assert len(_titles(world)) == 1


@pytest.mark.parametrize("key", ["", "ключ", "a" * 256, "a\nb"])
def test_a_key_that_is_none_is_refused(portal: Portal, key: str) -> None:
    """By us, before anything is sent: without a key nothing protects the write."""
    with pytest.raises(ValueError, match="idempotency key"):
        KeyedWrites(portal, lambda _: key).batch(_adding("a"))


def test_the_secret_stays_hidden(
    keyed: KeyedWrites, wire: "Wire", webhook_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """In errors, and in what the connection logs of a renamed portal's answer."""
    caplog.set_level(logging.DEBUG)
    wire.plan(wire.cut_after)
    [(_, error)] = keyed.batch(_adding("a")).failed
    path = f"/rest/api/1/{WEBHOOK_SECRET}/{ADD}"
    logging.getLogger("httpcore.http11").debug("Location: %s", f"https://new.example{path}")
    assert WEBHOOK_SECRET not in str(error) + caplog.text
    assert "/rest/api/1/***" in caplog.text


def test_a_renamed_portal_is_followed(keyed: KeyedWrites, sandbox: str, world: World, wire: "Wire") -> None:
    """The body, the path and the key go to the new host; the request is executed once."""
    elsewhere = f"{sandbox.replace('127.0.0.1', 'localhost')}/rest/api/1/{WEBHOOK_SECRET}/{ADD}"
    wire.plan(wire.answers(302, "", Location=elsewhere))
    assert keyed.batch(_adding("a")).failed == []
    assert (wire.sent[-1].url.host, wire.sent[-1].headers["Idempotency-Key"]) == ("localhost", "test a")
    assert len(_titles(world)) == 1
