"""Our local application as the portal shows it: a frame to whose address the portal posts who opened it.

Official sources: local-integrations/serverside-local-app-with-ui.md, api-reference/widgets (parameters of the handler).
"""

import json
import secrets
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from backoffice.sandbox.bitrix24.applications import Application
from backoffice.sandbox.bitrix24.config import APPLICATION_ID, WEBHOOK_USER
from backoffice.sandbox.bitrix24.hooks import MEMBER_ID
from backoffice.sandbox.pages.render import NoSuchPage
from backoffice.sandbox.world import World


def application(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """Opened by the administrator, or by another employee with `?user=2`."""
    handler = world.portal.config.application_page
    asked = request.query_params.get("user", str(WEBHOOK_USER))
    user = int(asked) if asked.isdecimal() else 0
    if not handler:
        raise NoSuchPage("Приложение не установлено: его адрес задаёт application_page в /_sandbox/portal.")
    if user not in world.portal.users:
        raise NoSuchPage("Такого сотрудника нет.")
    query = {
        "DOMAIN": request.url.netloc,
        "PROTOCOL": "1" if request.url.scheme == "https" else "0",
        "LANG": "ru",
        "APP_SID": secrets.token_hex(16),
    }
    base = f"{request.url.scheme}://{request.url.netloc}"
    return "application.html", {
        "address": f"{handler}?{urlencode(query)}",
        "fields": _posted(world, _installed(world), user, base),
        "person": world.portal.users[user],
    }


def _installed(world: World) -> Application:
    applications = world.portal.applications
    return applications.known.get(APPLICATION_ID) or applications.install()


def _posted(world: World, installed: Application, user: int, base: str) -> dict[str, str]:
    pair = world.portal.applications.open(installed, user)
    return {
        "AUTH_ID": pair.access_token,
        "AUTH_EXPIRES": "3600",
        "REFRESH_ID": pair.refresh_token,
        "SERVER_ENDPOINT": f"{base}/rest/",
        "APPLICATION_TOKEN": secrets.token_hex(16),
        "APPLICATION_SCOPE": ",".join(installed.scopes),
        "member_id": MEMBER_ID,
        "status": installed.status,
        "PLACEMENT": "DEFAULT",
        "PLACEMENT_OPTIONS": json.dumps({"any": "1/"}),
    }
