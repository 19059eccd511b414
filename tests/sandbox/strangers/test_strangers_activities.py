"""Activities and comments as foreign clients make, page, change and delete them."""

from typing import Any

import pytest
from b24pysdk import BitrixWebhook, Client
from b24pysdk.errors import BitrixAPIError
from fast_bitrix24 import Bitrix

from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.world import World

SENDER = "Мария Орлова <orlova@sandbox.example>"


@pytest.fixture(autouse=True)
def deal(world: World) -> None:
    """Deal 1."""
    world.portal.crm.create("DEAL", Change({"TITLE": "Курс"}), 1)


def email(number: int) -> dict[str, Any]:
    """A letter to the client of deal 1."""
    return {
        "OWNER_TYPE_ID": 2,
        "OWNER_ID": 1,
        "TYPE_ID": 4,
        "SUBJECT": f"Письмо {number}",
        "DESCRIPTION": "Ждём & рады",
        "DIRECTION": 2,
        "COMPLETED": "Y",
        "COMMUNICATIONS": [{"VALUE": "anna@example.org"}],
        "SETTINGS": {"MESSAGE_FROM": SENDER, "DISABLE_SENDING_MESSAGE_COPY": "Y"},
    }


def test_fast_bitrix24_sends_and_reads_many(fast: Bitrix, world: World) -> None:
    """120 letters in batches, as PHP brackets; then all of them by pages."""
    added = fast.call("crm.activity.add", [{"fields": email(number)} for number in range(120)])
    assert set(added) == set(range(1, 121))
    assert {(letter.sender, letter.text) for letter in world.mailbox.letters} == {(SENDER, "Ждём & рады")}
    rows = fast.get_all("crm.activity.list", {"filter": {"OWNER_TYPE_ID": 2, "OWNER_ID": 1}, "select": ["SUBJECT"]})
    assert {row["SUBJECT"] for row in rows} == {f"Письмо {number}" for number in range(120)}


@pytest.mark.parametrize("listing", ["call_list", "call_list_fast"])
def test_b24pysdk_lists_everything(sdk: BitrixWebhook, fast: Bitrix, listing: str) -> None:
    """By offsets, and by chains of `>ID` without counting."""
    fast.call("crm.activity.add", [{"fields": email(number)} for number in range(170)])
    rows = list(getattr(sdk, listing)(api_method="crm.activity.list", params={"select": ["ID", "SUBJECT"]})["result"])
    assert sorted(int(row["ID"]) for row in rows) == list(range(1, 171))


def test_b24pysdk_writes_reads_changes_and_deletes(sdk: BitrixWebhook) -> None:
    """Through its objects for every method."""
    activity = Client(sdk).crm.activity
    assert activity.add(fields=email(1)).result == 1
    assert activity.update(1, fields={"SUBJECT": "Новое"}).result is True
    assert activity.get(1).result["SUBJECT"] == "Новое"
    assert activity.fields().result["SUBJECT"]["isRequired"] is True
    assert activity.delete(1).result is True
    with pytest.raises(BitrixAPIError, match="Activity is not found"):
        activity.get(1).result  # noqa: B018 - the request is made by asking for its result


def test_b24pysdk_sets_things_to_do(sdk: BitrixWebhook, world: World) -> None:
    """crm.activity.todo.*; its own objects for them take a moment and fail to write it down as JSON."""
    thing = {"ownerTypeId": 2, "ownerId": 1, "title": "Позвонить", "pingOffsets": [0, 15]}
    added = sdk.call_method(
        api_method="crm.activity.todo.add", params={**thing, "deadline": "2026-03-03T18:00:00+03:00"}
    )
    assert added["result"] == {"id": 1}
    [kept] = world.portal.dump(with_times=True)["activities"]
    assert (kept["subject"], kept["deadline"]) == ("Позвонить", "2026-03-03T18:00:00+03:00")


def test_b24pysdk_comments_a_deal(sdk: BitrixWebhook) -> None:
    """crm.timeline.comment.*: added, listed, deleted."""
    comment = Client(sdk).crm.timeline.comment
    assert comment.add(fields={"ENTITY_ID": 1, "ENTITY_TYPE": "deal", "COMMENT": "Пришла"}).result == 1
    wanted = {"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}
    assert [row["COMMENT"] for row in comment.list(filter=wanted).result] == ["Пришла"]
    assert comment.delete(1).result is True
    assert comment.list(filter=wanted).result == []
