"""fast-bitrix24 1.8, as it comes from PyPI, finds in the sandbox the portal it was written for.

Its own defects are told apart in test_defects_of_strangers.py.
"""

from collections.abc import Callable

import pytest
from fast_bitrix24 import Bitrix
from fast_bitrix24.server_response import ErrorInServerResponseException

from backoffice.sandbox.world import World

Crowd = Callable[[int], set[str]]
Names = Callable[[], list[str]]


@pytest.mark.parametrize("count", [0, 1, 50, 120, 2570])
def test_it_lists_everything(fast: Bitrix, kind: str, title: str, crowd: Crowd, count: int) -> None:
    """`get_all`: the first page tells the total, batches of 50 pages bring the rest."""
    expected = crowd(count)
    rows = fast.get_all(f"crm.{kind}.list", {"select": ["ID", title]})
    assert (len(rows), {row[title] for row in rows}) == (count, expected)


@pytest.mark.parametrize("count", [1, 120, 2570])
def test_it_lists_everything_by_universal_methods(
    fast: Bitrix, type_id: int, title: str, crowd: Crowd, count: int
) -> None:
    """`crm.item.list` answers under `items`; the client's own `order` by ID is written in upper case."""
    expected = crowd(count)
    wanted = {"entityTypeId": type_id, "select": ["id", title.lower()]}
    rows = fast.get_all("crm.item.list", wanted)
    assert (len(rows), {row[title.lower()] for row in rows}) == (count, expected)


def test_it_reads_one(fast: Bitrix, kind: str, title: str, crowd: Crowd) -> None:
    crowd(2)
    assert fast.call(f"crm.{kind}.get", {"ID": 2}, raw=True)["result"][title] == "Имя 1"


def test_it_reads_many_by_id(fast: Bitrix, kind: str, title: str, crowd: Crowd) -> None:
    """`get_by_ID`: batches whose commands are called by the objects' ids."""
    crowd(120)
    cards = fast.get_by_ID(f"crm.{kind}.get", range(1, 121))
    assert {int(number): card[title] for number, card in cards.items()} == {n + 1: f"Имя {n}" for n in range(120)}


def test_it_adds_changes_and_deletes(fast: Bitrix, kind: str, title: str, names: Names) -> None:
    """120 of each, in batches: the client learns every id, the portal holds what was sent."""
    ids = fast.call(f"crm.{kind}.add", [{"fields": {title: f"Имя {n}"}} for n in range(120)])
    assert set(ids) == set(range(1, 121))
    changed = fast.call(f"crm.{kind}.update", [{"ID": n, "fields": {title: f"Новое {n}"}} for n in ids])
    assert set(changed) == {True}
    fast.call(f"crm.{kind}.delete", [{"ID": n} for n in range(3, 121)])
    assert names() == ["Новое 1", "Новое 2"]


def test_it_adds_changes_and_deletes_by_universal_methods(fast: Bitrix, type_id: int, title: str, names: Names) -> None:
    """The answers hold the objects themselves, the one to a deletion is empty."""
    field = title.lower()
    added = fast.call("crm.item.add", [{"entityTypeId": type_id, "fields": {field: f"Имя {n}"}} for n in range(120)])
    assert {item["id"] for item in added} == set(range(1, 121))
    wanted = [{"entityTypeId": type_id, "id": n, "fields": {field: f"Новое {n}"}} for n in range(1, 121)]
    assert {item[field] for item in fast.call("crm.item.update", wanted)} == {f"Новое {n}" for n in range(1, 121)}
    fast.call("crm.item.delete", [{"entityTypeId": type_id, "id": n} for n in range(3, 121)])
    assert names() == ["Новое 1", "Новое 2"]


def test_it_writes_phones_and_addresses(fast: Bitrix, world: World) -> None:
    """A nested field passes through a batch as PHP brackets, Cyrillic and `+` included."""
    phone, email = {"VALUE": "+79160000000", "VALUE_TYPE": "MOBILE"}, {"VALUE": "анна@пример.рф", "VALUE_TYPE": "WORK"}
    fast.call("crm.contact.add", [{"fields": {"NAME": name, "PHONE": [phone], "EMAIL": [email]}} for name in "АБ"])
    kept = [
        (entry.value, entry.value_type) for item in world.portal.crm.tables["CONTACT"] for entry in item.multifields
    ]
    assert kept == 2 * [("+79160000000", "MOBILE"), ("анна@пример.рф", "WORK")]


def test_its_batch_may_refer_to_what_went_before(fast: Bitrix, world: World) -> None:
    """`call_batch` with `$result[…]`: the contact is linked to the company added before it."""
    commands = {
        "company": "crm.company.add?fields[TITLE]=Ромашка",
        "contact": "crm.contact.add?fields[NAME]=Анна&fields[COMPANY_ID]=$result[company]",
    }
    assert fast.call_batch({"halt": 1, "cmd": commands}) == {"company": 1, "contact": 1}
    linked = world.portal.crm.tables["CONTACT"].get(1)
    assert linked is not None
    assert linked.values["COMPANY_ID"] == 1


def test_it_tells_the_refusal_of_one_command_of_many(fast: Bitrix, world: World) -> None:
    """The portal did the other 49; the client raises what stands in `result_error`."""
    people = [{"fields": {"NAME": f"Имя {n}"} if n else {}} for n in range(50)]
    with pytest.raises(ErrorInServerResponseException, match="order0000000000"):
        fast.call("crm.contact.add", people)
    assert len(world.portal.crm.tables["CONTACT"]) == 49
