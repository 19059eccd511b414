"""b24pysdk 1.3, the official client, as it comes from PyPI, finds in the sandbox the portal it was written for."""

from collections.abc import Callable
from typing import Any

import pytest
from b24pysdk import BitrixWebhook, Client
from b24pysdk import errors as sdk_errors

from backoffice.sandbox.world import World

Crowd = Callable[[int], set[str]]
Names = Callable[[], list[str]]
SIZES = [0, 1, 50, 120, 2570]


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("listing", ["call_list", "call_list_fast"])
def test_it_lists_everything(sdk: BitrixWebhook, kind: str, title: str, crowd: Crowd, listing: str, count: int) -> None:
    """By offsets in batches, and by chains of `>ID` = `$result[…][49][ID]` without counting."""
    expected = crowd(count)
    rows = list(getattr(sdk, listing)(api_method=f"crm.{kind}.list", params={"select": ["ID", title]})["result"])
    assert (len(rows), {row[title] for row in rows}) == (count, expected)


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("listing", ["call_list", "call_list_fast"])
def test_it_lists_everything_by_universal_methods(
    sdk: BitrixWebhook, type_id: int, title: str, crowd: Crowd, listing: str, count: int
) -> None:
    """The fast listing begins with an order by `ID` and goes on with the `id` it has found in the answer."""
    expected, field = crowd(count), title.lower()
    wanted = {"entityTypeId": type_id, "select": ["id", field]}
    rows = list(getattr(sdk, listing)(api_method="crm.item.list", params=wanted)["result"])
    assert (len(rows), {row[field] for row in rows}) == (count, expected)


def test_it_lists_backwards_and_not_more_than_asked(sdk: BitrixWebhook, kind: str, crowd: Crowd) -> None:
    """`<ID` and an order by ID downwards."""
    crowd(300)
    rows = sdk.call_list_fast(api_method=f"crm.{kind}.list", params={}, descending=True, limit=120)["result"]
    assert [row["ID"] for row in rows] == [str(number) for number in range(300, 180, -1)]


@pytest.mark.parametrize("listing", ["call_list", "call_list_fast"])
def test_it_reads_chosen_ids(sdk: BitrixWebhook, kind: str, crowd: Crowd, listing: str) -> None:
    """A filter by 120 ids is split into commands of 50, each with `filter[@ID][…]`."""
    crowd(300)
    wanted = {"filter": {"@ID": list(range(101, 221))}, "select": ["ID"]}
    rows = list(getattr(sdk, listing)(api_method=f"crm.{kind}.list", params=wanted)["result"])
    assert [row["ID"] for row in rows] == [str(number) for number in range(101, 221)]


def test_it_adds_reads_changes_and_deletes(sdk: BitrixWebhook, kind: str, title: str, names: Names) -> None:
    """Through its objects for every method, one request each."""
    methods = getattr(Client(sdk).crm, kind)
    assert [methods.add(fields={title: name}).result for name in ("Первое", "Второе", "Третье")] == [1, 2, 3]
    assert methods.update(2, fields={title: "Новое"}).result is True
    assert methods.get(2).result[title] == "Новое"
    assert methods.delete(3).result is True
    assert names() == ["Первое", "Новое"]


def test_it_adds_reads_changes_and_deletes_by_universal_methods(
    sdk: BitrixWebhook, type_id: int, title: str, names: Names
) -> None:
    """Additions and changes answer with the whole object, a deletion with nothing."""
    item, field = Client(sdk).crm.item, title.lower()
    added = [item.add(fields={field: name}, entity_type_id=type_id).result["item"] for name in ("Первое", "Второе")]
    assert [(one["id"], one["entityTypeId"]) for one in added] == [(1, type_id), (2, type_id)]
    assert item.update(bitrix_id=1, fields={field: "Новое"}, entity_type_id=type_id).result["item"][field] == "Новое"
    assert item.get(bitrix_id=1, entity_type_id=type_id).result["item"][field] == "Новое"
    assert item.delete(bitrix_id=2, entity_type_id=type_id).result == []
    assert names() == ["Новое"]


def test_it_knows_the_fields(sdk: BitrixWebhook, kind: str, type_id: int, title: str) -> None:
    """`crm.*.fields` and `crm.item.fields` describe the same field under both names."""
    old = getattr(Client(sdk).crm, kind).fields().result[title]
    new = Client(sdk).crm.item.fields(entity_type_id=type_id).result["fields"][title.lower()]
    assert (old["type"], new["type"], new["upperName"]) == ("string", "string", title)


def test_its_batches_keep_the_keys(sdk: BitrixWebhook, kind: str, title: str, names: Names) -> None:
    """`call_batches`: 120 commands in three requests, one merged answer."""
    methods = {f"add_{n:03}": (f"crm.{kind}.add", {"fields": {title: f"Имя {n}"}}) for n in range(120)}
    answer = sdk.call_batches(methods=methods)["result"]
    assert answer["result"] == {f"add_{n:03}": n + 1 for n in range(120)}
    assert names() == [f"Имя {n}" for n in range(120)]


def test_its_numbered_batch_comes_back_as_a_list(sdk: BitrixWebhook, world: World) -> None:
    """PHP writes a map with the keys 0..n-1 as a list: captured on live portals, and the client knows."""
    answer = sdk.call_batch(methods=[("crm.company.add", {"fields": {"TITLE": name}}) for name in "АБВ"])["result"]
    assert (answer["result"], answer["result_error"]) == ([1, 2, 3], [])
    assert len(world.portal.crm.tables["COMPANY"]) == 3


@pytest.mark.parametrize(("halt", "left"), [(False, ["Первый", "Третий"]), (True, ["Первый"])])
def test_its_batch_goes_on_or_halts(sdk: BitrixWebhook, world: World, halt: bool, left: list[str]) -> None:
    """settings/how-to-call-rest-api/batch.md: without `halt` the failure stands beside the successes."""
    methods = {
        "first": ("crm.contact.add", {"fields": {"NAME": "Первый"}}),
        "second": ("crm.contact.update", {"id": 999, "fields": {"NAME": "Нет такого"}}),
        "third": ("crm.contact.add", {"fields": {"NAME": "Третий"}}),
    }
    answer = sdk.call_batch(methods=methods, halt=halt)["result"]
    assert answer["result_error"] == {"second": {"error": "", "error_description": "Contact is not found"}}
    assert [item.values["NAME"] for item in world.portal.crm.tables["CONTACT"]] == left


def test_it_links_contacts_with_deals_and_companies(sdk: BitrixWebhook, world: World) -> None:
    """crm.contact.company.*, crm.deal.contact.*: the links are where both ends show them."""
    crm = Client(sdk).crm
    added = (crm.contact.add(fields={"NAME": "Анна"}), crm.company.add(fields={"TITLE": "Ромашка"}))
    assert [request.result for request in (*added, crm.deal.add(fields={"TITLE": "Курс"}))] == [1, 1, 1]
    assert crm.contact.company.add(1, fields={"COMPANY_ID": 1}).result is True
    assert crm.deal.contact.add(1, fields={"CONTACT_ID": 1}).result is True
    assert [row["COMPANY_ID"] for row in crm.contact.company.items.get(1).result] == [1]
    assert [row["CONTACT_ID"] for row in crm.deal.contact.items.get(1).result] == [1]


def test_it_finds_duplicates_by_address(sdk: BitrixWebhook, world: World) -> None:
    """crm.duplicate.findbycomm: a map by kinds, an empty list when nobody has the address."""
    email = [{"VALUE": "anna@example.org", "VALUE_TYPE": "WORK"}]
    assert Client(sdk).crm.contact.add(fields={"NAME": "Анна", "EMAIL": email}).result == 1
    find = Client(sdk).crm.duplicate.findbycomm
    assert find(type="EMAIL", values=["ANNA@example.org"], entity_type="CONTACT").result == {"CONTACT": [1]}
    assert find(type="EMAIL", values=["nobody@example.org"]).result == []


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("crm.contact.get", {"id": 999}, sdk_errors.BitrixAPIBadRequest),
        ("crm.item.get", {"entityTypeId": 3, "id": 999}, sdk_errors.BitrixAPINotFound),
        ("crm.item.list", {"entityTypeId": 3, "filter": {"nothing": 1}}, sdk_errors.BitrixAPIInvalidArgValue),
        ("crm.no.such.method", {}, sdk_errors.BitrixAPINotFound),
        ("app.info", {}, sdk_errors.BitrixAPIAccessDenied),
        ("placement.bind", {}, sdk_errors.BitrixAPIWrongAuthType),
    ],
)
def test_it_knows_the_refusals(sdk: BitrixWebhook, method: str, params: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        sdk.call_method(api_method=method, params=params)


def test_it_knows_who_may_not_enter(sdk: BitrixWebhook, world: World) -> None:
    """A wrong secret, and a webhook that was not given the scope."""
    stranger = BitrixWebhook(domain=sdk.domain, webhook_token="1/wrong")
    with pytest.raises(sdk_errors.BitrixAPIInvalidCredentials):
        stranger.call_method(api_method="profile")
    world.portal.config.scopes = ("crm",)
    with pytest.raises(sdk_errors.BitrixAPIInsufficientScope):
        sdk.call_method(api_method="lists.get", params={"IBLOCK_TYPE_ID": "lists"})


def test_it_knows_both_limits(sdk: BitrixWebhook, world: World) -> None:
    """503 QUERY_LIMIT_EXCEEDED for the pace, 429 OPERATION_TIME_LIMIT for the work."""
    world.portal.config.operating_limit = 0.0
    with pytest.raises(sdk_errors.BitrixAPIOperationTimeLimit):
        sdk.call_method(api_method="crm.contact.list")
    world.portal.config.bucket_size = 1
    with pytest.raises(sdk_errors.BitrixAPIQueryLimitExceeded):
        sdk.call_method(api_method="profile", max_retries=1)
