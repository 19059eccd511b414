"""Bitrix24's shapes and ours, and parameters on their way through a batch."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.bitrix24.links import client_link, contact_link, merge_link, section_link, task_link
from backoffice.bitrix24.methods import is_reading
from backoffice.bitrix24.values import bound_contact, read_day, read_moment, value_of, values_of, write_moment
from backoffice.bitrix24.wire import as_map, command_line, plain
from backoffice.sandbox.bitrix24.php import decode_query

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=MOSCOW)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(lambda value: "$result[" not in value)
names = st.from_regex(r"[A-Za-z_=!<>%@][A-Za-z0-9_.]{0,10}", fullmatch=True).filter(lambda name: "." not in name)
scalars = (
    text | st.integers() | st.booleans() | st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=2)
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(names, inner, min_size=1, max_size=4),
    max_leaves=12,
)


def _as_php_reads(value: Any) -> Any:
    """What arrives of a value: everything is text, true is 1, nothing is the empty text."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dict):
        return {name: _as_php_reads(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_php_reads(inner) for inner in value]
    return "" if value is None else str(value)


@given(params=st.dictionaries(names, trees, max_size=4))
def test_parameters_arrive_as_they_were_meant(params: dict[str, Any]) -> None:
    """Any text with any sign, numbers, lists and maps in each other: a batch command carries them through."""
    method, _, query = command_line("crm.item.add", params).partition("?")
    assert method == "crm.item.add"
    assert decode_query(query) == _as_php_reads(params)


@pytest.mark.parametrize("empty", [[], {}, ()])
def test_an_empty_list_still_arrives(empty: Any) -> None:
    """`key[]=` empties a multiple field; leaving the key out would leave the field as it is."""
    _, _, query = command_line("m", {"fields": {"UF_CRM_1": empty}}).partition("?")
    assert decode_query(query) == {"fields": {"UF_CRM_1": [""]}}


def test_a_command_without_parameters_is_its_method() -> None:
    """No question mark behind nothing."""
    assert command_line("profile", {}) == "profile"


def test_values_are_written_as_the_portal_takes_them() -> None:
    """Aware ISO times to the second, days, decimals as text, 1 and 0; in depth, and in any collection."""
    meant = {"at": NOON.replace(microsecond=5), "on": date(2026, 3, 2), "sum": Decimal("10.50"), "yes": True}
    assert plain(meant) == {"at": "2026-03-02T12:00:00+03:00", "on": "2026-03-02", "sum": "10.50", "yes": 1}
    assert plain({1: (meant["on"], {"x": False})}) == {"1": ["2026-03-02", {"x": 0}]}


@pytest.mark.parametrize("written", [{"a": 1}, [1], [], {"0": 1, "1": 2}])
def test_a_php_array_is_a_map(written: Any) -> None:
    """An empty map arrives as a list, and so does one with the keys 0..n-1."""
    assert list(as_map(written)) == [
        str(key) for key in (written if isinstance(written, dict) else range(len(written)))
    ]


@pytest.mark.parametrize("nothing", [None, "", False, 0, "text"])
def test_what_is_no_array_is_an_empty_map(nothing: Any) -> None:
    """An absent map has no keys."""
    assert as_map(nothing) == {}


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T12:00:00+03:00",
        "2026-03-02T09:00:00+00:00",
        "2026-03-02T09:00:00Z",
        "2026-03-02T12:00:00",
        "2026-03-02 12:00:00",
        "02.03.2026 12:00:00",
        "02.03.2026 12:00",
        "03/02/2026 12:00:00 pm",
        "03/02/2026 12:00 pm",
        " 02.03.2026 12:00:00 ",
    ],
)
def test_every_form_of_a_moment_is_the_same_moment(written: str) -> None:
    """ISO with and without an offset, and the two site formats; what has no offset is in the portal's zone."""
    assert read_moment(written, MOSCOW) == NOON


@pytest.mark.parametrize("empty", ["", None])
def test_no_moment_is_none(empty: str | None) -> None:
    """An empty field."""
    assert read_moment(empty, MOSCOW) is None
    assert read_day(empty) is None


@pytest.mark.parametrize("wrong", ["завтра", "32.01.2026", "0000-00-00", "12"])
def test_text_that_is_no_moment_is_named(wrong: str) -> None:
    """ValueError with the text, never a guess."""
    with pytest.raises(ValueError, match="not a date that a portal writes") as refused:
        read_moment(wrong, MOSCOW)
    assert wrong in str(refused.value)


@given(
    moment=st.datetimes(datetime(2015, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    zone=st.sampled_from(["Europe/Moscow", "Europe/Kaliningrad", "Asia/Kamchatka", "UTC"]),
)
def test_a_moment_written_into_a_list_is_read_back(moment: datetime, zone: str) -> None:
    """To the second; since 2015 no clock in these zones is set back, which would repeat an hour."""
    portal, second = ZoneInfo(zone), moment.replace(microsecond=0)
    assert read_moment(write_moment(moment, portal), portal) == second


@pytest.mark.parametrize(
    "written", ["2001-11-11T02:00:00+02:00", "2001-11-11T03:00:00+03:00", "2001-11-10T20:00:00-04:00"]
)
def test_a_day_is_midnight_utc_in_any_offset(written: str) -> None:
    """crm.item.*: a date-only field comes as midnight UTC, written in the portal's offset."""
    assert read_day(written) == date(2001, 11, 11)


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ({"101": "a", "102": "b"}, ["a", "b"]),
        (["a", "b"], ["a", "b"]),
        ("a", ["a"]),
        (7, ["7"]),
        (0, ["0"]),
        ({"101": "0"}, ["0"]),
        ({"101": ""}, []),
        ([None, ""], []),
        ([], []),
        ("", []),
        (None, []),
        (False, []),
    ],
)
def test_a_property_has_its_values_in_any_shape(raw: Any, values: list[str]) -> None:
    """By value id, as a list, alone, or nothing; zero is a value."""
    assert values_of(raw) == values
    assert value_of(raw) == (values[0] if values else "")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("3", 3),
        ("C_3", 3),
        ("CO_12", None),
        ("T80_5", None),
        ("", None),
        ("C_", None),
        ("C_x", None),
    ],
)
def test_a_binding_leads_to_a_contact(written: str, number: int | None) -> None:
    """Bare or with the contact's letter; a company or a smart process with the same number is not the contact."""
    assert bound_contact(written) == number


@pytest.mark.parametrize(
    ("method", "reads"),
    [
        ("crm.contact.list", True),
        ("crm.contact.company.items.get", True),
        ("crm.duplicate.findbycomm", True),
        ("CRM.ITEM.FIELDS", True),
        ("server.time", True),
        ("profile", True),
        ("crm.item.add", False),
        ("crm.contact.company.items.set", False),
        ("crm.entity.mergeBatch", False),
        ("im.notify.personal.add", False),
        ("event.offline.get", False),
        ("batch", False),
        ("some.unknown.method", False),
    ],
)
def test_what_is_not_known_to_read_is_taken_for_a_write(method: str, reads: bool) -> None:
    """The careful side: a write taken for a reading would be repeated blindly."""
    assert is_reading(method) is reads


def test_links_lead_to_the_portals_pages() -> None:
    """The contact's card, the page of a merge with its survivor first, a section of a list."""
    origin = "https://p.bitrix24.ru"
    assert contact_link(origin, 5) == "https://p.bitrix24.ru/crm/contact/details/5/"
    assert merge_link(origin, [7, 5]) == "https://p.bitrix24.ru/crm/contact/merge/?id=7,5"
    assert section_link(origin, 3, 9) == "https://p.bitrix24.ru/company/lists/3/view/9/"
    assert client_link(origin, "CO_77") == "https://p.bitrix24.ru/crm/company/details/77/"
    assert client_link(origin, "C_5") == contact_link(origin, 5)
    assert task_link(origin, 6, 9) == "https://p.bitrix24.ru/company/personal/user/6/tasks/task/view/9/"


def test_an_offset_of_its_own_is_kept() -> None:
    """A moment with an offset is that moment in any portal."""
    five = timezone(timedelta(hours=5))
    assert read_moment("2026-03-02T14:00:00+05:00", MOSCOW) == NOON.astimezone(five)
