"""What the documents leave open about courses, activities and comments can be chosen."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.bitrix24.config import PortalConfig
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World

Call = Callable[..., Any]
EVENING = "2026-03-05T19:00:00+03:00"


@pytest.fixture
def config(world: World) -> PortalConfig:
    return world.portal.config


@pytest.mark.parametrize(("form", "text"), [("site", "05.03.2026 16:00:00"), ("iso_naive", "2026-03-05T16:00:00")])
def test_a_moment_without_an_offset_may_be_in_utc(
    call: Call, config: PortalConfig, school: School, form: Any, text: str
) -> None:
    config.catalog_datetime, config.catalog_naive_in = form, "utc"
    course = school.course("Курс", [EVENING])
    assert call("catalog.product.get", id=course)["product"][school.property][0]["value"] == text


def test_an_edit_of_a_property_may_leave_the_time_of_change(
    call: Call, config: PortalConfig, school: School, world: World
) -> None:
    """An edit of the name moves it all the same."""
    config.product_edits_move_timestamp = False
    course = school.course("Курс", [EVENING])
    world.clock.advance(60)
    since = world.clock.now().isoformat()
    wanted = {"select": ["id", "iblockId"], "filter": {"iblockId": school.iblock_id, ">=timestampX": since}}
    school.reschedule(course, [])
    assert call("catalog.product.list", **wanted)["products"] == []
    call("catalog.product.update", id=course, fields={"name": "Другой курс"})
    assert [row["id"] for row in call("catalog.product.list", **wanted)["products"]] == [course]


def test_a_list_by_ids_may_be_refused_for_one_that_is_gone(
    ask: Callable[..., httpx.Response], config: PortalConfig, school: School
) -> None:
    config.missing_product_in_list = "refused"
    wanted = {"iblockId": school.iblock_id, "id": [school.course("Курс"), 404]}
    answer = ask("catalog.product.list", select=["id", "iblockId"], filter=wanted).json()
    assert (answer["error"], answer["error_description"]) == (0, "Product is not exists")


def test_lists_may_leave_out_what_activities_and_comments_are_known_by(
    call: Call, config: PortalConfig, school: School
) -> None:
    """A look at the single one still shows it."""
    config.activity_list_shows_origins = config.comment_list_shows_text = False
    contact = school.contact("Белова", "Анна")
    communication = {"VALUE": "anna@example.org", "ENTITY_ID": contact, "ENTITY_TYPE_ID": 3}
    fields = {"TYPE_ID": 4, "SUBJECT": "Письмо", "ORIGIN_ID": "a", "COMMUNICATIONS": [communication]}
    activity = call("crm.activity.add", fields=fields)
    comment = call(
        "crm.timeline.comment.add", fields={"ENTITY_TYPE": "contact", "ENTITY_ID": contact, "COMMENT": "Привет"}
    )
    assert call("crm.activity.list", filter={"OWNER_ID": contact}, select=["ID", "ORIGIN_ID"]) == [
        {"ID": str(activity)}
    ]
    of_contact = {"ENTITY_TYPE": "contact", "ENTITY_ID": contact}
    assert call("crm.timeline.comment.list", filter=of_contact, select=["ID", "COMMENT"]) == [{"ID": str(comment)}]
    assert call("crm.activity.get", id=activity)["ORIGIN_ID"] == "a"
    assert call("crm.timeline.comment.get", id=comment)["COMMENT"] == "Привет"


def test_a_tag_may_replace_nobody_s_notification(call: Call, config: PortalConfig, world: World) -> None:
    config.notification_tags = "ignored"
    for _ in range(2):
        call("im.notify.personal.add", USER_ID=1, MESSAGE="Привет", TAG="1", CLIENT_ID="test")
    assert len(world.portal.notifications) == 2
