"""The read model of lessons: what stands in it after any reading, and how fast the due ones are found."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import StatementError

from backoffice.rules.lesson_changes import Changes, Cursors
from backoffice.rules.lesson_facts import Course, Enrolment
from backoffice.store.courses import courses_between
from backoffice.store.cursors import cursors, move_cursor
from backoffice.store.enrolments import enrolments_of, product_cards
from backoffice.store.lessons import lesson_cursors, store_changes

HOST = "portal.example.org"
SOURCE = "C7:BO_STUDYING property258"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def course(id: int, *lessons: datetime, unreadable: Iterable[str] = ()) -> Course:
    return Course(id, f"Курс {id}", lessons, tuple(unreadable))


def enrolment(deal_id: int, *course_ids: int) -> Enrolment:
    return Enrolment(deal_id, 1, (deal_id + 1000, deal_id + 2000), frozenset(course_ids), NOON - 24 * HOUR)


def standing(engine: Engine) -> tuple[list[int], list[int]]:
    """The ids of the courses and of the deals of courses 1 to 9."""
    courses = courses_between(engine, HOST, NOON - 1000 * HOUR, NOON + 1000 * HOUR)
    return [own.id for own in courses], [own.deal_id for own in enrolments_of(engine, HOST, range(1, 10))]


def test_what_was_read_is_what_is_found(engine: Engine) -> None:
    """Courses and enrolments come back as they were; those of other portals stay apart."""
    dated, broken = course(1, NOON, NOON + HOUR), course(2, unreadable=["скоро"])
    learners = (enrolment(10, 1, 2), enrolment(11, 2))
    store_changes(engine, HOST, Changes(NOON, (dated, broken), learners))
    store_changes(engine, "other.example.org", Changes(NOON, (course(3, NOON),), (enrolment(10, 3),)))
    assert courses_between(engine, HOST, NOON, NOON) == [dated, broken]
    assert enrolments_of(engine, HOST, [2]) == list(learners)
    assert enrolments_of(engine, HOST, [1]) == [learners[0]]


def test_only_the_courses_of_the_time_are_found(engine: Engine) -> None:
    """Ends included; a course with a date that nobody can read is always found, because somebody must be told."""
    store_changes(engine, HOST, Changes(NOON, (course(1, NOON), course(2, NOON + HOUR), course(3, unreadable=["?"]))))
    assert [own.id for own in courses_between(engine, HOST, NOON + HOUR, NOON + 2 * HOUR)] == [2, 3]
    assert [own.id for own in courses_between(engine, HOST, NOON - HOUR, NOON)] == [1, 3]


def test_a_later_reading_replaces_an_earlier_one(engine: Engine) -> None:
    """Dates and rows that are gone from the portal are gone here; a course without dates is none any more."""
    before = Changes(NOON, (course(1, NOON), course(2, NOON)), (enrolment(10, 1, 2), enrolment(11, 1)))
    store_changes(engine, HOST, before)
    after = Changes(NOON + HOUR, (course(1, NOON + HOUR), course(2)), (enrolment(10, 1),), left=frozenset([11, 12]))
    store_changes(engine, HOST, after)
    assert courses_between(engine, HOST, NOON, NOON + HOUR) == [course(1, NOON + HOUR)]
    assert enrolments_of(engine, HOST, [1, 2]) == [enrolment(10, 1)]


def test_a_whole_reading_leaves_nothing_older_and_nothing_newer_is_lost(engine: Engine) -> None:
    """A sweep may store changes while a whole reading is under way: what that saw before does not overwrite them."""
    store_changes(engine, HOST, Changes(NOON, (course(1, NOON), course(2, NOON)), (enrolment(10, 1), enrolment(11, 2))))
    began = NOON + HOUR
    meanwhile = Changes(began + HOUR, (course(3, NOON + HOUR),), (enrolment(12, 3),))
    store_changes(engine, HOST, Changes(began, (course(2, NOON),)))
    store_changes(engine, HOST, meanwhile)
    store_changes(engine, HOST, Changes(began, (course(3, NOON),), (enrolment(11, 2), enrolment(12, 2)), whole=True))
    assert courses_between(engine, HOST, NOON, NOON + HOUR) == [course(2, NOON), course(3, NOON + HOUR)]
    assert enrolments_of(engine, HOST, [1, 2, 3]) == [enrolment(11, 2), enrolment(12, 3)]


def test_a_whole_reading_that_died_takes_nothing_away(engine: Engine) -> None:
    """Only its last portion says that the rest is not in the portal."""
    store_changes(engine, HOST, Changes(NOON, (course(1, NOON),), (enrolment(10, 1),)))
    store_changes(engine, HOST, Changes(NOON + HOUR, (course(2, NOON),), (enrolment(11, 2),)))
    assert standing(engine) == ([1, 2], [10, 11])


def test_cursors_go_in_with_what_they_cover_and_never_back(engine: Engine) -> None:
    """A reading that took long and ends late does not make the next one read everything again."""
    assert lesson_cursors(engine, HOST, SOURCE) is None
    store_changes(engine, HOST, Changes(NOON, cursors=Cursors(SOURCE, NOON, 50)))
    store_changes(engine, HOST, Changes(NOON - HOUR, cursors=Cursors(SOURCE, NOON - HOUR, 40)))
    assert lesson_cursors(engine, HOST, SOURCE) == Cursors(SOURCE, NOON, 50)
    assert lesson_cursors(engine, "other.example.org", SOURCE) is None


def test_cursors_of_another_stage_or_field_say_nothing(engine: Engine) -> None:
    """portal.toml may name another stage tomorrow: then everything is read anew, and the new cursors hold."""
    store_changes(engine, HOST, Changes(NOON, cursors=Cursors(SOURCE, NOON, 50)))
    assert lesson_cursors(engine, HOST, "C9:OTHER property258") is None
    store_changes(engine, HOST, Changes(NOON, cursors=Cursors("C9:OTHER property258", NOON - HOUR, 3)))
    assert lesson_cursors(engine, HOST, "C9:OTHER property258") == Cursors("C9:OTHER property258", NOON - HOUR, 3)


def test_nothing_of_a_portion_stands_if_it_could_not_be_stored_whole(engine: Engine) -> None:
    """A run that dies while storing leaves the cursors where they were."""
    with pytest.raises(StatementError, match="time zone"):
        store_changes(
            engine,
            HOST,
            Changes(
                NOON,
                (course(1, NOON),),
                (Enrolment(10, 1, (), frozenset([1]), datetime(2026, 1, 1)),),  # noqa: DTZ001 - what must be refused
                cursors=Cursors(SOURCE, NOON, 50),
            ),
        )
    assert standing(engine) == ([], [])
    assert lesson_cursors(engine, HOST, SOURCE) is None


def test_whose_card_holds_the_dates_of_an_offer_stays_for_ever(engine: Engine) -> None:
    """Also after a whole reading that met none of them."""
    store_changes(engine, HOST, Changes(NOON, enrolments=(enrolment(10, 1), enrolment(11, 1)), cards={31: 1, 1: 1}))
    store_changes(engine, HOST, Changes(NOON, cards={31: 1, 32: 2}, whole=True))
    assert product_cards(engine, HOST) == {1: 1, 31: 1, 32: 2}


def test_a_mark_of_another_process_is_kept_apart(engine: Engine) -> None:
    """Any process may keep how far it came."""
    move_cursor(engine, HOST, "swept", "1")
    move_cursor(engine, HOST, "swept", "2")
    assert cursors(engine, HOST) == {"swept": "2"}
    assert cursors(engine, "other.example.org") == {}


def test_the_due_ones_of_twenty_thousand_deals_are_found_at_once(engine: Engine) -> None:
    """500 courses, 20,000 deals: a sweep finds the deals of the lessons of one hour in well under a second."""
    courses = tuple(course(number, NOON + number * HOUR) for number in range(1, 501))
    deals = tuple(enrolment(number, number % 500 + 1) for number in range(1, 20_001))
    store_changes(engine, HOST, Changes(NOON, courses, deals))
    began = perf_counter()
    found = courses_between(engine, HOST, NOON + HOUR, NOON + 2 * HOUR)
    assert len(enrolments_of(engine, HOST, [own.id for own in found])) == 80
    assert perf_counter() - began < 0.5
