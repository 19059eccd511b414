"""The read model follows the portal: changes by cursors, everything when that is due, and what each costs."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from backoffice.bitrix24.errors import BatchFailed
from backoffice.bitrix24.lesson_changes import read_everything
from backoffice.rules.lesson_changes import Changes
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from backoffice.store.enrolments import enrolments_of
from backoffice.store.lessons import lesson_cursors

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire
    from tests.bitrix24.lessons.conftest import Model

HOUR = 3600.0
TICK = 300.0


def test_what_is_new_is_found_by_the_next_sweep(model: "Model", school: School, world: World, lesson: datetime) -> None:
    """A course with dates, and a deal on the stage with its contacts, its responsible and the moment it came."""
    world.clock.advance(HOUR)
    course_id = school.course("Икебана", [lesson])
    people = [school.contact("Ли", "Анна"), school.contact("Ким", "Пётр")]
    deal_id = school.deal(people, [course_id], responsible_id=1)
    model.sweep()
    assert model.courses() == {course_id: (lesson,)}
    (enrolment,) = enrolments_of(model.engine, model.portal.host, [course_id])
    assert enrolment.deal_id == deal_id
    assert (enrolment.responsible_id, enrolment.contact_ids) == (1, tuple(people))
    assert abs(enrolment.entered_at - world.clock.now()) < timedelta(seconds=5)


def test_an_idle_sweep_is_one_request_however_large_the_school(
    model: "Model", school: School, world: World, lesson: datetime, requests: Callable[[], int]
) -> None:
    """Nothing changed for longer than the overlap: the number of deals and courses does not matter."""
    courses = [school.course(f"Курс {number}", [lesson]) for number in range(60)]
    for number in range(120):
        school.deal([school.contact("Ли", f"Анна {number}")], [courses[number % 60]])
    model.read_everything()
    world.clock.advance(HOUR)
    model.sweep()
    requests()
    world.clock.advance(TICK)
    model.sweep()
    assert requests() == 1
    assert len(model.attending(*courses)) == 120


def test_a_change_costs_two_requests(
    model: "Model", school: School, world: World, lesson: datetime, requests: Callable[[], int]
) -> None:
    """The look, and the product rows of the deals that changed; a product never seen in a deal is one more."""
    course_id = school.course("Икебана", [lesson])
    school.deal([school.contact("Ли", "Анна")], [course_id])
    requests()
    model.sweep()
    assert requests() == 3
    world.clock.advance(HOUR)
    school.deal([school.contact("Ким", "Пётр")], [course_id])
    requests()
    model.sweep()
    assert requests() == 2
    assert len(model.attending(course_id)) == 2


def test_a_rescheduled_lesson_is_found(model: "Model", school: School, world: World, lesson: datetime) -> None:
    """The old date is gone; a course whose dates were all taken out is no course any more."""
    course_id, other_id = school.course("Икебана", [lesson]), school.course("Танцы", [lesson])
    model.sweep()
    world.clock.advance(HOUR)
    school.reschedule(course_id, [lesson + timedelta(days=7)])
    school.reschedule(other_id, [])
    model.sweep()
    assert model.courses() == {course_id: (lesson + timedelta(days=7),)}


def test_a_deal_that_comes_back_to_the_stage_is_found(model: "Model", school: School, world: World) -> None:
    """It left and was forgotten by a whole reading; its entry is a change."""
    course_id = school.course("Икебана")
    deal_id = school.deal([school.contact("Ли", "Анна")], [course_id])
    school.move(deal_id, school.next_stage_id)
    model.read_everything()
    assert model.attending(course_id) == {}
    world.clock.advance(HOUR)
    school.move(deal_id, school.stage_id)
    model.sweep()
    assert model.attending(course_id).keys() == {deal_id}


def test_a_deal_that_entered_and_left_between_two_sweeps_is_none(model: "Model", school: School, world: World) -> None:
    """The history tells of an entry, the deal stands elsewhere: nobody attends, and the entry is not read again."""
    course_id = school.course("Икебана")
    deal_id = school.deal([school.contact("Ли", "Анна")], [course_id])
    school.move(deal_id, school.next_stage_id)
    changes = model.read_changes()
    assert (changes.enrolments, changes.left) == ((), frozenset([deal_id]))
    model.store(changes)
    world.clock.advance(HOUR)
    assert model.read_changes().left == frozenset()


def test_more_changes_than_a_page_holds_are_all_found(
    model: "Model", school: School, world: World, lesson: datetime
) -> None:
    """A mass edit: full pages of products and of deals are followed to their end."""
    world.clock.advance(HOUR)
    courses = [school.course(f"Курс {number}", [lesson]) for number in range(103)]
    deals = [school.deal([school.contact("Ли", "Анна")], [course_id]) for course_id in courses]
    model.sweep()
    assert list(model.courses()) == courses
    assert list(model.attending(*courses)) == deals


def test_a_change_that_shows_late_is_found(model: "Model", school: School, world: World, lesson: datetime) -> None:
    """A change dated before the last look, within the overlap, which that look did not see."""
    course_id = school.course("Икебана", [lesson])
    world.clock.advance(60)
    seen = model.read_changes()
    model.store(Changes(seen.read_at, cursors=seen.cursors))
    assert model.courses() == {}
    model.sweep()
    assert model.courses() == {course_id: (lesson,)}


def test_a_run_that_dies_before_storing_loses_nothing(
    model: "Model", school: School, world: World, lesson: datetime
) -> None:
    """The cursors stand where they stood, however long the outage."""
    course_id = school.course("Икебана", [lesson])
    deal_id = school.deal([school.contact("Ли", "Анна")], [course_id])
    model.read_changes()
    world.clock.advance(24 * HOUR)
    model.sweep()
    assert model.courses() == {course_id: (lesson,)}
    assert model.attending(course_id).keys() == {deal_id}


def test_what_leaves_no_trace_is_found_by_a_whole_reading(
    model: "Model", school: School, world: World, lesson: datetime
) -> None:
    """Edited product rows, deletions and departures: the nightly reading leaves what there is, and nothing else."""
    ikebana, dances = school.course("Икебана", [lesson]), school.course("Танцы", [lesson])
    stays, leaves, dies, changes = (school.deal([school.contact("Ли", "Анна")], [ikebana]) for _ in range(4))
    model.sweep()
    world.clock.advance(HOUR)
    school.move(leaves, school.next_stage_id)
    school.delete_deal(dies)
    school.set_products(changes, [dances])
    model.read_everything()
    assert model.attending(ikebana).keys() == {stays}
    assert model.attending(dances).keys() == {changes}


def test_a_whole_reading_of_many_deals_comes_in_portions(
    model: "Model", school: School, lesson: datetime, requests: Callable[[], int]
) -> None:
    """Two requests for 50 deals; killed half-way it has taken nothing away, begun anew it ends the same."""
    course_id = school.course("Икебана", [lesson])
    deals = [school.deal([school.contact("Ли", "Анна")], [course_id]) for _ in range(120)]
    requests()
    portions = list(read_everything(model.portal, model.source, model.cards()))
    assert requests() <= 11
    assert [len(portion.enrolments) for portion in portions if portion.enrolments] == [50, 50, 20]
    assert [portion.whole for portion in portions] == [False] * (len(portions) - 1) + [True]
    for portion in portions[:2]:
        model.store(portion)
    model.read_everything()
    assert list(model.attending(course_id)) == deals


def test_an_offer_stands_for_its_product(
    model: "Model",
    school: School,
    lesson: datetime,
    add_offer: Callable[[int], int],
    sell: Callable[[int, Sequence[dict[str, object]]], None],
    requests: Callable[[], int],
) -> None:
    """Whether its row says so or not; several courses, rows typed in by hand and twice the same are no trouble."""
    ikebana, dances = school.course("Икебана", [lesson]), school.course("Танцы", [lesson])
    offer, unsaid = add_offer(ikebana), add_offer(ikebana)
    deals = [school.deal([school.contact("Ли", "Анна")], []) for _ in range(4)]
    sell(deals[0], [{"productId": offer, "price": 1}, {"productId": dances, "price": 1, "quantity": 3}])
    sell(deals[1], [{"productId": unsaid, "price": 1, "type": 1}, {"productId": offer, "price": 1}])
    sell(deals[2], [{"productId": 0, "productName": "Чай", "price": 1}, {"productName": "Кофе", "price": 1}])
    model.sweep()
    attended = {
        own.deal_id: own.course_ids for own in enrolments_of(model.engine, model.portal.host, [ikebana, dances])
    }
    assert attended == {deals[0]: {ikebana, dances}, deals[1]: {ikebana}}
    assert model.cards() == {offer: ikebana, unsaid: ikebana, dances: dances}
    requests()
    model.read_changes()
    assert requests() == 2


def test_a_deal_with_more_rows_than_a_page_is_read_whole(
    model: "Model", school: School, sell: Callable[[int, Sequence[dict[str, object]]], None]
) -> None:
    """The course may stand in the sixtieth row."""
    course_id = school.course("Икебана")
    deal_id = school.deal([school.contact("Ли", "Анна")], [])
    sell(deal_id, [*({"productName": f"Чай {number}", "price": 1} for number in range(59)), {"productId": course_id}])
    model.sweep()
    assert model.attending(course_id).keys() == {deal_id}


def test_another_stage_in_portal_toml_means_reading_everything(model: "Model", school: School) -> None:
    """The cursors of the old stage say nothing about the new one."""
    assert lesson_cursors(model.engine, model.portal.host, model.source.name) is not None
    assert lesson_cursors(model.engine, model.portal.host, f"{school.next_stage_id} {model.source.dates.key}") is None


def test_an_outage_is_never_taken_for_silence(model: "Model", school: School, world: World, wire: "Wire") -> None:
    """Neither for «nothing changed» nor for a deal without courses."""
    course_id = school.course("Икебана")
    deal_id = school.deal([school.contact("Ли", "Анна")], [course_id])
    wire.plan(wire.answers(502, "<html>"))
    with pytest.raises(BatchFailed):
        model.read_changes()
    wire.plan(wire.through, wire.answers(502, "<html>"))
    with pytest.raises(BatchFailed):
        model.read_changes()
    world.portal.config.catalog_readable = False
    with pytest.raises(BatchFailed, match="у вебхука нет права на каталог"):
        model.read_changes()
    world.portal.config.catalog_readable = True
    model.sweep()
    assert model.attending(course_id).keys() == {deal_id}
