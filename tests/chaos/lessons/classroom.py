"""A school as people change it by hand, and who is to be reminded of what as it stands."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World

MINUTE = timedelta(minutes=1)
STARTS = (70, 90, 110, 121, 124, 240)
"""Of the lessons, in minutes from the beginning."""
FIRST = 121
COURSES, CONTACTS, DEALS = range(2), range(3), range(3)

Ground = tuple[int, int, datetime, int]
"""A deal, a course, the start of a lesson, a contact."""

Change = tuple[str, int, Any]
"""What somebody does at the portal, to which deal, course or contact, and how it is then."""

NUMBERS = st.sampled_from(range(3))
CHANGES = st.one_of(
    st.tuples(st.just("reschedule"), NUMBERS, st.sets(st.sampled_from(STARTS), max_size=2)),
    st.tuples(st.sampled_from(["move", "opt_out", "write_to"]), NUMBERS, st.booleans()),
    st.tuples(st.just("delete"), NUMBERS, st.none()),
    st.tuples(st.just("sell"), NUMBERS, st.sets(st.sampled_from(COURSES))),
    st.tuples(st.just("join"), NUMBERS, st.sets(NUMBERS, min_size=1)),
)


@dataclass
class Person:
    id: int
    address: str
    email: bool = True
    opted_out: bool = False


@dataclass
class Deal:
    id: int
    people: set[int]
    courses: set[int]
    standing: bool = True
    deleted: bool = False


@dataclass
class Course:
    id: int
    name: str
    dates: set[datetime] = field(default_factory=set)


class Classroom:
    """Two courses of one lesson each, three people, three deals. `untraced`: no cursor shows what was changed."""

    def __init__(self, world: World, school: School) -> None:
        self._world, self._school = world, school
        self._zero = world.clock.now()
        self.untraced = False
        first = self._zero + FIRST * MINUTE
        self._courses = [Course(school.course(f"Курс {one}", [first]), f"Курс {one}", {first}) for one in COURSES]
        self._people = [self._newcomer(one) for one in CONTACTS]
        self._deals = [self._deal({one, 0}, {one % 2}) for one in DEALS]

    def change(self, change: Change) -> None:
        what, number, value = change
        getattr(self, f"_{what}")(number, value)

    def person(self, contact_id: int) -> Person:
        return next(one for one in self._people if one.id == contact_id)

    def course(self, course_id: int) -> Course:
        return next(one for one in self._courses if one.id == course_id)

    def grounds(self) -> set[Ground]:
        """Who is to be reminded, an address or not, if the time comes now."""
        return {
            (deal.id, course.id, start, self._people[person].id)
            for deal in self._deals
            if deal.standing and not deal.deleted
            for course in (self._courses[one] for one in deal.courses)
            for start in course.dates
            for person in deal.people
            if not self._people[person].opted_out
        }

    def _newcomer(self, one: int) -> Person:
        address = f"person{one}@example.org"
        return Person(self._school.contact(f"Фамилия{one}", f"Имя{one}", address), address)

    def _deal(self, people: set[int], attended: set[int]) -> Deal:
        ids = [self._people[one].id for one in sorted(people)]
        return Deal(self._school.deal(ids, [self._courses[one].id for one in sorted(attended)]), people, attended)

    def _reschedule(self, number: int, starts: set[int]) -> None:
        one = self._courses[number % len(self._courses)]
        one.dates = {self._zero + minutes * MINUTE for minutes in starts}
        self._school.reschedule(one.id, sorted(one.dates))

    def _move(self, number: int, standing: bool) -> None:
        one = self._deals[number]
        if not one.deleted:
            one.standing = standing
            self._school.move(one.id, self._school.stage_id if standing else self._school.next_stage_id)

    def _delete(self, number: int, _: None) -> None:
        one = self._deals[number]
        if not one.deleted:
            one.deleted = True
            self._school.delete_deal(one.id)

    def _sell(self, number: int, attended: set[int]) -> None:
        """It leaves no trace in the deal."""
        one = self._deals[number]
        if not one.deleted:
            one.courses, self.untraced = attended, True
            self._school.set_products(one.id, [self._courses[course].id for course in sorted(attended)])

    def _join(self, number: int, people: set[int]) -> None:
        one = self._deals[number]
        if not one.deleted:
            one.people = people
            fields = {"contactIds": [self._people[person].id for person in sorted(people)]}
            ask(self._world.portal, "crm.item.update", entityTypeId=2, id=one.id, fields=fields)

    def _opt_out(self, number: int, opted_out: bool) -> None:
        one = self._people[number]
        one.opted_out = opted_out
        self._school.change_contact(one.id, UF_CRM_BO_NO_REMINDERS="1" if opted_out else "0")

    def _write_to(self, number: int, email: bool) -> None:
        """The contact has an address now, or none."""
        one = self._people[number]
        if one.email == email:
            return
        one.email = email
        known = ask(self._world.portal, "crm.contact.get", id=one.id).get("EMAIL", [])
        gone = [{"ID": value["ID"], "VALUE": ""} for value in known]
        new = [{"VALUE": one.address, "VALUE_TYPE": "WORK"}] if email else []
        self._school.change_contact(one.id, EMAIL=gone + new)
