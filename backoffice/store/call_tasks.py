"""The calls asked for: one row for a client and the purchase that the call is about.

PLANNED is written before the portal is asked for the task, OPEN after it has answered. Whatever came later than that
is what people made of the task in the portal.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Engine, Index
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from backoffice.rules.call_plan import TaskState
from backoffice.rules.call_schedule import call_key, call_of
from backoffice.rules.repeat_sales import Asked
from backoffice.store.engine import reading, writing
from backoffice.store.statements import chunks, insert_into, upsert

PENDING = (TaskState.PLANNED, TaskState.OPEN)


class CallTask(SQLModel, table=True):
    """A call asked for. `day`: the deadline; `done_on`, `done_by`: when the task was closed, and by whom of the people.

    `task_id` lacks while the row is planned. Days are the portal's.
    """

    __tablename__ = "call_task"
    __table_args__ = (Index("call_task_state", "portal", "state"),)

    portal: str = Field(primary_key=True)
    client: str = Field(primary_key=True)
    deal_id: int = Field(primary_key=True, sa_type=BigInteger)
    task_id: int | None = Field(default=None, sa_type=BigInteger)
    responsible_id: int = Field(sa_type=BigInteger)
    day: date
    asked_on: date
    state: str = TaskState.PLANNED
    done_on: date | None = None
    done_by: int | None = Field(default=None, sa_type=BigInteger)

    @property
    def key(self) -> str:
        """The natural key."""
        return call_key(self.client, self.deal_id)

    def with_(self, **changed: Any) -> "CallTask":
        """The row with these columns changed, apart from any session."""
        return CallTask(**self.model_dump() | changed)


def add(engine: Engine, rows: Iterable[CallTask]) -> None:
    """Writes down what is about to be asked of the portal, or was found there; over a plan, never over a task."""
    with writing(engine) as session:
        for row in sorted(rows, key=_place):
            insert = insert_into(session, CallTask).values(row.model_dump())
            keys = ["portal", "client", "deal_id"]
            changed = {name: insert.excluded[name] for name in CallTask.model_fields if name not in keys}
            planned = col(CallTask.state) == TaskState.PLANNED
            session.exec(insert.on_conflict_do_update(index_elements=keys, set_=changed, where=planned))


def keep(engine: Engine, rows: Iterable[CallTask]) -> None:
    """Writes whole rows over what was known; of two of one key the later counts."""
    latest = {_place(row): row.model_dump() for row in rows}
    with writing(engine) as session:
        upsert(session, CallTask, [latest[place] for place in sorted(latest)])


def drop_planned(engine: Engine, portal: str, keys: Iterable[str]) -> None:
    """Forgets plans that came to nothing; a row with a task stays."""
    with writing(engine) as session:
        for client, deal_id in map(call_of, keys):
            own = _rows(portal).where(CallTask.client == client, CallTask.deal_id == deal_id)
            for row in session.exec(own.where(CallTask.state == TaskState.PLANNED)):
                session.delete(row)


def in_state(engine: Engine, portal: str, *states: TaskState) -> list[CallTask]:
    """The rows in these states, of all states if none is named; by client and purchase."""
    wanted = _rows(portal)
    if states:
        wanted = wanted.where(col(CallTask.state).in_(states))
    with reading(engine) as session:
        return list(session.exec(wanted.order_by(col(CallTask.client), col(CallTask.deal_id))))


def busy_days(engine: Engine, portal: str, since: date) -> dict[tuple[int, date], int]:
    """(Responsible, day) -> how many calls that are not made yet stand there, planned ones too; from that day on."""
    coming = _rows(portal).where(CallTask.day >= since, col(CallTask.state).in_(PENDING))
    with reading(engine) as session:
        return Counter((row.responsible_id, row.day) for row in session.exec(coming))


def asked(engine: Engine, portal: str, purchases: Mapping[str, Collection[int]]) -> dict[str, Asked]:
    """Client -> what was asked about it (client -> its deals), whatever the client of a deal was called before a merge.

    Plans do not count: who writes them finds out whether they became tasks.
    """
    deals = {deal_id for own in purchases.values() for deal_id in own}
    with reading(engine) as session:
        rows = {_place(row): row for row in _about(session, portal, purchases, deals) if row.task_id}
    return {client: _asked(client, own, rows.values()) for client, own in purchases.items()}


def _about(session: Session, portal: str, clients: Iterable[str], deals: Iterable[int]) -> Iterator[CallTask]:
    rows = _rows(portal)
    for some in chunks(clients):
        yield from session.exec(rows.where(col(CallTask.client).in_(some)))
    for some_deals in chunks(deals):
        yield from session.exec(rows.where(col(CallTask.deal_id).in_(some_deals)))


def _asked(client: str, deals: Collection[int], rows: Iterable[CallTask]) -> Asked:
    own = [row for row in rows if row.client == client or row.deal_id in deals]
    open_tasks = sorted(row.task_id for row in own if row.state == TaskState.OPEN and row.task_id)
    by_deal = {row.deal_id: row.task_id for row in own if row.task_id}
    return Asked(by_deal, open_tasks[0] if open_tasks else None)


def _rows(portal: str) -> SelectOfScalar[CallTask]:
    return select(CallTask).where(CallTask.portal == portal)


def _place(row: CallTask) -> tuple[str, str, int]:
    return row.portal, row.client, row.deal_id
