"""Dates of lessons in every form that a portal may give them in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.courses import course_of, read_courses
from backoffice.bitrix24.lesson_source import LessonSource
from backoffice.bitrix24.names import ProductField
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World

MOSCOW = ZoneInfo("Europe/Moscow")
SOURCE = LessonSource(ProductField(258, 23, 24), 7, "C7:BO_STUDYING", "UF_CRM_BO_NO_REMINDERS", MOSCOW)
LESSON = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
LATER = LESSON + timedelta(days=7)


def read(raw: Any) -> tuple[tuple[datetime, ...], tuple[str, ...]]:
    course = course_of({"id": "7", "name": "Икебана", "property258": raw}, SOURCE)
    assert (course.id, course.name) == (7, "Икебана")
    return course.lessons, course.unreadable


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-03T19:00:00+03:00",
        "2026-03-03T16:00:00Z",
        "2026-03-03T21:00:00+05:00",
        "2026-03-03T19:00:00",
        "2026-03-03 19:00:00",
        "2026-03-03 19:00",
        "03.03.2026 19:00:00",
        "03.03.2026 19:00",
        " 03.03.2026 19:00 ",
        "03/03/2026 07:00:00 pm",
        "03/03/2026 07:00 pm",
    ],
)
def test_a_lesson_is_read_in_any_form(text: str) -> None:
    """What names no zone is in the portal's."""
    assert read([{"value": text, "valueId": "9817"}]) == ((LESSON,), ())


def test_the_form_that_the_portal_is_known_to_write_goes_first() -> None:
    """The fourth of March must not be read as the third of April."""
    source = replace(SOURCE, site="%d/%m/%Y %H:%M:%S")
    course = course_of({"id": 7, "property258": ["04/03/2026 19:00:00", "05/03/2026 19:00"]}, source)
    assert course.lessons == (LESSON + timedelta(days=1), LESSON + timedelta(days=2))


ONE, OTHER = "2026-03-03T19:00:00+03:00", "2026-03-10T19:00:00+03:00"


@pytest.mark.parametrize(
    "raw",
    [
        [{"value": ONE, "valueId": "1"}, {"value": OTHER, "valueId": "2"}],
        [{"value": OTHER, "valueId": "1"}, {"value": ONE, "valueId": "2"}],
        {"0": {"value": ONE, "valueId": "1"}, "2": {"value": OTHER, "valueId": "2"}},
        {"9817": ONE, "9818": OTHER},
        [ONE, OTHER],
        {"value": [ONE, OTHER]},
        [ONE, "", None, OTHER, {"value": None, "valueId": "3"}],
    ],
)
def test_several_lessons_are_read_in_any_form_and_come_in_their_order(raw: Any) -> None:
    """The order of entering does not matter, nor do values left empty."""
    assert read(raw) == ((LESSON, LATER), ())


@pytest.mark.parametrize("raw", [{"value": ONE, "valueId": "1"}, ONE, [[ONE]], [ONE, "03.03.2026 19:00"]])
def test_a_single_lesson_is_one(raw: Any) -> None:
    """Also where the list is left out, and where one moment was entered twice in two forms."""
    assert read(raw) == ((LESSON,), ())


@pytest.mark.parametrize("raw", [None, False, "", [], {}, {"value": "", "valueId": "1"}, {"value": None}])
def test_a_course_without_dates_has_no_lessons(raw: Any) -> None:
    """Every form of nothing."""
    assert read(raw) == ((), ())


def test_a_product_without_the_field_has_no_lessons() -> None:
    """A property without a value may be left out."""
    assert course_of({"id": 7}, SOURCE).lessons == ()


@pytest.mark.parametrize(
    "text", ["скоро", "03.03.2026", "2026-03-03", "3 марта, 19:00", "32.03.2026 19:00", "19:00", "03.03.0026 19:00"]
)
def test_what_is_no_lesson_stops_none_of_the_others(text: str) -> None:
    """A day without a time is none: nobody is to be invited to midnight. It is kept for the manager as it stands."""
    assert read([ONE, text, OTHER, text]) == ((LESSON, LATER), (text,))


@given(st.lists(st.text(max_size=30) | st.datetimes().map(str) | st.none(), max_size=5))
def test_no_text_breaks_the_reading(texts: list[str | None]) -> None:
    """Whatever people enter, each value is a lesson, unreadable, or nothing."""
    lessons, unreadable = read([{"value": text, "valueId": "1"} for text in texts])
    assert len(lessons) + len(unreadable) <= len(texts)
    assert all(lesson.tzinfo is MOSCOW for lesson in lessons)


@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), max_size=5), st.integers(-12, 14))  # noqa: DTZ001 - aware below
def test_any_moments_come_back(moments: list[datetime], hours: int) -> None:
    """Each once, sorted, whatever the offset written."""
    offset = timezone(timedelta(hours=hours))
    aware = [moment.replace(tzinfo=offset) for moment in moments]
    assert read([moment.isoformat() for moment in aware])[0] == tuple(sorted(set(aware)))


@pytest.mark.parametrize("form", ["iso", "site", "iso_naive"])
@pytest.mark.parametrize("site", ["%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"])
def test_a_portal_of_any_form_is_read(
    portal: Portal, world: World, school: School, source: LessonSource, form: str, site: str
) -> None:
    """Products with dates and no others; the documents do not say how the portal writes them."""
    world.portal.config.catalog_datetime = form  # type: ignore[assignment]  # each of its literals
    world.portal.config.site_datetime = site
    course_id = school.course("Икебана", [LATER, LESSON, "не дата"])
    school.course("Икебана без дат")
    found = {course.id: course for course in read_courses(portal, source)}
    assert {own.id: (own.lessons, own.unreadable) for own in found.values()} == {
        course_id: ((LESSON, LATER), ("не дата",))
    }


@pytest.mark.parametrize("sees_all", [True, False])
def test_products_of_every_kind_are_courses(
    portal: Portal, world: World, school: School, source: LessonSource, add_offer: Callable[[int], int], sees_all: bool
) -> None:
    """Whether `catalog.product.list` gives products with offers and services is open: all of them are read."""
    world.portal.config.product_methods_see_every_type = sees_all
    with_offers = school.course("С вариантами", [LESSON])
    add_offer(with_offers)
    simple = school.course("Просто", [LESSON])
    dated = {"iblockId": school.iblock_id, "name": "Услуга", school.property: [{"value": ONE}]}
    service = ask(world.portal, "catalog.product.service.add", fields=dated)["service"]["id"]
    assert {course.id for course in read_courses(portal, source)} == {with_offers, simple, service}
