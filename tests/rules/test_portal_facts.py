"""What is known of a portal and of Timepad, and what follows."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules import portal_differences, timepad_facts
from backoffice.rules.portal_differences import differences
from backoffice.rules.portal_facts import ASSUMED, PortalFacts
from backoffice.rules.portal_probe import FORMS, course_date_facts, date_facts, fields_form, missing_form
from backoffice.rules.timepad_facts import EXPECTED, TimepadFacts, compared_statuses, shape_of, timepad_differences

WRITTEN = datetime(2026, 2, 3, 13, 45, 56)  # noqa: DTZ001 — a moment without a zone is what the question is about


def other(value: Any) -> Any:
    """A value of the same kind that differs."""
    if isinstance(value, bool):
        return not value
    return {int: 7, str: "SECTION_ID", tuple: ("frozen",)}[type(value)]


@pytest.mark.parametrize("name", [own.name for own in fields(PortalFacts)])
def test_each_fact_of_a_portal_has_a_sentence(name: str) -> None:
    """In Russian, and none for what is as assumed."""
    assert differences(ASSUMED) == []
    (sentence,) = differences(replace(ASSUMED, **{name: other(getattr(ASSUMED, name))}))
    assert sentence.endswith(".")
    assert len(portal_differences.SENTENCES) == len(fields(PortalFacts))


@pytest.mark.parametrize("name", [own.name for own in fields(TimepadFacts)])
def test_each_fact_of_timepad_has_a_sentence(name: str) -> None:
    """The same of Timepad."""
    assert timepad_differences(EXPECTED) == []
    (sentence,) = timepad_differences(replace(EXPECTED, **{name: other(getattr(EXPECTED, name))}))
    assert sentence.endswith(".")
    assert len(timepad_facts.SENTENCES) == len(fields(TimepadFacts))


@pytest.mark.parametrize(
    ("duplicates", "filters", "filter_case", "way"),
    [
        (True, False, False, "findbycomm"),
        (False, True, True, "filter"),
        (False, True, False, "everyone"),
        (False, False, True, "everyone"),
    ],
)
def test_addresses_are_looked_up_the_cheapest_way_that_finds_them(
    duplicates: bool, filters: bool, filter_case: bool, way: str
) -> None:
    """500 a request, 50 a request, or everybody."""
    facts = PortalFacts(
        findbycomm_ignores_case=duplicates, filters_by_email=filters, email_filter_ignores_case=filter_case
    )
    assert facts.email_look_up == way


@given(form=st.sampled_from(FORMS), hours=st.integers(-11, 9))
def test_the_form_of_a_moment_is_told_whatever_zone_it_is_shown_in(form: str, hours: int) -> None:
    """The form read gives back the moment shown, and the shift in minutes."""
    shown = (WRITTEN + timedelta(hours=hours)).strftime(form.replace("%z", "+03:00"))
    found = date_facts(shown, WRITTEN)
    assert found["naive_shift_minutes"] == hours * 60
    assert datetime.strptime(shown, found["list_datetime"]).replace(tzinfo=None) == WRITTEN + timedelta(hours=hours)  # noqa: DTZ007 — see above


@pytest.mark.parametrize("text", ["", "вчера", "03.02", "03.02.2020 13:45:56"])
def test_what_is_no_moment_or_another_one_tells_nothing(text: str) -> None:
    """Rather nothing than a wrong form."""
    assert date_facts(text, WRITTEN) == {}


MOSCOW = ZoneInfo("Europe/Moscow")
LESSONS = (WRITTEN.replace(tzinfo=MOSCOW), (WRITTEN + timedelta(days=3)).replace(tzinfo=MOSCOW))


@given(form=st.sampled_from(["iso", *FORMS[:-1]]), minutes=st.integers(-14 * 60, 14 * 60), turned=st.booleans())
def test_the_form_of_a_lesson_is_told_whatever_its_shift(form: str, minutes: int, turned: bool) -> None:
    """In whatever order the portal gives the values."""
    shown = [(lesson + timedelta(minutes=minutes)).replace(tzinfo=None) for lesson in LESSONS]
    texts = [moment.isoformat() if form == "iso" else moment.strftime(form) for moment in shown]
    found = course_date_facts(texts[::-1] if turned else texts, LESSONS, MOSCOW)
    told = "iso" if form == "%Y-%m-%d %H:%M:%S" else form
    assert found == {"catalog_datetime": told, "catalog_shift_minutes": minutes}


def test_lessons_shifted_differently_tell_their_form_alone() -> None:
    """The portal obeys an offset and shifts what has none, or the other way round: a person's way is not known."""
    texts = ["2026-02-03T13:45:56+03:00", "2026-02-06T16:45:56+03:00"]
    assert course_date_facts(texts, LESSONS, MOSCOW) == {"catalog_datetime": "iso"}
    assert course_date_facts(texts[:1], LESSONS, MOSCOW) == {}


def test_forms_of_fields_and_of_missing_properties() -> None:
    """As the documents and captured answers let one expect them."""
    row = {"FIELD_ID": "PROPERTY_7"}
    assert [fields_form(answer) for answer in ({"PROPERTY_7": row}, {"S": [row]}, [row])] == [
        "by_field_id",
        "by_type",
        "list",
    ]
    rows: list[dict[str, Any]] = [{}, {"P": None}, {"P": False}, {"P": ""}, {"P": {"5": ""}}, {"P": []}]
    assert [missing_form(one, "P") for one in rows] == ["absent", "null", "false", "text", "map", "map"]


def test_a_dictionary_of_titles_tells_nothing_of_our_names() -> None:
    """Whether `name` is the machine's word is unverified; Russian titles leave all of ours missing, none new."""
    found = compared_statuses(["оплачено", "бронь"])
    assert found["new_statuses"] == ()
    assert "paid" in found["lost_statuses"]


people = st.text(st.characters(categories=["L", "N", "P"]), min_size=6)


@given(st.recursive(people, lambda inner: st.lists(inner) | st.dictionaries(people.map("№{}".format), inner)))
def test_the_form_of_an_answer_has_nothing_of_its_contents(answer: Any) -> None:
    """Whatever stands in values, or in names that no program gave."""
    allowed = {"text", "number as text", "time", "<number>", "<other>", "time naive", "time Z", "time +0300"}
    assert words(shape_of(answer)) <= allowed | {"time +03:00"}


def words(shape: Any) -> set[str]:
    """All names and kinds in a shape."""
    if isinstance(shape, dict):
        return set(shape) | {word for inner in shape.values() for word in words(inner)}
    return {word for inner in shape for word in words(inner)} if isinstance(shape, list) else {shape}
