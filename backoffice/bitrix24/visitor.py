"""Who opened a page of ours inside the portal, according to the portal itself.

The portal hands the page an OAuth token of the person who opens it (api-reference/widgets, AUTH_ID). Whether the token
is the portal's is known only by using it there: `profile` needs no scope (api-reference/common/users/profile.md).
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from backoffice.bitrix24.errors import AccessDenied, PortalError, PortalUnreachable
from backoffice.bitrix24.failures import failure
from backoffice.bitrix24.wire import Answer, as_map, read_envelope

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Visitor:
    """An employee of the portal; `seen_at` is the portal's own time, None where it does not tell."""

    user_id: int
    seen_at: datetime | None
    administrator: bool = False


def read_visitor(
    origin: str, token: str, application: str | None = None, transport: httpx.BaseTransport | None = None
) -> Visitor:
    """Ask the portal at `origin`, and no other host, whose token it is; AccessDenied if nobody's.

    With `application`, a local application's client id, the token of another application is nobody's: every other one
    that people use in the portal has tokens of theirs too. Tokens travel in the body, because addresses are logged.
    """
    with httpx.Client(base_url=origin, timeout=TIMEOUT_SECONDS, transport=transport) as http:
        profile = _ask(http, "profile", token)
        if application is not None and _code(_ask(http, "app.info", token)) != application:
            raise AccessDenied("app.info: the token of another application", code="", description="")
    administrator = as_map(profile.result).get("ADMIN") is True
    return Visitor(_user_id(profile.result), _moment(profile.time.get("date_start")), administrator)


def _ask(http: httpx.Client, method: str, token: str) -> Answer:
    try:
        response = http.post(f"/rest/{method}", json={"auth": token})
    except httpx.TransportError as error:
        raise PortalUnreachable(f"{method}: no answer: {type(error).__name__}") from None
    answer = read_envelope(method, response)
    if not isinstance(answer, Answer):
        raise failure(method, response, answer, time.time(), writes=False)
    return answer


def _code(info: Answer) -> str:
    """A local application's code is its client id (api-reference/common/system/app-info.md)."""
    return str(as_map(info.result).get("CODE", ""))


def _user_id(profile: Any) -> int:
    given = str(as_map(profile).get("ID", ""))
    if not given.isdecimal():
        raise PortalError("profile: the portal names no user")
    return int(given)


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
