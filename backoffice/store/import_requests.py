"""People's requests to import one event: rows of the inbox that wait until the run made for them has ended.

The subject of a row is the event's number, or `element <id>` while only an element of the portal's list is known.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from backoffice.store.engine import reading, writing
from backoffice.store.inbox import HANDLED, PENDING, InboxRow
from backoffice.store.statements import insert_into

SOURCE = "import"
_TURN = "import requests"


class TooManyRequests(Exception):
    """As many requests are open as may be."""


def ask(engine: Engine, subject: str, press: str, body: dict[str, Any], now: datetime, most: int) -> InboxRow:
    """The request that answers to a press: made by this press before, else open about the same subject, else new.

    TooManyRequests where `most` are open and none of them answers.
    """
    key = f"{subject}:{press}"
    with writing(engine, _TURN) as session:
        found = _made_by(session, key) or _open_of(session, subject)
        if found is not None:
            return found
        if _open(session) >= most:
            raise TooManyRequests
        row = {"source": SOURCE, "delivery_key": key, "subject": subject, "body": body, "received_at": now}
        session.exec(insert_into(session, InboxRow).values(state=PENDING, starts=0, **row))
        return session.exec(_by_press(key)).one()


def find_request(engine: Engine, request_id: int) -> InboxRow | None:
    """One request, open or not."""
    with reading(engine) as session:
        return session.exec(select(InboxRow).where(InboxRow.id == request_id, InboxRow.source == SOURCE)).first()


def name_event(engine: Engine, request_id: int, event_id: int, now: datetime) -> None:
    """The element's event is known: the request is about it now, or is done if an open one is about it already."""
    with writing(engine, _TURN) as session:
        row = session.exec(select(InboxRow).where(InboxRow.id == request_id)).one()
        if _open_of(session, str(event_id)) is None:
            row.subject = str(event_id)
        else:
            row.state, row.handled_at = HANDLED, now
        session.add(row)


def _by_press(key: str) -> SelectOfScalar[InboxRow]:
    return select(InboxRow).where(InboxRow.source == SOURCE, InboxRow.delivery_key == key)


def _made_by(session: Session, key: str) -> InboxRow | None:
    return session.exec(_by_press(key)).first()


def _open_of(session: Session, subject: str) -> InboxRow | None:
    found = select(InboxRow).where(InboxRow.source == SOURCE, InboxRow.state == PENDING, InboxRow.subject == subject)
    return session.exec(found.order_by(col(InboxRow.id))).first()


def _open(session: Session) -> int:
    counted = select(func.count()).select_from(InboxRow)
    return session.exec(counted.where(InboxRow.source == SOURCE, InboxRow.state == PENDING)).one()
