"""Lesson reminders on portals that are otherwise where the documents are silent, each known to us as it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from backoffice import connections
from backoffice.facts_file import Findings, PortalPart
from backoffice.rules.portal_facts import PortalFacts
from backoffice.sandbox.bitrix24.catalog.planting import plant_course
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from tests.portals import LESSONS, NOT_PROBED, Switch, behave, told

Sweep = Callable[..., None]
HOUR = timedelta(hours=1)
UNANSWERED = ("crm.timeline.comment.add", "im.notify.personal.add", "crm.activity.add")
ANNA, BORIS = "anna@example.org", "boris@example.org"
INTENSIVE = "В среду, 4 марта, в 15:00 — занятие «Интенсив по налогам»"
PRACTICE = "В четверг, 5 марта, в 15:00 — занятие «Практикум»"


@dataclass(frozen=True)
class Came:
    """What people have got in the end: letters, records in the deal's timeline, notes to the manager."""

    letters: list[tuple[str, str, bool]]
    traces: int
    notes: int


def came(world: World) -> Came:
    letters = sorted((one.recipients[0], one.subject, "<p>" in one.html) for one in world.mailbox.letters)
    return Came(letters, len(world.portal.crm.comments), len(world.portal.notifications))


def known(facts: PortalFacts) -> None:
    """The portal was probed, or somebody wrote into the file what no probe can find out."""
    connections.keep_findings(Findings(datetime.now(UTC), PortalPart(connections.portal_host(), facts)))


def sweeps(world: World, sweep: Sweep, letters_by: str) -> None:
    """As the timetable has them, until nothing is in doubt any more that can be cleared up."""
    for _ in range(3):
        sweep(letters_by=letters_by)
        world.clock.advance(300)


@pytest.mark.parametrize(("switch", "facts"), [*LESSONS, *NOT_PROBED], ids=told)
def test_the_same_letters_come_whatever_the_portal_is_like(
    world: World, school: School, sweep: Sweep, switch: Switch, facts: Switch
) -> None:
    """A lesson is put off; letters go by our server, then by the portal. The portal keeps its answers to one record,
    one note and one letter to itself: nothing comes twice.
    """
    behave(world, switch)
    known(PortalFacts(**facts))
    first = world.clock.now() + 3 * HOUR
    intensive = school.course("Интенсив по налогам", [first])
    practice = school.course("Практикум", [first + 72 * HOUR])
    people = [school.contact("Белова", "Анна", ANNA), school.contact("Волков", "Борис", BORIS)]
    school.deal([*people, school.contact("Зимина", "Ольга")], [intensive])
    school.deal(people[:1], [practice])
    sweep()
    world.clock.advance(1800)
    sweep()
    school.reschedule(intensive, [first + 48 * HOUR])
    sweep()
    world.clock.move_to(first + 46 * HOUR)
    world.faults.order(*(Fault(kind="cut_after", methods=method, times=1) for method in UNANSWERED))
    sweeps(world, sweep, "smtp")
    assert came(world) == Came([(ANNA, INTENSIVE, True), (BORIS, INTENSIVE, True)], traces=2, notes=1)
    world.clock.move_to(first + 70 * HOUR)
    sweeps(world, sweep, "portal")
    letters = [(ANNA, INTENSIVE, True), (ANNA, PRACTICE, True), (BORIS, INTENSIVE, True)]
    # Where a letter in doubt cannot be found again, a person is asked to decide.
    doubts = 0 if PortalFacts(**facts).activities_keep_origins else 1
    assert came(world) == Came(sorted(letters), traces=2, notes=1 + doubts)
    assert world.faults.fired["cut_after"] == len(UNANSWERED)


@pytest.mark.parametrize("probed", [True, False])
def test_without_the_fact_a_date_would_be_another_day(world: World, school: School, sweep: Sweep, probed: bool) -> None:
    """04/03/2026 is the fourth of March where the day comes first, and the third of April where nobody knows."""
    switch = {"catalog_datetime": "site", "site_datetime": "%d/%m/%Y %H:%M:%S"}
    facts = PortalFacts(catalog_datetime="%d/%m/%Y %H:%M:%S") if probed else PortalFacts()
    behave(world, switch)
    known(facts)
    lesson = world.clock.now() + 51 * HOUR
    school.deal([school.contact("Белова", "Анна", ANNA)], [school.course("Интенсив", [lesson])])
    world.clock.move_to(lesson - 2 * HOUR)
    sweep()
    assert len(world.mailbox.letters) == probed


def test_edits_that_leave_no_trace_are_found_within_the_requests_of_a_sweep(
    world: World, school: School, sweep: Sweep
) -> None:
    """Of 500 courses: 6 requests when there is nothing to do."""
    behave(world, {"product_edits_move_timestamp": False})
    known(PortalFacts(product_edits_move_timestamp=False))
    soon, dates = world.clock.now() + 3 * HOUR, int(school.property.removeprefix("property"))
    courses = [plant_course(world.portal, f"Курс {number}", dates, [soon]) for number in range(500)]
    school.deal([school.contact("Белова", "Анна", ANNA)], courses)
    for _ in range(2):
        sweep()
        world.clock.advance(1200)
    world.log.reset_counters()
    sweep()
    assert world.log.counters()["portal_requests"] == 5
    for course in courses[1:]:
        school.reschedule(course, [])
    world.clock.move_to(soon - HOUR)
    sweep()
    assert [letter.subject for letter in world.mailbox.letters] == [
        "В понедельник, 2 марта, в 15:00 — занятие «Курс 0»"
    ]
