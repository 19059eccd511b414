"""Opening the store, bringing its tables up to date, and its two kinds of transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

BUSY_SECONDS = 60
MIGRATIONS = Path(__file__).with_name("migrations")


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` (a missing folder is made) or `postgresql://…`; `upgrade` makes its tables.

    Its errors show statements without their values, which may be about persons.
    """
    address = _with_driver(make_url(url))
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True, hide_parameters=True)
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def writing(engine: Engine, turn: str | None = None) -> Iterator[Session]:
    """One transaction for writing, committed at the end, rolled back by an exception.

    Those who name the same `turn` write one after another; on SQLite all writers do.
    """
    with Session(engine.execution_options(writes=True), expire_on_commit=False) as session, session.begin():
        if turn is not None:
            _wait_for_turn(session.connection(), turn)
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One transaction for reading; the rows it returns stay usable after its end."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


def upgrade(engine: Engine) -> None:
    """Brings the tables to the newest form; any number of processes may call it at once."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    if set(current) == set(ScriptDirectory.from_config(config).get_heads()):
        return
    with engine.execution_options(writes=True).begin() as connection:
        _wait_for_turn(connection, "upgrade")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _wait_for_turn(connection: Connection, turn: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:turn))"), {"turn": f"backoffice {turn}"})


def _with_driver(address: URL) -> URL:
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    return address


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, and deferred ones: two readers that turn writers then fail at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    _switch_to_wal(cursor)
    # NORMAL under WAL survives the death of any process; only a power cut may take back the last transactions.
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _switch_to_wal(cursor: DBAPICursor) -> None:
    """Waits for others by itself: SQLite's busy time-out does not hold for the switch, which fails at once."""
    deadline = monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if monotonic() > deadline:
                raise
            sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
