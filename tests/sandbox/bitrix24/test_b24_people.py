"""Users, notifications, comments, service methods."""

from collections.abc import Callable
from typing import Any

import httpx

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


def test_active_is_a_real_boolean(call: Call) -> None:
    """user/user-get.md: ACTIVE true, ids as text."""
    [user] = call("user.get", FILTER={"ACTIVE": True, "ID": 1})
    assert (user["ID"], user["ACTIVE"]) == ("1", True)
    assert call("user.current") == user


def test_who_has_left_is_shown_too(call: Call) -> None:
    """user/user-get.md: ACTIVE true excludes the dismissed, no filter does not; filters have their prefixes."""
    wanted: tuple[dict[str, Any], ...] = (
        {},
        {"ACTIVE": True},
        {"ACTIVE": False},
        {"!ACTIVE": "Y"},
        {">ID": 2, "ACTIVE": "Y"},
        {"@ID": [1, 4]},
    )
    found = [[user["ID"] for user in call("user.get", FILTER=one)] for one in wanted]
    assert found == [["1", "2", "3", "4"], ["1", "2", "3"], ["4"], ["4"], ["3"], ["1", "4"]]
    by_name = call("user.get", sort="LAST_NAME", order="DESC", select=["LAST_NAME", "ACTIVE", "NOTHING"])
    assert [user["LAST_NAME"] for user in by_name] == ["Седов", "Орлова", "Лебедев", "Зимина"]
    assert by_name[0] == {"ACTIVE": False, "LAST_NAME": "Седов"}


def test_a_notification_with_the_same_tag_replaces_the_earlier_one(world: World, call: Call) -> None:
    """chats/notifications/im-notify-personal-add.md: through a webhook TAG works only with CLIENT_ID."""
    for message in ("one", "two"):
        call("im.notify.personal.add", USER_ID=1, MESSAGE=message, TAG="import", CLIENT_ID="backoffice")
        call("im.notify.system.add", USER_ID=2, MESSAGE=message, TAG="import")
    shown = [(row["user"], row["message"]) for row in world.portal.dump()["notifications"]]
    assert shown == [(2, "one"), (1, "two"), (2, "two")]


def test_a_tag_belongs_to_who_sends(world: World, call: Call) -> None:
    """im-notify-personal-add.md: «unique within the application»; whether one for every employee is undocumented."""
    tagged = {"MESSAGE": "x", "TAG": "import"}
    for user, client in ((1, "backoffice"), (1, "другая программа"), (2, "backoffice")):
        call("im.notify.system.add", USER_ID=user, CLIENT_ID=client, **tagged)
    assert [row["user"] for row in world.portal.dump()["notifications"]] == [1, 1, 2]
    world.portal.config.notification_tags = "per_portal"
    call("im.notify.system.add", USER_ID=3, CLIENT_ID="backoffice", **tagged)
    assert [row["user"] for row in world.portal.dump()["notifications"]] == [1, 3]


def test_nobody_cannot_be_notified(ask: Ask, call: Call) -> None:
    """chats/notifications/im-notify-personal-add.md: USER_ID_EMPTY; false for a failure."""
    assert ask("im.notify.personal.add", MESSAGE="x").json()["error"] == "USER_ID_EMPTY"
    assert ask("im.notify.personal.add", USER_ID=1, MESSAGE=" ").json()["error"] == "MESSAGE_EMPTY"
    oversize = ask("im.notify.personal.add", USER_ID=1, MESSAGE="x", ATTACH="x" * 60_001)
    assert oversize.json()["error"] == "ATTACH_OVERSIZE"
    assert call("im.notify.personal.add", USER_ID=99, MESSAGE="x") is False


def test_comments_of_an_object(ask: Ask, call: Call) -> None:
    """crm/timeline/comments/crm-timeline-comment-add.md and -list.md."""
    call("crm.contact.add", fields={"NAME": "Анна"})
    comment = {"ENTITY_TYPE": "contact", "ENTITY_ID": 1, "COMMENT": "Позвонить"}
    call("crm.timeline.comment.add", fields=comment)
    rows = call(
        "crm.timeline.comment.list", filter={"ENTITY_TYPE": "contact", "ENTITY_ID": 1}, select=["ID", "COMMENT"]
    )
    assert rows == [{"ID": "1", "COMMENT": "Позвонить"}]
    stranger = ask("crm.timeline.comment.add", fields={**comment, "ENTITY_ID": 7})
    assert stranger.json()["error"] == "OWNER_NOT_FOUND"


def test_comments_come_in_pages_and_in_an_order(world: World, ask: Ask, call: Call) -> None:
    """crm-timeline-comment-list.md: 50 a page; ID, CREATED and AUTHOR_ID order, anything else does not."""
    call("crm.deal.add", fields={"TITLE": "Курс"})
    for number in range(60):
        world.portal.crm.comment("deal", 1, f"Запись {number}", 1)
    wanted = {"filter": {"ENTITY_TYPE": "deal", "ENTITY_ID": 1}, "order": {"ID": "DESC"}}
    first, rest = (ask("crm.timeline.comment.list", **wanted, start=start).json() for start in (0, 50))
    assert (first["total"], first["next"], len(rest["result"]), "next" in rest) == (60, 50, 10, False)
    assert (first["result"][0]["COMMENT"], first["result"][0]["FILES"]) == ("Запись 59", [])
    strange = ask("crm.timeline.comment.list", **{**wanted, "order": {"COMMENT": "ASC"}})
    assert strange.json()["error"] == "SANDBOX_STRICT"


def test_a_deleted_deal_takes_no_comment(ask: Ask, call: Call) -> None:
    """crm-timeline-comment-add.md: OWNER_NOT_FOUND; its comments went with it."""
    call("crm.deal.add", fields={"TITLE": "Курс"})
    comment = {"ENTITY_TYPE": "deal", "ENTITY_ID": 1, "COMMENT": "Пришла"}
    call("crm.timeline.comment.add", fields=comment)
    call("crm.deal.delete", id=1)
    assert ask("crm.timeline.comment.add", fields=comment).json()["error"] == "OWNER_NOT_FOUND"
    assert call("crm.timeline.comment.list", filter={"ENTITY_TYPE": "deal", "ENTITY_ID": 1}) == []


def test_what_a_webhook_may(world: World, call: Call) -> None:
    """common/system/scope.md, method-get.md, server-time.md, crm/crm-settings-mode-get.md."""
    world.portal.config.scopes = ("lists", "crm")
    assert call("scope") == ["crm", "lists"]
    assert call("method.get", name="lists.get") == {"isExisting": True, "isAvailable": True}
    assert call("method.get", name="user.get") == {"isExisting": True, "isAvailable": False}
    assert call("method.get", name="no.such") == {"isExisting": False, "isAvailable": False}
    assert call("server.time") == "2026-03-02T12:00:00+03:00"
    assert call("crm.settings.mode.get") == 1
