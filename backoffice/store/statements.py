"""What the tables here need of SQL: an INSERT that minds the row already there, and key lists of a bearable length."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

T = TypeVar("T")
Insert = postgresql.Insert | sqlite.Insert
Condition = Callable[[Any], ColumnElement[bool]]

# SQLite before 3.32 takes 999 variables a statement; some are needed beside the keys.
KEYS_IN_A_STATEMENT = 900


def insert_into(session: Session, table: type[SQLModel]) -> Insert:
    """An INSERT of the session's database, which knows ON CONFLICT."""
    rows = _table(table)
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(rows)
    return sqlite.insert(rows)


def upsert(
    session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]], where: Condition | None = None
) -> None:
    """Writes whole rows, over those with the same primary key; no key may come twice.

    `where` is asked about the new row: a row that is there already stays if it does not hold.
    Rows come in the order of their keys: PostgreSQL locks one by one, and two writers must not wait for each other.
    """
    if not rows:
        return
    insert = insert_into(session, table)
    columns = _table(table).columns
    overwritten = {column.name: insert.excluded[column.name] for column in columns if not column.primary_key}
    keys = [column.name for column in columns if column.primary_key]
    condition = where(insert.excluded) if where else None
    session.exec(insert.on_conflict_do_update(index_elements=keys, set_=overwritten, where=condition), params=rows)


def chunks(keys: Iterable[T], size: int = KEYS_IN_A_STATEMENT) -> Iterator[list[T]]:
    """The distinct keys in their order of arrival, cut into lists short enough for one statement."""
    rest = list(dict.fromkeys(keys))
    for start in range(0, len(rest), size):
        yield rest[start : start + size]


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel gives it to every class with table=True
    return table
