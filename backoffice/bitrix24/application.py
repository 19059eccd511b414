"""Reaching a portal as an application installed in it.

The access token travels in the body, under `auth` (settings/how-to-call-rest-api/authorization.md), never in an
address. Like a webhook's secret it is put in here, below everything that logs.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from backoffice.bitrix24.errors import TokenRenewed
from backoffice.bitrix24.transport import PortalTransport
from backoffice.bitrix24.wire import error_code

UNAUTHORIZED = 401


class Tokens(Protocol):
    """The tokens of one installation, which all who work with it share."""

    def current(self) -> str:
        """The access token to use now."""

    def refreshed(self, used: str) -> str:
        """A newer one than the `used`: what somebody else has already got, else one asked for now."""


@dataclass(frozen=True)
class Installation:
    """An application installed in a portal. `host` names the portal for ever, `endpoint` is where its REST is now."""

    host: str
    endpoint: str
    tokens: Tokens = field(repr=False)

    @property
    def origin(self) -> str:
        """Where the portal is now."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"

    def transport(self, inner: httpx.BaseTransport | None) -> httpx.BaseTransport:
        """Every request gets the token."""
        return TokenTransport(
            self.tokens, PortalTransport(self.origin, urlsplit(self.endpoint).path.rstrip("/"), inner)
        )


class TokenTransport(httpx.BaseTransport):
    """Adds the token to JSON bodies; TokenRenewed when the portal refused the token and there is a newer one now.

    Tokens are renewed only when the portal calls one expired, as the documents ask (settings/oauth/auto-renewal.md).
    Whether a refresh elsewhere ends the token in our hands is not documented: an invalid one is replaced by what is
    current, if that is another, without a refresh. The request is not sent again from here: renewing may take so long
    that its sender has to look again whether it still wants to.
    """

    def __init__(self, tokens: Tokens, inner: httpx.BaseTransport) -> None:
        self._tokens = tokens
        self._inner = inner
        self._untried = ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        used = self._tokens.current()
        response = self._inner.handle_request(_with_token(request, used))
        if response.status_code != UNAUTHORIZED:
            if used == self._untried:
                self._untried = ""
            return response
        if used == self._untried:
            return response  # renewing once more would not help
        token = self._instead_of(used, _refusal_code(response))
        if token == used:
            return response
        self._untried = token
        raise TokenRenewed("the portal did not take the access token any more, and there is a newer one now")

    def close(self) -> None:
        self._inner.close()

    def _instead_of(self, used: str, code: str) -> str:
        if code == "expired_token":
            return self._tokens.refreshed(used)
        return self._tokens.current() if code == "invalid_token" else used


def _with_token(request: httpx.Request, token: str) -> httpx.Request:
    content = json.dumps({**json.loads(request.content), "auth": token}, ensure_ascii=False).encode()
    headers = request.headers.copy()
    headers["Content-Length"] = str(len(content))
    return httpx.Request(request.method, request.url, headers=headers, content=content, extensions=request.extensions)


def _refusal_code(response: httpx.Response) -> str:
    response.read()
    try:
        body: Any = response.json()
    except ValueError:
        return ""
    return error_code(body).casefold() if isinstance(body, dict) else ""
