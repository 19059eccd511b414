"""How far the copy of the portal's deals is: a portion of what was read and the mark it reaches go in together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from backoffice.rules.sales_copy import SeenDeal, WholeReading
from backoffice.store.cursors import cursors, cursors_in, move_cursors_in
from backoffice.store.engine import writing
from backoffice.store.sales import count_sales, drop_unread, keep_changed, keep_read

SOURCE, CHANGED = "sales source", "sales changed until"
READING, ENDED = "sales reading", "sales readings ended"
LONGEST = timedelta(hours=12)
"""One that began earlier is begun anew: what was deleted since in the part it has read would stay one more night."""


class ReadingOver(Exception):
    """Another run has ended this whole reading, or begun a newer one."""


def changed_until(engine: Engine, portal: str, source: str) -> datetime | None:
    """Up to when the copy has what changed in the portal; None while it is no whole copy of this source."""
    known = cursors(engine, portal)
    return datetime.fromisoformat(known[CHANGED]) if known.get(SOURCE) == source else None


def begin_reading(engine: Engine, portal: str, source: str, now: datetime) -> WholeReading:
    """The whole reading to go on with: the one under way, or a new one after other words in portal.toml, or half a day.

    While another source is read the copy is one of no source.
    """
    with writing(engine, turn=_turn(portal)) as session:
        known = cursors_in(session, portal)
        under_way = _under_way(known)
        if under_way and under_way.source == source and now - under_way.began <= LONGEST:
            return under_way
        begun = WholeReading(_last_number(known) + 1, source, now)
        whole_of = source if known.get(SOURCE) == source else ""
        move_cursors_in(session, portal, {READING: _written(begun), SOURCE: whole_of})
        return begun


def store_read(engine: Engine, portal: str, reading: WholeReading, seen: Sequence[SeenDeal]) -> None:
    """Writes a portion of a whole reading and how far it goes; ReadingOver."""
    with writing(engine, turn=_turn(portal)) as session:
        under_way = _demand(session, portal, reading)
        keep_read(session, portal, seen, reading.number)
        reached = max([under_way.read_until, *(one.deal.id for one in seen)])
        move_cursors_in(session, portal, {READING: _written(replace(under_way, read_until=reached))})


def end_reading(engine: Engine, portal: str, reading: WholeReading) -> int:
    """Drops what the reading did not meet; from now on the copy is whole. How many deals it has; ReadingOver."""
    with writing(engine, turn=_turn(portal)) as session:
        _demand(session, portal, reading)
        drop_unread(session, portal, reading.number)
        reached = _latest(cursors_in(session, portal), reading.source, reading.began)
        marks = {SOURCE: reading.source, CHANGED: reached.isoformat(), ENDED: str(reading.number)}
        move_cursors_in(session, portal, marks)
        return count_sales(session, portal)


def store_changed(engine: Engine, portal: str, seen: Sequence[SeenDeal]) -> None:
    """Writes deals that have changed, each at most once; nothing that was changed later is overwritten."""
    with writing(engine, turn=_turn(portal)) as session:
        keep_changed(session, portal, seen, _last_number(cursors_in(session, portal)))


def move_changed(engine: Engine, portal: str, source: str, until: datetime) -> None:
    """Everything that changed before that moment is in the copy. The mark never goes back."""
    with writing(engine, turn=_turn(portal)) as session:
        known = cursors_in(session, portal)
        if known.get(SOURCE) == source:
            move_cursors_in(session, portal, {CHANGED: _latest(known, source, until).isoformat()})


def _demand(session: Session, portal: str, reading: WholeReading) -> WholeReading:
    under_way = _under_way(cursors_in(session, portal))
    if under_way is None or under_way.number != reading.number:
        raise ReadingOver("сделки портала заново читает или уже прочитал другой запуск")
    return under_way


def _under_way(known: Mapping[str, str]) -> WholeReading | None:
    last = _last(known)
    return None if last is None or known.get(ENDED) == str(last.number) else last


def _last_number(known: Mapping[str, str]) -> int:
    last = _last(known)
    return last.number if last else 0


def _last(known: Mapping[str, str]) -> WholeReading | None:
    if READING not in known:
        return None
    written: dict[str, Any] = json.loads(known[READING])
    return WholeReading(**{**written, "began": datetime.fromisoformat(written["began"])})


def _written(reading: WholeReading) -> str:
    return json.dumps({**asdict(reading), "began": reading.began.isoformat()})


def _latest(known: Mapping[str, str], source: str, moment: datetime) -> datetime:
    return max(moment, datetime.fromisoformat(known[CHANGED])) if known.get(SOURCE) == source else moment


def _turn(portal: str) -> str:
    return f"sales {portal}"
