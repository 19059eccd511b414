from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import StatementError

from backoffice.store.counters import Counter, count, counters
from backoffice.store.engine import MIGRATIONS, open_engine, reading, upgrade, writing
from backoffice.store.events import KnownEvent, known_events, remember_event
from backoffice.store.tables import metadata


def test_models_and_migrations_agree(engine: Engine) -> None:
    """The tables made by the migrations are the tables the models describe, types included."""
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_migrations_end_in_one_head() -> None:
    """Migrations written side by side are chained before they are released."""
    scripts = Config()
    scripts.set_main_option("script_location", str(MIGRATIONS))
    assert len(ScriptDirectory.from_config(scripts).get_heads()) == 1


def test_upgrading_again_keeps_what_is_stored(engine: Engine) -> None:
    """A store at the newest form is left as it is."""
    count(engine, "refused")
    upgrade(engine)
    assert counters(engine) == {"refused": 1}


def test_processes_may_upgrade_at_once(contest: Callable[..., list[str]], url: str, tables: set[str]) -> None:
    """Four processes that start on an empty store all succeed, and the tables stand once."""
    assert contest("upgrade") == ["null"] * 4
    engine = open_engine(url)
    assert set(inspect(engine).get_table_names()) == tables | {"alembic_version"}
    engine.dispose()


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    """An exception takes back everything written before it in the same transaction."""
    with pytest.raises(RuntimeError):
        _write_and_die(engine)
    assert counters(engine) == {}


def test_sqlite_is_opened_for_many_processes(tmp_path: Path) -> None:
    """WAL, patience with other writers and foreign keys hold for every connection, not for the first alone."""
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() >= 30_000
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_reading_sees_one_state(engine: Engine) -> None:
    """A reader is not held up by a writer, and does not see what is not committed."""
    with writing(engine) as session:
        session.add(Counter(name="one", total=1))
        session.flush()
        with reading(engine) as reader:
            assert reader.get(Counter, "one") is None


def test_moments_come_back_in_utc_to_the_microsecond(engine: Engine) -> None:
    """A moment of any zone is the same moment when read."""
    moscow = datetime(2026, 9, 10, 19, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3)))
    remember_event(engine, _event(moscow))
    known = known_events(engine, "portal", [300100])[300100]
    assert known.starts_at == moscow
    assert known.starts_at.tzinfo is UTC


def test_a_naive_moment_is_refused(engine: Engine) -> None:
    """A moment without a zone is a mistake of the caller, not a guess of the store."""
    with pytest.raises(StatementError, match="a moment needs its time zone"):
        remember_event(engine, _event(datetime(2026, 9, 10, 19, 0)))  # noqa: DTZ001 the mistake under test
    assert known_events(engine, "portal", [300100]) == {}


def _event(starts_at: datetime) -> KnownEvent:
    return KnownEvent(
        portal="portal",
        event_id=300100,
        title="Семинар",
        starts_at=starts_at,
        ends_at=starts_at,
        imported_at=starts_at,
    )


def _write_and_die(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(Counter(name="one", total=1))
        session.flush()
        raise RuntimeError("the process dies here")
