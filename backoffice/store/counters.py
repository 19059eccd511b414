"""Plain counts of what is not worth a row each."""

from sqlalchemy import BigInteger, Engine
from sqlmodel import Field, SQLModel, select

from backoffice.store.engine import reading, writing
from backoffice.store.statements import insert_into


class Counter(SQLModel, table=True):
    name: str = Field(primary_key=True)
    total: int = Field(sa_type=BigInteger)


def count(engine: Engine, name: str) -> None:
    """Adds one to the named counter."""
    with writing(engine) as session:
        insert = insert_into(session, Counter).values(name=name, total=1)
        session.exec(insert.on_conflict_do_update(index_elements=["name"], set_={"total": Counter.total + 1}))


def counters(engine: Engine) -> dict[str, int]:
    """Every counter by its name."""
    with reading(engine) as session:
        return {counter.name: counter.total for counter in session.exec(select(Counter).order_by(Counter.name))}
