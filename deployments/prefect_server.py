"""The Prefect server that PREFECT_API_URL names: waited for while it starts, and asked whether it lets us in."""

import sys
import time

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, get_current_settings, temporary_settings

from deployments.errors import ServerUnusable

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 5.0
LOOK_EVERY_SECONDS = 2.0

NO_ADDRESS = "Не задан PREFECT_API_URL: адрес сервера Prefect, например http://127.0.0.1:4200/api"
SILENT = "Сервер Prefect не отвечает по адресу {at}: запустите его или исправьте PREFECT_API_URL ({why})"
LOCKED = (
    "Сервер Prefect по адресу {at} не принимает пароль: PREFECT_API_AUTH_STRING должен быть таким же, "
    "как PREFECT_SERVER_API_AUTH_STRING у сервера, имя:пароль ({why})"
)
STRANGE = "По адресу {at} отвечает не сервер Prefect: PREFECT_API_URL должен кончаться на /api ({why})"


def await_server(patience: float = PATIENCE_SECONDS) -> None:
    """Return when the server answers and lets us in; ServerUnusable names the variable to look at."""
    address = get_current_settings().api.url
    if address is None:
        raise ServerUnusable(NO_ADDRESS)
    at, deadline = _shown(address), time.monotonic() + patience
    while silence := _silence(at):
        if time.monotonic() >= deadline:
            raise ServerUnusable(SILENT.format(at=at, why=silence))
        sys.stderr.write(f"Жду сервер Prefect по адресу {at}: ещё {deadline - time.monotonic():.0f} с\n")
        time.sleep(min(LOOK_EVERY_SECONDS, max(0.0, deadline - time.monotonic())))


def _silence(at: str) -> str:
    """Why the server may be starting; empty if it let us in: it tells its version only to who has the password."""
    once = temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0})
    with once, get_client(httpx_settings={"timeout": LOOK_SECONDS}, sync_client=True) as client:
        try:
            client.api_version()
        except PrefectHTTPStatusError as error:
            return _starting(at, error.response.status_code)
        except httpx.UnsupportedProtocol as error:
            raise ServerUnusable(STRANGE.format(at=at, why=type(error).__name__)) from error
        except httpx.TransportError as error:
            return type(error).__name__
        except ValueError as error:
            raise ServerUnusable(STRANGE.format(at=at, why="это не JSON")) from error
    return ""


def _starting(at: str, status: int) -> str:
    if status in (401, 403):
        raise ServerUnusable(LOCKED.format(at=at, why=status))
    if status < 500:
        raise ServerUnusable(STRANGE.format(at=at, why=status))
    return str(status)


def _shown(address: str) -> str:
    """Without a name and a password that somebody wrote into it."""
    return str(httpx.URL(address).copy_with(userinfo=b""))
