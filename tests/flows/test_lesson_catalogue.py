"""Lesson reminders, whatever the deal sells and however the portal writes and hides its products."""

from collections.abc import Callable
from typing import Any, Literal

import pytest

from backoffice.sandbox.bitrix24.catalog.planting import plant_offer, plant_rows
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from tests.flows.lessons import HOUR, Lesson, comments, letters, notes

Sweep = Callable[..., None]
Form = Literal["iso", "site", "iso_naive"]
SUBJECT = "В понедельник, 2 марта, в 15:00 — занятие «{}»"


@pytest.fixture
def lesson(world: World, school: School) -> Lesson:
    return Lesson(world, school)


def sold(world: World, deal_id: int, *rows: dict[str, Any]) -> None:
    """These rows instead of those in the deal."""
    rows = tuple({"price": 9000, "quantity": 1, **row} for row in rows)
    ask(world.portal, "crm.item.productrow.set", ownerType="D", ownerId=deal_id, productRows=list(rows))


def two_hours_before(lesson: Lesson, sweep: Sweep) -> None:
    """Swept before, and after."""
    sweep()
    lesson.comes()
    sweep()
    sweep()


def test_each_course_of_a_deal_is_reminded_of(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """Two lessons at the same time are two letters to everybody."""
    other = school.course("Практикум", [lesson.starts_at, lesson.starts_at + 24 * HOUR])
    school.set_products(lesson.deal, [lesson.course, other])
    two_hours_before(lesson, sweep)
    for address in ("anna@example.org", "boris@example.org"):
        subjects = sorted(letter.subject for letter in world.mailbox.to(address))
        assert subjects == [SUBJECT.format("Интенсив по налогам"), SUBJECT.format("Практикум")]
    assert len(comments(world, lesson.deal)) == 4


def test_an_offer_is_its_parent_s_course(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """The deal sells a variation; the dates and the name are in the card of the product."""
    sold(world, lesson.deal, {"productId": plant_offer(world.portal, lesson.course, "Интенсив, вечерняя группа")})
    two_hours_before(lesson, sweep)
    assert {letter.subject for letter in world.mailbox.letters} == {SUBJECT.format("Интенсив по налогам")}
    assert letters(world) == ["anna@example.org", "boris@example.org"]


@pytest.mark.parametrize("times", ["rows", "quantity", "offers"])
def test_the_same_course_several_times_is_one_letter(world: World, lesson: Lesson, sweep: Sweep, times: str) -> None:
    """As two rows, as a quantity, as two variations besides the product itself."""
    course = {"productId": lesson.course}
    offers = [{"productId": plant_offer(world.portal, lesson.course, name)} for name in ("утро", "вечер")]
    rows = {"rows": [course, course], "quantity": [course | {"quantity": 5}], "offers": [course, *offers]}
    sold(world, lesson.deal, *rows[times])
    two_hours_before(lesson, sweep)
    assert letters(world) == ["anna@example.org", "boris@example.org"]


def test_each_deal_of_a_person_has_its_letter(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """Two deals with the same course: the reminder belongs to the deal."""
    other = school.deal([lesson.anna], [lesson.course])
    two_hours_before(lesson, sweep)
    assert letters(world) == ["anna@example.org", "anna@example.org", "boris@example.org"]
    assert len(comments(world, other)) == 1


def test_what_is_no_course_is_passed_over(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """A product without dates, a row that is no product of the catalogue."""
    school.set_products(lesson.deal, [school.course("Учебник"), lesson.course])
    plant_rows(world.portal, lesson.deal, ["Доставка"])
    two_hours_before(lesson, sweep)
    assert (letters(world), notes(world)) == (["anna@example.org", "boris@example.org"], [])


@pytest.mark.parametrize("form", ["iso", "site", "iso_naive"])
def test_dates_are_read_in_every_form(world: World, school: School, lesson: Lesson, sweep: Sweep, form: Form) -> None:
    """Whichever this portal answers in, the hour is the portal's."""
    world.portal.config.catalog_datetime = form
    school.reschedule(lesson.course, [lesson.starts_at, "2 марта после обеда"])
    two_hours_before(lesson, sweep)
    assert [letter.subject for letter in world.mailbox.letters] == [SUBJECT.format("Интенсив по налогам")] * 2
    assert ["2 марта после обеда" in note for note in notes(world)] == [True]


@pytest.mark.parametrize("sees_every_type", [True, False])
@pytest.mark.parametrize("missing", ["not_exists", "access_denied"])
def test_a_product_that_is_gone_stops_nobody(
    world: World,
    school: School,
    lesson: Lesson,
    sweep: Sweep,
    sees_every_type: bool,
    missing: Literal["not_exists", "access_denied"],
) -> None:
    """Deleted from the catalogue and still in deals, however the portal speaks of it and of parents and offers."""
    world.portal.config.product_methods_see_every_type = sees_every_type
    world.portal.config.missing_product = missing
    gone = school.course("Отменённый курс", [lesson.starts_at])
    offered = school.course("Практикум", [lesson.starts_at])
    offer = plant_offer(world.portal, offered, "Практикум, вечер")
    school.deal([lesson.boris], [gone])
    vera = school.contact("Громова", "Вера", "vera@example.org")
    school.deal([vera], [offer])
    sweep()
    ask(world.portal, "catalog.product.delete", id=gone)
    school.set_products(lesson.deal, [gone, lesson.course])
    two_hours_before(lesson, sweep)
    assert letters(world) == ["anna@example.org", "boris@example.org", "vera@example.org"]
    assert notes(world) == []


@pytest.mark.parametrize("missing", ["not_exists", "access_denied"])
def test_a_catalogue_begun_with_a_product_that_is_gone(
    world: World,
    school: School,
    lesson: Lesson,
    sweep: Sweep,
    missing: Literal["not_exists", "access_denied"],
) -> None:
    """The first sweep of all, and the night's reading, meet it too."""
    world.portal.config.missing_product = missing
    gone = school.course("Отменённый курс", [lesson.starts_at])
    school.set_products(lesson.deal, [gone, lesson.course])
    ask(world.portal, "catalog.product.delete", id=gone)
    sweep()
    sweep(which="rebuild")
    two_hours_before(lesson, sweep)
    assert letters(world) == ["anna@example.org", "boris@example.org"]
