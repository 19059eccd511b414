"""The portal's courses and their lessons, as last read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Engine
from sqlmodel import Field, Session, SQLModel, col, delete, select

from backoffice.rules.lesson_facts import Course
from backoffice.store.engine import reading
from backoffice.store.moments import Moment
from backoffice.store.statements import chunks, upsert


class CourseRow(SQLModel, table=True):
    """A product with dates in its card: `lessons` in ISO form, `unreadable` as they stand there."""

    __tablename__ = "course"

    portal: str = Field(primary_key=True)
    product_id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str
    lessons: list[str] = Field(sa_type=JSON)
    unreadable: list[str] = Field(sa_type=JSON)
    read_at: datetime = Field(sa_type=Moment)


def courses_between(engine: Engine, portal: str, since: datetime, until: datetime) -> list[Course]:
    """The courses with a lesson in that time, ends included, or with an unreadable date; each with all its lessons."""
    known = select(CourseRow.product_id, CourseRow.name, CourseRow.lessons, CourseRow.unreadable)
    with reading(engine) as session:
        rows = session.exec(known.where(CourseRow.portal == portal).order_by(col(CourseRow.product_id))).all()
    courses = [
        Course(product_id, name, tuple(map(datetime.fromisoformat, lessons)), tuple(unreadable))
        for product_id, name, lessons, unreadable in rows
    ]
    return [own for own in courses if own.unreadable or any(since <= lesson <= until for lesson in own.lessons)]


def keep_courses(session: Session, portal: str, courses: Iterable[Course], read_at: datetime) -> None:
    """Writes the courses as they were at `read_at`, unless read later already; one without dates is dropped."""
    wanted = {course.id: course for course in courses}
    for some in chunks(wanted):
        newer = set(session.exec(_of(portal, some).where(col(CourseRow.read_at) > read_at)))
        older = [wanted[product_id] for product_id in sorted(some) if product_id not in newer]
        dateless = [course.id for course in older if not (course.lessons or course.unreadable)]
        session.exec(delete(CourseRow).where(col(CourseRow.portal) == portal, col(CourseRow.product_id).in_(dateless)))
        upsert(session, CourseRow, [_row(portal, own, read_at) for own in older if own.id not in dateless])


def drop_courses_before(session: Session, portal: str, read_at: datetime) -> None:
    """Drops what was not read since that moment."""
    session.exec(delete(CourseRow).where(col(CourseRow.portal) == portal, col(CourseRow.read_at) < read_at))


def _of(portal: str, product_ids: list[int]) -> Any:
    return select(CourseRow.product_id).where(CourseRow.portal == portal, col(CourseRow.product_id).in_(product_ids))


def _row(portal: str, course: Course, read_at: datetime) -> dict[str, Any]:
    return {
        "portal": portal,
        "product_id": course.id,
        "name": course.name,
        "lessons": [lesson.isoformat() for lesson in course.lessons],
        "unreadable": list(course.unreadable),
        "read_at": read_at,
    }
