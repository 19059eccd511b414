"""An installation that works as an application: settings, letting it in, a whole import, many threads."""

import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from backoffice import connections
from backoffice.bitrix24.errors import AccessDenied
from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from backoffice.settings import SettingMissing, settings
from deployments.let_in import consent_address, let_in, main

KEY = Fernet.generate_key().decode()
HOUR = 3600


@pytest.fixture
def application(connected: None, sandbox: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of an application instead of a webhook; it is in the portal, and not let in yet."""
    monkeypatch.delenv("BITRIX24_WEBHOOK_URL")
    monkeypatch.setenv("BITRIX24_CLIENT_ID", APPLICATION_ID)
    monkeypatch.setenv("BITRIX24_CLIENT_SECRET", APPLICATION_SECRET)
    monkeypatch.setenv("BITRIX24_OAUTH_HOST", sandbox)
    monkeypatch.setenv("TOKEN_KEY", KEY)
    settings.cache_clear()
    world.portal.applications.install()


@pytest.fixture
def come_back(world: World, application: None) -> Callable[[int], str]:
    """The address to which the portal sends a person's browser back (settings/oauth/index.md)."""

    def come_back(user_id: int) -> str:
        code = world.portal.applications.authorize(world.portal.applications.known[APPLICATION_ID], user_id)
        return (
            f"https://hooks.example.org/app?code={code}&state=&domain=x&member_id=y&server_domain=oauth.bitrix.info\n"
        )

    return come_back


@pytest.fixture
def admitted(come_back: Callable[[int], str]) -> str:
    return let_in(come_back(1))


def test_an_administrator_lets_the_application_in(admitted: str, sandbox: str) -> None:
    """The portal is known by its host from then on, as a webhook would have named it."""
    assert consent_address("https://p.bitrix24.ru/") == consent_address("p.bitrix24.ru")
    assert consent_address("p.bitrix24.ru") == f"https://p.bitrix24.ru/oauth/authorize/?client_id={APPLICATION_ID}"
    assert admitted == connections.portal_host() == sandbox.removeprefix("http://")
    assert connections.portal_origin() == sandbox
    with connections.portal() as portal:
        assert portal.call("app.info")["CODE"] == APPLICATION_ID


def test_nobody_else_does(come_back: Callable[[int], str]) -> None:
    """The application would work with the rights of a manager, who sees less: what is hidden would seem deleted."""
    with pytest.raises(AccessDenied, match="впускает администратор"):
        let_in(come_back(2))
    with pytest.raises(SettingMissing, match="ещё не впущено"):
        connections.portal_host()


def test_a_late_or_a_missing_code_says_so(come_back: Callable[[int], str], world: World) -> None:
    address = come_back(1)
    world.clock.advance(31)
    with pytest.raises(AccessDenied, match="30 секунд"):
        let_in(address)
    with pytest.raises(ValueError, match="нет кода"):
        let_in("https://hooks.example.org/app?error=access_denied")


def test_the_webhook_wins(admitted: str, sandbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A webhook that is set is what we work with."""
    monkeypatch.setenv("BITRIX24_WEBHOOK_URL", "https://other.bitrix24.ru/rest/1/secret/")
    settings.cache_clear()
    assert connections.portal_host() == "other.bitrix24.ru"


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("BITRIX24_CLIENT_ID", "ни BITRIX24_WEBHOOK_URL, ни BITRIX24_CLIENT_ID"),
        ("BITRIX24_CLIENT_SECRET", "BITRIX24_CLIENT_SECRET"),
        ("TOKEN_KEY", "TOKEN_KEY"),
    ],
)
def test_what_is_missing_is_named(admitted: str, monkeypatch: pytest.MonkeyPatch, missing: str, named: str) -> None:
    monkeypatch.delenv(missing)
    settings.cache_clear()
    with pytest.raises(SettingMissing, match=named), connections.portal() as portal:
        portal.call("profile")


def test_threads_with_clients_of_their_own_renew_once(admitted: str, world: World) -> None:
    """Eight tasks at once, as Prefect runs them: one refresh through the store, every contact once."""
    world.portal.config.bucket_size = 1000
    world.clock.advance(HOUR)

    def add(number: int) -> None:
        with connections.portal() as portal:
            portal.call("crm.contact.add", fields={"NAME": "Анна", "ORIGIN_ID": str(number)})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(16)))
    assert len(world.portal.dump()["contacts"]) == 16
    assert world.portal.applications.counts == {"authorization_code": 1, "refresh_token": 1}


def test_an_import_ends_as_through_a_webhook(
    admitted: str,
    world: World,
    run_import: Callable[[int], None],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The token expires between setting up and importing; the second run changes nothing; no token is told anywhere."""
    from flows.portal_setup import portal_setup

    told: list[str] = []
    real = world.portal.applications.open

    def open_and_tell(*asked: Any) -> Any:
        pair = real(*asked)
        told.extend([pair.access_token, pair.refresh_token])
        return pair

    monkeypatch.setattr(world.portal.applications, "open", open_and_tell)
    caplog.set_level(logging.DEBUG)
    event_id = int(plant(world, "seminar")["event_id"])
    portal_setup.fn()
    world.clock.advance(3 * HOUR)
    run_import(event_id)
    first = world.portal.dump()
    world.clock.advance(HOUR)
    run_import(event_id)
    assert world.portal.dump() == first
    assert len(first["lists"][0]["elements"]) > 0
    assert world.portal.applications.counts == {"authorization_code": 1, "refresh_token": 2}
    stored = "".join(file.read_bytes().decode("latin-1") for file in tmp_path.iterdir() if file.is_file())
    assert len(told) == 4
    assert not [token for token in (*told, APPLICATION_SECRET) if token in caplog.text + stored]


def test_the_program_asks_for_the_address_and_uses_it(
    come_back: Callable[[int], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m deployments.let_in`: shows where to go, reads where the browser ended, says what came of it."""
    monkeypatch.setattr("sys.argv", ["let_in", "p.bitrix24.ru"])
    monkeypatch.setattr("sys.stdin", io.StringIO(come_back(1)))
    main()
    shown = capsys.readouterr().out
    assert f"https://p.bitrix24.ru/oauth/authorize/?client_id={APPLICATION_ID}\n" in shown
    assert shown.endswith(f"Приложение впущено: {connections.portal_host()}\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(come_back(2)))
    with pytest.raises(SystemExit, match="впускает администратор"):
        main()
