"""The read model against the portal itself, after any doings of managers, sweeps and deaths of sweeps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.bitrix24.lesson_changes import read_everything
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from backoffice.store.enrolments import enrolments_of

if TYPE_CHECKING:
    from tests.bitrix24.lessons.conftest import Model

MANAGERS = ["enrol", "reschedule", "leave", "come_back", "sell_another", "delete"]
SWEEPS = ["wait", "sweep", "die_sweeping", "read_everything", "die_reading_everything"]
doings = st.lists(st.tuples(st.sampled_from(MANAGERS + SWEEPS), st.integers(0, 5), st.integers(0, 5)), max_size=25)


class Days:
    """What happens in the portal and to its read model, and what is true meanwhile."""

    def __init__(self, world: World, school: School, model: "Model") -> None:
        self.world, self.school, self.model = world, school, model
        self.first = (world.clock.now() + timedelta(days=1)).replace(microsecond=0)
        self.lessons: dict[int, tuple[datetime, ...]] = {
            school.course(f"Курс {number}", [self.first]): (self.first,) for number in range(3)
        }
        self.sold: dict[int, int] = {}
        self.away: set[int] = set()
        self.unseen: set[int] = set()

    def enrol(self, course: int, _: int) -> None:
        course_id = self._course(course)
        self.sold[self.school.deal([self.school.contact("Ли", "Анна")], [course_id])] = course_id

    def reschedule(self, course: int, hours: int) -> None:
        lessons = (self.first + timedelta(hours=hours),) if hours else ()
        self.school.reschedule(self._course(course), lessons)
        self.lessons[self._course(course)] = lessons

    def leave(self, deal: int, _: int) -> None:
        for deal_id in self._deal(deal):
            self.school.move(deal_id, self.school.next_stage_id)
            self.away.add(deal_id)

    def come_back(self, deal: int, _: int) -> None:
        for deal_id in self._deal(deal):
            if deal_id in self.away:
                self.school.move(deal_id, self.school.stage_id)
                self.away.remove(deal_id)
                self.unseen.discard(deal_id)

    def sell_another(self, deal: int, course: int) -> None:
        """It leaves no trace in the deal."""
        for deal_id in self._deal(deal):
            self.school.set_products(deal_id, [self._course(course)])
            self.sold[deal_id] = self._course(course)
            self.unseen.add(deal_id)

    def delete(self, deal: int, _: int) -> None:
        for deal_id in self._deal(deal):
            self.school.delete_deal(deal_id)
            del self.sold[deal_id]

    def wait(self, minutes: int, _: int) -> None:
        self.world.clock.advance(minutes * 100)

    def sweep(self, _: int, __: int) -> None:
        self.model.sweep()

    def die_sweeping(self, _: int, __: int) -> None:
        self.model.read_changes()

    def read_everything(self, _: int, __: int) -> None:
        self.model.read_everything()

    def die_reading_everything(self, portions: int, _: int) -> None:
        for portion in islice(read_everything(self.model.portal, self.model.source, self.model.cards()), portions):
            self.model.store(portion)

    def true_courses(self) -> dict[int, tuple[datetime, ...]]:
        return {course_id: lessons for course_id, lessons in self.lessons.items() if lessons}

    def true_enrolments(self) -> dict[int, frozenset[int]]:
        standing = self.sold.keys() - self.away
        return {deal_id: frozenset([self.sold[deal_id]]) for deal_id in standing}

    def known_enrolments(self) -> dict[int, frozenset[int]]:
        found = enrolments_of(self.model.engine, self.model.portal.host, list(self.lessons))
        return {own.deal_id: own.course_ids for own in found}

    def _course(self, number: int) -> int:
        return list(self.lessons)[number % len(self.lessons)]

    def _deal(self, number: int) -> list[int]:
        return list(self.sold)[number : number + 1]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happens=doings)
def test_the_model_follows_the_portal(
    world: World, start_anew: Callable[[], tuple[School, "Model"]], happens: list[tuple[str, int, int]]
) -> None:
    """After a sweep it knows all courses and deals but what leaves no trace; after a whole reading it is right."""
    days = Days(world, *start_anew())
    for doing, one, other in happens:
        getattr(days, doing)(one, other)
    days.model.sweep()
    known, true = days.known_enrolments(), days.true_enrolments()
    assert days.model.courses() == days.true_courses()
    seen = true.keys() - days.unseen
    assert {deal_id: known.get(deal_id) for deal_id in seen} == {deal_id: true[deal_id] for deal_id in seen}
    days.model.read_everything()
    assert days.known_enrolments() == true
    assert days.model.courses() == days.true_courses()
