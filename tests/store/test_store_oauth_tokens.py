"""The tokens of an installed application: sealed, renewed once by everybody together, never lost by us."""

import json
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from backoffice.bitrix24.errors import AccessDenied
from backoffice.bitrix24.oauth import Application, AuthorizationServer
from backoffice.rules.oauth_grant import Grant
from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET
from backoffice.sandbox.world import World
from backoffice.store.engine import reading
from backoffice.store.oauth_tokens import (
    ForeignPortal,
    NotInstalled,
    OAuthTokens,
    StoredTokens,
    install,
    installed,
    uninstall,
)
from backoffice.store.sealing import Seal, SealBroken

OLD_KEY, NEW_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
FIRST = Grant(
    member_id="a223c6b3710f85df",
    client_endpoint="https://portal.bitrix24.ru/rest/",
    server_endpoint="https://oauth.bitrix.info/rest/",
    scope="crm,lists",
    expires_at=datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
    access_token="access-0",
    refresh_token="refresh-0",
)


class Rotation:
    """An authorization server whose refresh tokens serve once."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers = True
        self._lock = threading.Lock()

    def refresh(self, refresh_token: str) -> Grant:
        with self._lock:
            number = len(self.asked)
            assert refresh_token == f"refresh-{number}", "a refresh token that has served"
            if not self.answers:
                raise ConnectionError("no answer")
            self.asked.append(refresh_token)
        sleep(0.05)
        return replace(FIRST, access_token=f"access-{number + 1}", refresh_token=f"refresh-{number + 1}")


@pytest.fixture
def server() -> Rotation:
    return Rotation()


@pytest.fixture
def tokens(engine: Engine, server: Rotation) -> StoredTokens:
    install(engine, Seal(OLD_KEY), FIRST)
    return StoredTokens(engine, Seal(OLD_KEY), FIRST.member_id, server.refresh)


def test_a_used_token_is_renewed_and_a_newer_one_taken(tokens: StoredTokens, server: Rotation) -> None:
    """Only who holds the token that is stored asks the server; who comes with an older one gets what there is."""
    assert tokens.current() == "access-0"
    assert tokens.refreshed("access-0") == "access-1"
    assert tokens.refreshed("access-0") == "access-1"
    assert tokens.current() == "access-1"
    assert tokens.refreshed("access-1") == "access-2"
    assert server.asked == ["refresh-0", "refresh-1"]


def test_threads_refresh_once(engine: Engine, server: Rotation, tokens: StoredTokens) -> None:
    """Eight threads, each with tokens of its own over one store, meet an expired token at the same moment."""
    together = threading.Barrier(8)

    def meet(_: int) -> str:
        own = StoredTokens(engine, Seal(OLD_KEY), FIRST.member_id, server.refresh)
        used = own.current()
        together.wait()
        return own.refreshed(used)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(meet, range(8))) == {"access-1"}
    assert server.asked == ["refresh-0"]


def test_processes_refresh_once(contest: Callable[..., list[str]], engine: Engine, world: World, sandbox: str) -> None:
    """Four processes with two threads each and one store: the authorization server is asked once, and all go on."""
    pair = world.portal.applications.open(world.portal.applications.install(), user_id=1)
    grant = replace(FIRST, access_token=pair.access_token, refresh_token=pair.refresh_token)
    install(engine, Seal(OLD_KEY), grant)
    got = [json.loads(printed) for printed in contest("refresh", OLD_KEY, sandbox, pair.access_token)]
    final = StoredTokens(engine, Seal(OLD_KEY), FIRST.member_id, _never).current()
    assert world.portal.applications.counts == {"refresh_token": 1}
    assert got == [[final, final]] * 4
    assert httpx.post(f"{sandbox}/rest/profile", json={"auth": final}).status_code == 200


def test_a_refresh_without_an_answer_changes_nothing(tokens: StoredTokens, server: Rotation) -> None:
    """The old pair stays, and is tried again later."""
    server.answers = False
    with pytest.raises(ConnectionError):
        tokens.refreshed("access-0")
    assert tokens.current() == "access-0"
    server.answers = True
    assert tokens.refreshed("access-0") == "access-1"


def test_an_answer_outlives_a_failed_commit(engine: Engine, tokens: StoredTokens, server: Rotation) -> None:
    """The database goes away between the answer and our commit: the same answer is stored by the next transaction."""
    failures = iter([True])

    def fail_once(_: Connection) -> None:
        if next(failures, False):
            raise OperationalError("COMMIT", None, ConnectionError("the server closed the connection"))

    event.listen(engine, "commit", fail_once)
    assert tokens.refreshed("access-0") == "access-1"
    assert tokens.current() == "access-1"
    assert server.asked == ["refresh-0"]
    assert tokens.refreshed("access-1") == "access-2"


def test_a_lost_answer_is_made_good_by_letting_the_application_in(
    engine: Engine, world: World, sandbox: str, tokens: StoredTokens
) -> None:
    """The process died after the answer: the stored refresh token has served. A fresh pair heals it."""
    application = world.portal.applications.install()
    lost = world.portal.applications.open(application, user_id=1)
    install(engine, Seal(OLD_KEY), replace(FIRST, access_token="x", refresh_token=lost.refresh_token))
    server = AuthorizationServer(Application(APPLICATION_ID, APPLICATION_SECRET), sandbox)
    server.refresh(lost.refresh_token)  # and nobody stores what it answered
    real = StoredTokens(engine, Seal(OLD_KEY), FIRST.member_id, server.refresh)
    with pytest.raises(AccessDenied, match=r"invalid_grant.*python -m deployments.let_in"):
        real.refreshed("x")
    fresh = world.portal.applications.open(application, user_id=1)
    install(engine, Seal(OLD_KEY), replace(FIRST, access_token="y", refresh_token=fresh.refresh_token))
    assert len(real.refreshed("y")) > 30


def test_a_renamed_portal_keeps_its_name_here(engine: Engine, tokens: StoredTokens) -> None:
    """What the store keeps under the portal's first host stays found; requests go to the new one."""
    moved = replace(FIRST, client_endpoint="https://renamed.bitrix24.ru/rest/")
    StoredTokens(engine, Seal(OLD_KEY), FIRST.member_id, lambda _: moved).refreshed("access-0")
    assert _place(engine) == ("portal.bitrix24.ru", "https://renamed.bitrix24.ru/rest/")
    install(engine, Seal(OLD_KEY), moved)
    assert _place(engine) == ("portal.bitrix24.ru", "https://renamed.bitrix24.ru/rest/")


def test_another_portal_is_refused(engine: Engine, tokens: StoredTokens) -> None:
    """A store is about one portal: nobody's application elsewhere takes its place."""
    foreign = replace(FIRST, member_id="other", client_endpoint="https://other.bitrix24.ru/rest/")
    with pytest.raises(ForeignPortal, match=r"portal\.bitrix24\.ru.*other\.bitrix24\.ru"):
        install(engine, Seal(OLD_KEY), foreign)
    assert tokens.current() == "access-0"


def test_an_uninstalled_application_has_no_tokens(engine: Engine, tokens: StoredTokens) -> None:
    uninstall(engine)
    assert installed(engine) is None
    with pytest.raises(NotInstalled):
        tokens.current()


def test_a_key_is_changed_by_working_on(engine: Engine, tokens: StoredTokens, server: Rotation) -> None:
    """The new key stands first, the old one after it; the first refresh seals anew, and the old key may go."""
    both = StoredTokens(engine, Seal(f"{NEW_KEY}, {OLD_KEY}"), FIRST.member_id, server.refresh)
    assert both.current() == "access-0"
    with pytest.raises(SealBroken, match="допишите в конец прежний ключ"):
        StoredTokens(engine, Seal(NEW_KEY), FIRST.member_id, server.refresh).current()
    both.refreshed("access-0")
    assert StoredTokens(engine, Seal(NEW_KEY), FIRST.member_id, server.refresh).current() == "access-1"


@pytest.mark.parametrize(
    "keys", ["", "s3cret", f"{OLD_KEY},", f"{OLD_KEY},s3cret"], ids=["none", "short", "comma", "second"]
)
def test_what_is_no_key_is_refused_without_repeating_it(keys: str) -> None:
    """The message says how to make one."""
    with pytest.raises(ValueError, match=r"TOKEN_KEY.*generate_key") as refused:
        Seal(keys)
    assert not [key for key in ("s3cret", OLD_KEY) if key in "".join(traceback.format_exception(refused.value))]


def test_no_token_is_readable_in_the_database(engine: Engine, tokens: StoredTokens) -> None:
    """Neither in the rows nor, on SQLite, in the bytes of the file, its log and what the log was merged into."""
    tokens.refreshed("access-0")
    with engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM oauth_tokens")).all())
    database = engine.url.database or ""
    if engine.dialect.name == "sqlite":
        stored += "".join(file.read_bytes().decode("latin-1") for file in Path(database).parent.iterdir())
        engine.dispose()  # merges the log into the file
        stored += Path(database).read_bytes().decode("latin-1")
    assert "portal.bitrix24.ru" in stored
    assert not [token for token in ("access-0", "access-1", "refresh-0", "refresh-1") if token in stored]


def test_no_repr_shows_a_token(engine: Engine, tokens: StoredTokens) -> None:
    """Rows, grants, the seal and the tokens themselves, as a debugger or a log would write them."""
    with reading(engine) as session:
        row = session.get(OAuthTokens, FIRST.member_id)
    assert row is not None
    shown = f"{row!r} {row} {FIRST!r} {tokens!r} {Seal(OLD_KEY)!r} {installed(engine)!r}"
    assert FIRST.member_id in shown
    hidden = ("access-0", "refresh-0", OLD_KEY, row.access_token, row.refresh_token)
    assert not [secret for secret in hidden if secret in shown]


def _place(engine: Engine) -> tuple[str, str]:
    portal = installed(engine)
    assert portal is not None
    return portal.domain, portal.client_endpoint


def _never(_: str) -> Grant:
    raise AssertionError("nobody asked for a refresh")
