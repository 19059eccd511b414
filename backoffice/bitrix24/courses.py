"""Courses: products whose cards hold the starts of lessons (catalog/product, catalog/data-types.md)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.lesson_source import LessonSource
from backoffice.bitrix24.values import read_moment
from backoffice.rules.lesson_facts import Course

KINDS = ("catalog.product.list", "catalog.product.sku.list", "catalog.product.service.list")
"""Whether the first also gives products with offers and services is not documented, so all three are asked."""
YEARS = range(1970, 2200)
MIDNIGHT = time(0)


def course_of(row: Mapping[str, Any], source: LessonSource) -> Course:
    """A product's row as a course: its lessons in their order, none twice; what is no date with a time apart.

    The documents show the values of a property as {"value", "valueId"}, one or a list, null without any, and do not
    show what a date with a time looks like in `value`: any form that portals write is read, naive ones in their zone.
    """
    lessons: set[datetime] = set()
    unreadable: dict[str, None] = {}
    for text in texts_of(row.get(source.dates.key)):
        moment = _lesson(text, source)
        if moment is None:
            unreadable[text] = None
            continue
        lessons.add(moment)
    return Course(int(row["id"]), str(row.get("name") or ""), tuple(sorted(lessons)), tuple(unreadable))


def read_courses(portal: Portal, source: LessonSource) -> Iterator[Course]:
    """The products of the catalogue that have dates, streamed; one of which two listings know may come twice."""
    for method in KINDS:
        for row in portal.rows(method, **source.courses()):
            course = course_of(row, source)
            if course.lessons or course.unreadable:
                yield course


def texts_of(raw: Any) -> Iterator[str]:
    """The values of a property in any form: a map or a list of them, wrapped or plain."""
    if isinstance(raw, Mapping):
        raw = [raw["value"]] if "value" in raw else list(raw.values())
    if isinstance(raw, list | tuple):
        for one in raw:
            yield from texts_of(one)
        return
    text = "" if raw is None or raw is False else str(raw).strip()
    if text:
        yield text


def _lesson(text: str, source: LessonSource) -> datetime | None:
    """The moment in the portal's zone; None for a day without a time, for what is no date or no year of ours.

    Midnight is a day without a time: a portal fills it in, and no lesson begins then.
    """
    try:
        moment = read_moment(text, source.zone, source.site) if ":" in text else None
    except ValueError:
        return None
    if moment is None or moment.year not in YEARS:
        return None
    starts_at = (moment.astimezone(UTC) - source.shift).astimezone(source.zone)
    return starts_at if starts_at.time() != MIDNIGHT else None
