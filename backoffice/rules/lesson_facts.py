"""What is known of lessons and of who attends them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Course:
    """A product whose card holds the starts of its lessons (aware), in their order.

    `unreadable`: what stands among the dates and is none.
    """

    id: int
    name: str
    lessons: tuple[datetime, ...] = ()
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Enrolment:
    """A deal that stands on the stage of the learners, since `entered_at` (aware)."""

    deal_id: int
    responsible_id: int
    contact_ids: tuple[int, ...]
    course_ids: frozenset[int]
    entered_at: datetime


@dataclass(frozen=True)
class Attendee:
    """A contact as its card shows it: first address, first phone in E.164, empty where there is none."""

    id: int
    last_name: str
    first_name: str
    second_name: str = ""
    email: str = ""
    phone: str = ""
    opted_out: bool = False


@dataclass(frozen=True)
class Live:
    """Deals, courses and contacts as they are in the portal at this moment; what is missing there is missing here."""

    enrolments: Mapping[int, Enrolment] = field(default_factory=dict)
    courses: Mapping[int, Course] = field(default_factory=dict)
    attendees: Mapping[int, Attendee] = field(default_factory=dict)
