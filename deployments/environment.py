"""What the programs of the stand are told: addresses and the sandbox's secrets, nothing of a person's own."""

import os
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
POOL = "backoffice"
OURS = (
    *("PREFECT_", "BITRIX24_", "TIMEPAD_", "LEYKA_", "SMTP_", "SMS_", "SMSC_"),
    *("DATABASE_URL", "PORTAL_TOML", "PORTAL_FACTS", "REPORTS"),
)


@dataclass(frozen=True)
class Addresses:
    """Base URLs of the stand, without a slash at the end, and the port of the sandbox's mail server."""

    sandbox: str
    prefect: str
    gateway: str
    smtp_port: str

    @property
    def prefect_api(self) -> str:
        """Where Prefect's clients go."""
        return f"{self.prefect}/api"


def free_addresses() -> Addresses:
    """Four free ports of this machine, all held until the last is found, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(4)]
        ports = [str(one.getsockname()[1]) for one in sockets]
    sandbox, prefect, gateway = (f"http://127.0.0.1:{one}" for one in ports[:3])
    return Addresses(sandbox, prefect, gateway, smtp_port=ports[3])


def port(address: str) -> str:
    """The port of one of our addresses."""
    return address.rsplit(":", 1)[1]


def environment(at: Addresses, folder: Path) -> Mapping[str, str]:
    """The environment of every program of the stand.

    A person's own Prefect and portal settings are left out, also those of `.env`: the one named here does not exist. So
    a demo can never reach a real portal.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith(OURS)}
    return inherited | _prefect(at, folder) | _backoffice(at, folder)


def _prefect(at: Addresses, folder: Path) -> dict[str, str]:
    return {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": at.prefect_api,
        "PREFECT_UI_URL": at.prefect,
        "PREFECT_SERVER_UI_API_URL": "/api",  # otherwise the page asks port 4200, wherever the server is
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "1",  # the default of 10 is how long a run would wait to be picked up
        "DO_NOT_TRACK": "1",
        "NO_PROXY": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }


def _backoffice(at: Addresses, folder: Path) -> dict[str, str]:
    return {
        "BACKOFFICE_ENV": str(folder / ".env"),
        "BITRIX24_WEBHOOK_URL": f"{at.sandbox}/rest/1/sandbox-webhook-secret/",
        "BITRIX24_APPLICATION_TOKEN": "sandbox-application-token",
        "BITRIX24_HOOK_SECRET": "sandbox-path-secret",
        "TIMEPAD_API_URL": f"{at.sandbox}/timepad",
        "TIMEPAD_TOKEN": "sandbox-timepad-token",
        "TIMEPAD_ORGANIZATION_ID": "40400",
        "TIMEPAD_WEBHOOK_SECRET": "sandbox-hook-secret",
        "LEYKA_SITE_URL": f"{at.sandbox}/leyka",
        "LEYKA_SECRET": "sandbox-leyka-secret",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": at.smtp_port,
        "SMTP_SECURITY": "none",
        "SMTP_LOGIN": "sandbox",
        "SMTP_PASSWORD": "sandbox-smtp-password",
        "SMS_PROVIDER": "sms.ru",
        "SMS_RU_API_ID": "sandbox-sms-ru-api-id",
        "SMS_API_URL": f"{at.sandbox}/sms.ru",
        "DATABASE_URL": f"sqlite:///{folder / 'backoffice.db'}",
        "PORTAL_TOML": str(CHECKOUT / "portal.toml"),
        "PORTAL_FACTS": str(folder / "portal.facts.json"),
        "REPORTS": str(folder / "reports"),
    }
