"""The last look before something is sent: what the portal has at this moment, in one request."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import BatchFailed
from backoffice.bitrix24.lesson_source import LessonSource
from backoffice.bitrix24.live_lessons import DEALS_A_REQUEST, read_live
from backoffice.rules.lesson_facts import Attendee, Live
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

Look = Callable[..., Live]


@pytest.fixture
def look(portal: Portal, source: LessonSource) -> Look:
    """Read deals, courses and contacts; the products named in deals are known unless said otherwise."""

    def read(
        deals: Sequence[int], courses: Sequence[int], people: Sequence[int], cards: dict[int, int] | None = None
    ) -> Live:
        known = {course_id: course_id for course_id in courses} if cards is None else cards
        return read_live(portal, source, deals, courses, people, known)

    return read


def test_forty_deals_are_one_request(look: Look, school: School, lesson: datetime, requests: Callable[[], int]) -> None:
    """With their courses and all their contacts."""
    courses = [school.course(f"Курс {number}", [lesson]) for number in range(DEALS_A_REQUEST)]
    people = [school.contact("Ли", f"Анна {number}") for number in range(2 * DEALS_A_REQUEST)]
    deals = [school.deal(people[2 * place : 2 * place + 2], [course]) for place, course in enumerate(courses)]
    requests()
    live = look(deals, courses, people)
    assert requests() == 1
    assert [live.enrolments[deal].contact_ids for deal in deals] == [
        tuple(people[2 * place : 2 * place + 2]) for place in range(DEALS_A_REQUEST)
    ]
    assert [live.enrolments[deal].course_ids for deal in deals] == [{course} for course in courses]
    assert [live.courses[course].lessons for course in courses] == [(lesson,)] * DEALS_A_REQUEST
    assert list(live.attendees) == people


def test_what_is_gone_is_absent(look: Look, school: School, lesson: datetime, world: World) -> None:
    """A deal that left the stage, is lost or deleted, a deleted course, a deleted contact: and the others are there."""
    course_id, dead = school.course("Икебана", [lesson]), school.course("Танцы", [lesson])
    anna, gone = school.contact("Ли", "Анна"), school.contact("Ким", "Пётр")
    stays, moved, lost, deleted = (school.deal([anna, gone], [course_id]) for _ in range(4))
    school.move(moved, school.next_stage_id)
    school.move(lost, f"C{school.funnel_id}:LOSE")
    school.delete_deal(deleted)
    ask(world.portal, "catalog.product.delete", id=dead)
    ask(world.portal, "crm.contact.delete", ID=gone)
    live = look([stays, moved, lost, deleted, 9999], [course_id, dead], [anna, gone])
    assert live.enrolments.keys() == {stays}
    assert live.enrolments[stays].contact_ids == (anna,)
    assert live.courses.keys() == {course_id}
    assert live.attendees.keys() == {anna}


def test_what_was_changed_is_seen(look: Look, school: School, lesson: datetime, world: World) -> None:
    """Another date, other product rows, another contact, another manager since the read model was filled."""
    ikebana, dances = school.course("Икебана", [lesson]), school.course("Танцы", [lesson])
    anna, other = school.contact("Ли", "Анна"), school.contact("Ким", "Пётр")
    deal_id = school.deal([anna], [ikebana])
    school.reschedule(ikebana, [lesson + timedelta(days=1)])
    school.set_products(deal_id, [dances])
    changed = {"contactIds": [other], "assignedById": 2}
    ask(world.portal, "crm.item.update", entityTypeId=2, id=deal_id, fields=changed)
    live = look([deal_id], [ikebana, dances], [anna, other])
    enrolment = live.enrolments[deal_id]
    assert enrolment.course_ids == {dances}
    assert (enrolment.contact_ids, enrolment.responsible_id) == ((other,), 2)
    assert live.courses[ikebana].lessons == (lesson + timedelta(days=1),)


def test_an_offer_is_its_product(
    look: Look, school: School, lesson: datetime, add_offer: Callable[[int], int], requests: Callable[[], int]
) -> None:
    """One that the read model knows costs nothing, one never seen before another request."""
    course_id = school.course("Икебана", [lesson])
    offer = add_offer(course_id)
    deal_id = school.deal([school.contact("Ли", "Анна")], [offer])
    requests()
    assert look([deal_id], [course_id], [], {offer: course_id}).enrolments[deal_id].course_ids == {course_id}
    assert requests() == 1
    assert look([deal_id], [course_id], [], {}).enrolments[deal_id].course_ids == {course_id}
    assert requests() == 2


def test_a_contact_is_read_as_it_is_written_to(look: Look, school: School, world: World) -> None:
    """Names, the first address and the first phone that are ones, in their normal forms."""
    contact_id = school.contact("Ли", "Анна")
    school.change_contact(
        contact_id,
        SECOND_NAME="Ивановна",
        EMAIL=[{"VALUE": "Anna@Example.ORG", "VALUE_TYPE": "WORK"}, {"VALUE": "b@example.org", "VALUE_TYPE": "HOME"}],
        PHONE=[{"VALUE": "нет", "VALUE_TYPE": "WORK"}, {"VALUE": "8 (999) 000-11-22", "VALUE_TYPE": "MOBILE"}],
    )
    assert look([], [], [contact_id]).attendees[contact_id] == Attendee(
        contact_id, "Ли", "Анна", "Ивановна", "anna@example.org", "+79990001122"
    )


def test_a_contact_without_anything_is_one_too(look: Look, school: School) -> None:
    """The portal leaves out addresses and phones that are not there."""
    contact_id = school.contact("", "Анна")
    assert look([], [], [contact_id]).attendees[contact_id] == Attendee(contact_id, "", "Анна")


@pytest.mark.parametrize(("written", "opted_out"), [("1", True), ("Y", True), ("0", False), ("N", False), ("", False)])
def test_who_asked_not_to_be_written_to_is_known(
    look: Look, school: School, source: LessonSource, written: str, opted_out: bool
) -> None:
    """However the tick was made."""
    contact_id = school.contact("Ли", "Анна")
    school.change_contact(contact_id, **{source.opted_out: written})
    assert look([], [], [contact_id]).attendees[contact_id].opted_out is opted_out


@pytest.mark.parametrize(
    ("shown", "opted_out"),
    [("Y", True), ("1", True), (1, True), (True, True), ("N", False), ("0", False), (None, False), (False, False)],
)
def test_a_tick_is_read_in_any_form(
    look: Look, school: School, source: LessonSource, wire: "Wire", shown: object, opted_out: bool
) -> None:
    """The documents have Y and N for this type, and 1 and 0 in filters."""
    contact_id = school.contact("Ли", "Анна")

    def as_shown(body: Any) -> Any:
        for answer in body["result"]["result"].values():
            answer[0][source.opted_out] = shown
        return body

    wire.plan(wire.edits(as_shown))
    assert look([], [], [contact_id]).attendees[contact_id].opted_out is opted_out


def test_a_deal_that_names_its_first_contact_only_has_that_one(look: Look, school: School, wire: "Wire") -> None:
    """An older portal does not give `contactIds`."""
    anna = school.contact("Ли", "Анна")
    deal_id = school.deal([anna], [])

    def without_the_list(body: Any) -> Any:
        for answer in body["result"]["result"].values():
            for item in answer.get("items", ()):
                item.pop("contactIds")
        return body

    wire.plan(wire.edits(without_the_list))
    assert look([deal_id], [], []).enrolments[deal_id].contact_ids == (anna,)


def test_an_outage_is_an_error(look: Look, school: School, lesson: datetime, world: World, wire: "Wire") -> None:
    """Nobody counts as gone because the portal could not be asked, not even in part."""
    course_id = school.course("Икебана", [lesson])
    deal_id = school.deal([school.contact("Ли", "Анна")], [course_id])
    wire.plan(wire.answers(502, "<html>"))
    with pytest.raises(BatchFailed):
        look([deal_id], [course_id], [])

    def rows_refused(body: Any) -> Any:
        maps = body["result"]
        (key,) = (key for key, answer in maps["result"].items() if "productRows" in answer)
        del maps["result"][key]
        maps["result_error"] = {key: {"error": "INTERNAL_SERVER_ERROR", "error_description": "Internal error"}}
        return body

    wire.plan(wire.edits(rows_refused))
    with pytest.raises(BatchFailed):
        look([deal_id], [course_id], [])
    world.portal.config.catalog_readable = False
    with pytest.raises(BatchFailed, match="у вебхука нет права на каталог"):
        look([deal_id], [course_id], [])


def test_nothing_asked_is_nothing_sent(look: Look, requests: Callable[[], int], school: School) -> None:
    """No request for no reminders."""
    requests()
    assert look([], [], []) == Live()
    assert requests() == 0
