"""What a reading of the portal found new about courses and enrolments, and how far it reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backoffice.rules.lesson_facts import Course, Enrolment


@dataclass(frozen=True)
class Cursors:
    """How far the portal has been read: its changes until a moment, the entries into the stage until a record's id.

    `source` says of which stage and which field; cursors of another source say nothing.
    """

    source: str
    changed_until: datetime
    entered_until: int


@dataclass(frozen=True)
class Changes:
    """A portion of what was read at `read_at` (the portal's clock), and the cursors that it completes, if any.

    A course without dates is none any more; `left` are deals that do not stand on the stage. `cards` tells for products
    named in deals whose card holds the dates: the parent's of an offer, else its own. The last portion of a whole
    reading is `whole`: what none of the portions named is not in the portal.
    """

    read_at: datetime
    courses: tuple[Course, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    left: frozenset[int] = frozenset()
    cards: Mapping[int, int] = field(default_factory=dict)
    cursors: Cursors | None = None
    whole: bool = False
