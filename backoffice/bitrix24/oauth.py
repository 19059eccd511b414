"""The authorization server of Bitrix24: tokens for a code, new tokens for the refresh token.

Sources: settings/oauth/index.md, auto-renewal.md. The only documented form is a GET with the secret, the code or the
token in the query. httpx writes addresses into its log and its exceptions, so the client asks for `/oauth/token/`, and
the query is put in below everything that logs.
"""

import logging
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from backoffice.bitrix24.errors import PortalError, PortalUnreachable, refusal
from backoffice.bitrix24.limiter import Clock, WallClock
from backoffice.rules.oauth_grant import Grant

DOCUMENTED_ORIGIN = "https://oauth.bitrix.info"
KNOWN_ORIGINS = frozenset({DOCUMENTED_ORIGIN, "https://oauth.bitrix24.tech"})
"""The documents name the first, the official SDKs use the second, and a portal names its own in `server_endpoint`."""
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
CODE = re.compile(r"[A-Za-z_]{1,40}")
SECRET_IN_TEXT = re.compile(r"((?:client_secret|code|refresh_token|access_token|auth)=)[^&\s'\"]+")


def hide_secret(record: logging.LogRecord) -> bool:
    """A filter for httpcore, which logs the headers of answers: a redirect's Location repeats the query."""
    record.msg, record.args = SECRET_IN_TEXT.sub(r"\1***", record.getMessage()), None
    return True


for _name in ("httpcore.http11", "httpcore.http2"):
    logging.getLogger(_name).addFilter(hide_secret)


@dataclass(frozen=True)
class Application:
    """What the card of the application in the portal shows."""

    client_id: str
    client_secret: str = field(repr=False)


def oauth_origin(configured: str | None, server_endpoint: str = "") -> str:
    """Where the application's secret may go: to the host in the settings, else to the one of Bitrix24's own that the
    portal names. `configured` is a host, or an origin with its scheme; ValueError for anything else.
    """
    if configured is None:
        parts = urlsplit(server_endpoint)
        named = f"{parts.scheme}://{parts.netloc}"
        return named if named in KNOWN_ORIGINS else DOCUMENTED_ORIGIN
    parts = urlsplit(configured if "://" in configured else f"https://{configured}")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path.strip("/") or "@" in parts.netloc:
        raise ValueError("BITRIX24_OAUTH_HOST is not a host: expected for example oauth.bitrix.info")
    return f"{parts.scheme}://{parts.netloc}"


class AuthorizationServer:
    """Asks one host, and follows it nowhere."""

    def __init__(
        self,
        application: Application,
        origin: str,
        *,
        clock: Clock | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._application = application
        self._origin = origin
        self._clock: Clock = clock or WallClock()
        self._transport = transport

    def exchange(self, code: str) -> Grant:
        """The first tokens, for a code that is not older than 30 s."""
        return self._ask({"grant_type": "authorization_code", "code": code})

    def refresh(self, refresh_token: str) -> Grant:
        """The next tokens; the refresh token has served then."""
        return self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def _ask(self, wanted: dict[str, str]) -> Grant:
        """The grant; AccessDenied says what to do about a refusal, PortalUnreachable that there was no answer."""
        label = f"{wanted['grant_type']} at {urlsplit(self._origin).netloc}"
        client = {"client_id": self._application.client_id, "client_secret": self._application.client_secret}
        with httpx.Client(transport=_Query(client | wanted, self._transport), timeout=TIMEOUT) as http:
            try:
                response = http.get(f"{self._origin}/oauth/token/", headers={"Accept": "application/json"})
            except httpx.RequestError as error:
                raise PortalUnreachable(f"{label}: no answer: {type(error).__name__}") from None
        body = _json(response)
        if response.status_code >= 500 or not ("error" in body or response.is_success):
            raise PortalUnreachable(f"{label}: no answer: HTTP {response.status_code}")
        if "error" in body:
            # Its description, and a code that is none, might repeat what was sent.
            code = str(body["error"])
            raise refusal(label, code if CODE.fullmatch(code) else "an error without a code", "")
        return self._grant(label, body)

    def _grant(self, label: str, body: dict[str, Any]) -> Grant:
        try:
            grant = Grant(
                member_id=str(body["member_id"]),
                client_endpoint=str(body["client_endpoint"]),
                server_endpoint=str(body.get("server_endpoint", "")),
                scope=str(body.get("scope", "")),
                expires_at=datetime.fromtimestamp(self._clock.time() + int(body.get("expires_in", 3600)), UTC),
                access_token=str(body["access_token"]),
                refresh_token=str(body["refresh_token"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise PortalError(f"{label}: the answer lacks {error}") from None
        if not grant.domain or urlsplit(grant.client_endpoint).scheme not in ("https", urlsplit(self._origin).scheme):
            raise PortalError(f"{label}: the answer names no portal")
        return grant


class _Query(httpx.BaseTransport):
    """Puts the query in."""

    def __init__(self, query: dict[str, str], inner: httpx.BaseTransport | None) -> None:
        self._query = query
        self._inner = inner or httpx.HTTPTransport()
        self._lent = inner is not None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_merge_params(self._query)
        asked = httpx.Request(request.method, url, headers=request.headers, extensions=request.extensions)
        return self._inner.handle_request(asked)

    def close(self) -> None:
        if not self._lent:
            self._inner.close()


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
