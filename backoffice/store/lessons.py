"""The read model of courses and enrolments: a portion of what was read and the cursors it completes go in together."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from backoffice.rules.lesson_changes import Changes, Cursors
from backoffice.store.courses import drop_courses_before, keep_courses
from backoffice.store.cursors import cursors, cursors_in, move_cursors_in
from backoffice.store.engine import writing
from backoffice.store.enrolments import drop_deals, drop_enrolments_before, keep_cards, keep_enrolments

SOURCE, CHANGED, ENTERED = "lessons source", "lessons changed until", "lessons entered until"


def lesson_cursors(engine: Engine, portal: str, source: str) -> Cursors | None:
    """How far the portal was read; None before the first whole reading of this source."""
    known = cursors(engine, portal)
    if known.get(SOURCE) != source:
        return None
    return Cursors(source, datetime.fromisoformat(known[CHANGED]), int(known[ENTERED]))


def store_changes(engine: Engine, portal: str, changes: Changes) -> None:
    """Writes the portion and the cursors it completes in one transaction; what was read later than it stays.

    Cursors never go back. After the last portion of a whole reading nothing older than it is left.
    """
    with writing(engine, turn=f"lessons {portal}") as session:
        keep_cards(session, portal, changes.cards)
        keep_courses(session, portal, changes.courses, changes.read_at)
        drop_deals(session, portal, changes.left)
        keep_enrolments(session, portal, changes.enrolments, changes.read_at)
        if changes.whole:
            drop_courses_before(session, portal, changes.read_at)
            drop_enrolments_before(session, portal, changes.read_at)
        if changes.cursors is not None:
            _move(session, portal, changes.cursors)


def _move(session: Session, portal: str, reached: Cursors) -> None:
    known = cursors_in(session, portal)
    changed, entered = reached.changed_until, reached.entered_until
    if known.get(SOURCE) == reached.source:
        changed = max(changed, datetime.fromisoformat(known[CHANGED]))
        entered = max(entered, int(known[ENTERED]))
    move_cursors_in(session, portal, {SOURCE: reached.source, CHANGED: changed.isoformat(), ENTERED: str(entered)})
