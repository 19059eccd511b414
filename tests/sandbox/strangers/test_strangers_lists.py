"""Universal lists as foreign clients make, fill, page, change and empty them."""

from collections.abc import Callable
from typing import Any

import pytest
from b24pysdk import BitrixWebhook, Client
from b24pysdk.errors import BitrixAPIError
from fast_bitrix24 import Bitrix

from backoffice.sandbox.bitrix24.universal_lists.store import UniversalList
from backoffice.sandbox.world import World

WHERE = {"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": "visits"}
PLACE = {"iblock_type_id": "lists", "iblock_code": "visits"}

Fill = Callable[[int], None]


@pytest.fixture
def visits(world: World) -> UniversalList:
    """The portal's list `visits`, empty."""
    return world.portal.lists.add("lists", "visits", "Посещения")


@pytest.fixture
def fill(fast: Bitrix, visits: UniversalList) -> Fill:
    """fill(n): n elements v0, v1, … added by fast-bitrix24."""

    def fill(count: int) -> None:
        added = [{**WHERE, "ELEMENT_CODE": f"v{n}", "FIELDS": {"NAME": f"Визит {n}"}} for n in range(count)]
        fast.call("lists.element.add", added)

    return fill


def codes(owner: UniversalList) -> list[str]:
    return [element.code for element in owner.elements()]


def test_a_list_is_made_renamed_and_deleted(sdk: BitrixWebhook, world: World) -> None:
    """lists.add, lists.get, lists.update, lists.delete."""
    lists = Client(sdk).lists
    made = lists.add("lists", "visits", {"NAME": "Посещения"}).result
    assert lists.update("lists", {"NAME": "Визиты"}, iblock_id=made).result is True
    assert [(row["ID"], row["CODE"], row["NAME"]) for row in lists.get("lists").result] == [("1", "visits", "Визиты")]
    assert world.portal.lists.by_id[made].name == "Визиты"
    assert lists.delete("lists", iblock_id=made).result is True
    assert world.portal.lists.by_id == {}


def test_a_field_is_made_described_changed_and_deleted(sdk: BitrixWebhook, visits: UniversalList) -> None:
    """lists.field.*: one field is described under its type, a change needs NAME and TYPE only."""
    field = Client(sdk).lists.field
    made = field.add(fields={"NAME": "Гость", "TYPE": "S", "CODE": "GUEST"}, **PLACE).result
    assert field.get(field_id=made, **PLACE).result["S"]["FIELD_ID"] == made == "PROPERTY_1"
    assert field.update(field_id=made, fields={"NAME": "Посетитель", "TYPE": "S"}, **PLACE).result is True
    assert (visits.fields[made].name, visits.fields[made].code) == ("Посетитель", "GUEST")
    assert field.delete(field_id=made, **PLACE).result is True
    assert list(visits.fields) == ["NAME"]


def test_the_options_of_a_field_grow(sdk: BitrixWebhook, visits: UniversalList) -> None:
    """lists/fields/lists-field-update.md: LIST by ids, the lines of LIST_TEXT_VALUES are added to it."""
    field = Client(sdk).lists.field
    options = {"n0": {"VALUE": "Да"}, "n1": {"VALUE": "Нет"}}
    made = field.add(fields={"NAME": "Был", "TYPE": "L", "CODE": "CAME", "LIST": options}, **PLACE).result
    wanted = {"NAME": "Был", "TYPE": "L", "LIST": {"1": {"VALUE": "Конечно"}, "2": {"VALUE": "Нет"}}}
    changed = field.update(field_id=made, fields={**wanted, "LIST_TEXT_VALUES": "Опоздал\nУшёл"}, **PLACE)
    assert changed.result is True
    assert visits.fields[made].options == {1: "Конечно", 2: "Нет", 3: "Опоздал", 4: "Ушёл"}


def test_the_type_of_a_field_stays(sdk: BitrixWebhook, visits: UniversalList) -> None:
    """lists/fields/lists-field-update.md: the type cannot be changed, ERROR_UPDATE_FIELD."""
    field = Client(sdk).lists.field
    made = field.add(fields={"NAME": "Гость", "TYPE": "S", "CODE": "GUEST"}, **PLACE).result
    with pytest.raises(BitrixAPIError, match="updating the field"):
        assert not field.update(field_id=made, fields={"NAME": "Гость", "TYPE": "N"}, **PLACE).result
    assert visits.fields[made].type == "S"


def test_a_section_is_made_found_renamed_and_deleted(sdk: BitrixWebhook, visits: UniversalList) -> None:
    """lists.section.*."""
    section = Client(sdk).lists.section
    made = section.add(section_code="seminar", fields={"NAME": "Семинар"}, **PLACE).result
    assert [row["ID"] for row in section.get(filter={"CODE": "seminar"}, **PLACE).result] == [str(made)]
    assert section.update(section_id=made, fields={"NAME": "Лекция"}, **PLACE).result is True
    assert visits.sections[made].name == "Лекция"
    assert section.delete(section_id=made, **PLACE).result is True
    assert visits.sections == {}


def test_an_element_is_made_read_changed_and_deleted(sdk: BitrixWebhook, visits: UniversalList) -> None:
    """lists.element.*: a property is a map from the value's id to the value; what an update leaves out is cleared."""
    lists = Client(sdk).lists
    field = lists.field.add(fields={"NAME": "Гость", "TYPE": "S", "CODE": "GUEST"}, **PLACE).result
    made = lists.element.add(element_code="v1", fields={"NAME": "Визит", field: "Анна"}, **PLACE).result
    [row] = lists.element.get(element_code="v1", **PLACE).result
    assert (row["ID"], row["NAME"], list(row[field].values())) == (str(made), "Визит", ["Анна"])
    assert lists.element.update(element_id=made, fields={"NAME": "Другой"}, **PLACE).result is True
    [element] = visits.elements()
    assert (element.name, element.values) == ("Другой", {})
    assert lists.element.delete(element_code="v1", **PLACE).result is True
    assert codes(visits) == []


def test_a_code_is_taken_once(sdk: BitrixWebhook, visits: UniversalList) -> None:
    """lists/elements/lists-element-add.md: ERROR_ELEMENT_ALREADY_EXISTS."""
    element = Client(sdk).lists.element
    assert element.add(element_code="v1", fields={"NAME": "Первый"}, **PLACE).result == 1
    with pytest.raises(BitrixAPIError) as refused:
        assert not element.add(element_code="v1", fields={"NAME": "Второй"}, **PLACE).result
    assert refused.value.error == "ERROR_ELEMENT_ALREADY_EXISTS"
    assert [one.name for one in visits.elements()] == ["Первый"]


@pytest.mark.parametrize("count", [50, 120, 2570])
def test_every_element_is_listed(fast: Bitrix, sdk: BitrixWebhook, fill: Fill, count: int) -> None:
    """By offsets both clients, by `>ID` (which only b24pysdk says that a portal has) the official one."""
    fill(count)
    rows: dict[str, list[dict[str, Any]]] = {
        "get_all": fast.get_all("lists.element.get", WHERE),
        "call_list": sdk.call_list(api_method="lists.element.get", params=WHERE)["result"],
        "call_list_fast": list(sdk.call_list_fast(api_method="lists.element.get", params=WHERE)["result"]),
    }
    expected = {f"v{n}" for n in range(count)}
    assert {name: (len(found), {row["CODE"] for row in found}) for name, found in rows.items()} == dict.fromkeys(
        rows, (count, expected)
    )


def test_many_elements_are_changed_and_deleted_at_once(fast: Bitrix, fill: Fill, visits: UniversalList) -> None:
    """120 in batches of 50."""
    fill(120)
    fast.call("lists.element.update", [{**WHERE, "ELEMENT_ID": n, "FIELDS": {"NAME": f"№ {n}"}} for n in range(1, 121)])
    assert sorted(one.name for one in visits.elements()) == sorted(f"№ {n}" for n in range(1, 121))
    fast.call("lists.element.delete", [{**WHERE, "ELEMENT_CODE": f"v{n}"} for n in range(2, 120)])
    assert sorted(codes(visits)) == ["v0", "v1"]


def test_sections_and_fields_are_listed_whole(fast: Bitrix, sdk: BitrixWebhook, visits: UniversalList) -> None:
    """60 sections take two pages; fields are never paged."""
    made = [{**WHERE, "SECTION_CODE": f"s{n}", "FIELDS": {"NAME": f"Раздел {n}"}} for n in range(60)]
    fast.call("lists.section.add", made)
    assert {row["CODE"] for row in fast.get_all("lists.section.get", WHERE)} == {f"s{n}" for n in range(60)}
    assert len(sdk.call_list(api_method="lists.section.get", params=WHERE)["result"]) == len(visits.sections) == 60
    assert list(Client(sdk).lists.field.get(**PLACE).result) == ["NAME"]
