"""A day of a big school on the sandbox's clock: its lessons, what people edit meanwhile, who has to get which letter.

What has to come is worked out here from the edits alone, by nothing of what is measured.
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.crowd import add_courses, enrol
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World

LEAD = timedelta(hours=2)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EVER, NEVER = datetime.min.replace(tzinfo=PORTAL_ZONE), datetime.max.replace(tzinfo=PORTAL_ZONE)
CROWDED = time(18, 30)
WORK = range(9, 19)
Key = tuple[int, datetime]  # contact and start of the lesson


@dataclass(frozen=True)
class Size:
    """`today` courses have a lesson on the day, at least `crowd` people at `CROWDED`, all due in one slot.

    Of `edits` in five minutes of working time two are a deal that leaves the stage and a new one, the others change
    a deal's card; and every half an hour a lesson is put off or brought forward. Lessons begin in the `hours`.
    """

    deals: int = 20_000
    courses: int = 500
    today: int = 250
    crowd: int = 300
    edits: int = 12
    hours: range = range(8, 22)


@dataclass
class Span:
    """While something holds; `until` is open until it ends."""

    since: datetime = EVER
    until: datetime = NEVER


@dataclass
class Lesson(Span):
    course: int = 0
    starts_at: datetime = NEVER


@dataclass
class Place(Span):
    """Somebody's enrolment."""

    course: int = 0
    deal: int = 0


@dataclass
class SchoolDay:
    """The school is planted on the eve of `midnight`; edits move the sandbox's clock."""

    world: World
    school: School
    midnight: datetime
    size: Size = field(default_factory=Size)
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 the same day every time

    def __post_init__(self) -> None:
        each = self.size.deals // self.size.courses
        self.places: dict[int, Place] = {}
        self.lessons = [
            Lesson(course=0, starts_at=starts_at) for starts_at in self._starts(-(-self.size.crowd // each))
        ]
        others = self.size.courses - len(self.lessons)
        spread = [[self._at(DAY * self.chance.randint(1, 20), self._some_time())] for _ in range(others)]
        past = [self._at(-DAY * week, self._some_time()) for week in (7, 14)]
        plan = [[*past, lesson.starts_at] for lesson in self.lessons] + spread
        self.courses = add_courses(self.world, self.school, plan)
        self.dates = dict(zip(self.courses, plan, strict=True))
        for course, lesson in zip(self.courses, self.lessons, strict=False):
            lesson.course = course
        self._enrol(self.courses * each, EVER)

    def pass_until(self, moment: datetime) -> None:
        """Let people edit what they edit until then."""
        began, now = self.world.clock.now(), moment.astimezone(PORTAL_ZONE)
        if now.hour in WORK and began < moment:
            wishes = [self._edit_card] * (self.size.edits - 2) + [self._leave, self._join]
            wishes += [self._put_off] if now.minute % 30 == 0 else []
            self.chance.shuffle(wishes)
            for share, wish in zip(sorted(self.chance.random() for _ in wishes), wishes, strict=True):
                self.world.clock.move_to(began + share * (moment - began))
                wish()
        if self.world.clock.now() < moment:
            self.world.clock.move_to(moment)

    def promised(self) -> dict[Key, Span]:
        """Contact and lesson -> while the letter was due; none that was due at no moment of the day."""
        of_course: defaultdict[int, list[Lesson]] = defaultdict(list)
        for lesson in self.lessons:
            of_course[lesson.course].append(lesson)
        spans = {
            (contact, lesson.starts_at): Span(
                max(place.since, lesson.since, lesson.starts_at - LEAD),
                min(place.until, lesson.until, lesson.starts_at),
            )
            for contact, place in self.places.items()
            for lesson in of_course[place.course]
        }
        over = self.midnight + DAY
        return {key: span for key, span in spans.items() if span.since < min(span.until, over)}

    def _starts(self, crowded: int) -> Iterable[datetime]:
        for number in range(self.size.today):
            yield self._at(timedelta(), CROWDED if number < crowded else self._some_time())

    def _some_time(self) -> time:
        """Mostly on the quarter of an hour, one in ten at an odd minute; never at the crowded hour."""
        while True:
            hour = self.chance.choice(self.size.hours)
            odd = self.chance.random() < 0.1
            found = time(hour, self.chance.randrange(60) if odd else self.chance.choice((0, 15, 30, 45)))
            if found != CROWDED:
                return found

    def _at(self, later: timedelta, hour: time) -> datetime:
        return datetime.combine((self.midnight + later).date(), hour, PORTAL_ZONE)

    def _now(self) -> datetime:
        return self.world.clock.now().astimezone(PORTAL_ZONE)

    def _enrol(self, courses: list[int], since: datetime) -> None:
        for course, deal in zip(courses, enrol(self.world, self.school, courses), strict=True):
            contact = int(self.world.portal.crm.tables["DEAL"].get(deal).values["CONTACT_ID"])  # type: ignore[union-attr] # just made
            self.places[contact] = Place(since, course=course, deal=deal)

    def _some_place(self) -> Place:
        standing = [place for place in self.places.values() if place.until is NEVER]
        return self.chance.choice(standing)

    def _edit_card(self) -> None:
        fields = {"title": f"Обучение, договор {self.chance.randrange(10_000)}"}
        ask(self.world.portal, "crm.item.update", entityTypeId=2, id=self._some_place().deal, fields=fields)

    def _leave(self) -> None:
        place = self._some_place()
        self.school.move(place.deal, self.school.next_stage_id)
        place.until = self._now()

    def _join(self) -> None:
        self._enrol([self.chance.choice(self.lessons).course], self._now())

    def _put_off(self) -> None:
        """To another time of the same day; it may be nearer than the two hours."""
        now = self._now()
        fixed = self._at(timedelta(), CROWDED)
        ahead = [
            one
            for one in self.lessons
            if one.until is NEVER and one.starts_at != fixed and one.starts_at > now + 30 * MINUTE
        ]
        times = {self._at(timedelta(), self._some_time()) for _ in range(20)}
        if not ahead or not (free := [one for one in sorted(times) if one > now + 30 * MINUTE]):
            return
        old = self.chance.choice(ahead)
        old.until = now
        taken = self.dates[old.course]
        moved = Lesson(now, course=old.course, starts_at=self.chance.choice([one for one in free if one not in taken]))
        self.lessons.append(moved)
        self.dates[old.course] = [one for one in taken if one != old.starts_at] + [moved.starts_at]
        self.school.reschedule(old.course, self.dates[old.course])
