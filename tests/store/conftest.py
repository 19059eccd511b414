"""Every store test runs on SQLite, and on PostgreSQL where a server is reachable."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError

from backoffice.store.engine import open_engine, upgrade
from backoffice.store.tables import metadata

CONTENDER = Path(__file__).with_name("contender.py")
PROCESSES = 4

Contest = Callable[..., list[str]]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of our own on the server of TEST_POSTGRES_URL, else on the local one; dropped at the end."""
    server = make_url(os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"))
    name = f"backoffice_test_{uuid.uuid4().hex[:12]}"
    admin = open_engine(
        server.update_query_dict({"connect_timeout": "3"}).render_as_string(hide_password=False)
    ).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        pytest.skip(f"no PostgreSQL server answers at {server.host}:{server.port}; TEST_POSTGRES_URL names another")
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that has no tables yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/var/store.db"
    address: str = request.getfixturevalue("postgres_url")
    engine = open_engine(address)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return address


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A store with its tables, empty."""
    engine = open_engine(url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def contest(url: str) -> Contest:
    """`contest("claim", …)`: four processes do the same to the store at the same moment; what each printed."""

    def run(*arguments: str) -> list[str]:
        command = [sys.executable, str(CONTENDER), url, *arguments]
        with ExitStack() as stack:
            contenders = [
                stack.enter_context(
                    subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 our own program
                )
                for _ in range(PROCESSES)
            ]
            ready = [contender.stdout.readline() for contender in contenders if contender.stdout]
            assert ready == ["ready\n"] * PROCESSES
            for contender in contenders:
                assert contender.stdin is not None
                contender.stdin.write("go\n")
                contender.stdin.flush()
            return [contender.communicate(timeout=60)[0] for contender in contenders]

    return run


@pytest.fixture(scope="session")
def most_in_bucket() -> Callable[[list[tuple[float, int]], float], float]:
    """The highest level a portal's bucket reaches when (moment, requests) are sent to it, and it drains so fast."""

    def highest(sent: list[tuple[float, int]], drain_per_second: float) -> float:
        level, highest, before = 0.0, 0.0, 0.0
        for moment, requests in sorted(sent):
            level = max(0.0, level - (moment - before) * drain_per_second) + requests
            highest, before = max(highest, level), moment
        return highest

    return highest


@pytest.fixture
def tables() -> set[str]:
    """The names of the tables the models describe."""
    return set(metadata.tables)
