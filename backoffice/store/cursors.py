"""How far a process has read: named marks, each moved together with what was read up to it."""

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, select

from backoffice.store.engine import reading, writing
from backoffice.store.statements import upsert


class Cursor(SQLModel, table=True):
    """A mark of one process on one portal; what `value` means is the process's business."""

    portal: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str


def cursors(engine: Engine, portal: str) -> dict[str, str]:
    """Name -> value of all the marks on the portal."""
    with reading(engine) as session:
        return cursors_in(session, portal)


def move_cursor(engine: Engine, portal: str, name: str, value: str) -> None:
    """Sets one mark, wherever it stood."""
    with writing(engine) as session:
        move_cursors_in(session, portal, {name: value})


def cursors_in(session: Session, portal: str) -> dict[str, str]:
    """The same within a transaction."""
    return {cursor.name: cursor.value for cursor in session.exec(select(Cursor).where(Cursor.portal == portal))}


def move_cursors_in(session: Session, portal: str, values: dict[str, str]) -> None:
    """Sets marks in the transaction that stores what they cover."""
    upsert(session, Cursor, [{"portal": portal, "name": name, "value": values[name]} for name in sorted(values)])
