"""The one place that knows the webhook's secret.

A webhook's secret is a part of its path, `https://{portal}/rest/{user}/{secret}/{method}`, and httpx writes whole URLs
into its log and its exceptions. So the client addresses `https://{portal}/{method}`, and the path with the secret is
put in here, after everything that logs. What the client, its log lines and its exceptions hold has no secret in it.
"""

import logging
import re
import ssl
from dataclasses import dataclass
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

import httpx

MAX_MOVES = 3
WEBHOOK = re.compile(r"^/rest/(?P<user>\d+)/(?P<secret>[^/]+)/?$")
SHAPE = "скопируйте его целиком из карточки вебхука: https://портал/rest/номер/секрет/, без имени метода"
SECRET_IN_TEXT = re.compile(r"(/rest/(?:api/)?\d+/)[^/\s'\"]+")
THIRD = "/api/"


class RedirectedElsewhere(httpx.ConnectError):
    """A redirect that is not a renamed portal's: nothing was executed, and the secret goes no further."""


def hide_secret(record: logging.LogRecord) -> bool:
    """A filter for httpcore, which logs the headers of answers: a redirect's Location repeats the secret path."""
    record.msg, record.args = SECRET_IN_TEXT.sub(r"\1***", record.getMessage()), None
    return True


for _name in ("httpcore.http11", "httpcore.http2"):
    logging.getLogger(_name).addFilter(hide_secret)


class Access(Protocol):
    """What makes requests ours: an inbound webhook, or an application installed in the portal."""

    @property
    def host(self) -> str:
        """The portal's host with its port, the name under which the store keeps what belongs to this portal."""

    @property
    def origin(self) -> str:
        """Where the portal is now."""

    def transport(self, inner: httpx.BaseTransport | None) -> httpx.BaseTransport:
        """The way of a request `https://{portal}/{method}.json` to the portal, through `inner` if given."""


@dataclass(frozen=True)
class Webhook:
    """An inbound webhook: where the portal is, and the path that must stay hidden."""

    origin: str
    path: str

    def __repr__(self) -> str:
        return f"Webhook({self.origin})"

    @property
    def host(self) -> str:
        """The portal's host with its port."""
        return urlsplit(self.origin).netloc

    def transport(self, inner: httpx.BaseTransport | None) -> httpx.BaseTransport:
        """The secret path comes before the method."""
        return PortalTransport(self.origin, self.path, inner)


def read_webhook(url: str) -> Webhook:
    """Take a webhook's URL apart; ValueError says what is wrong with it without repeating it."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("https", "http") or not parts.netloc:
        raise ValueError(f"BITRIX24_WEBHOOK_URL — не адрес вебхука: {SHAPE}")
    if not WEBHOOK.match(parts.path):
        raise ValueError(f"BITRIX24_WEBHOOK_URL кончается не так, как адрес вебхука: {SHAPE}")
    return Webhook(origin=f"{parts.scheme}://{parts.netloc}", path=parts.path.rstrip("/"))


def third_path(method: str) -> str:
    """What to ask the transport for, to reach a method of REST 3.0."""
    return f"{THIRD}{method}"


class PortalTransport(httpx.BaseTransport):
    """Puts the path before the method in, and follows a renamed portal.

    REST 3.0 is at `/rest/api/…` of the same portal (api-reference/rest-v3.md): `api` stands before user and secret.
    A renamed portal answers its old host with 302 (settings/how-to-call-rest-api/change-domen.md). An ordinary client
    would repeat the POST as a GET and lose the body; here the same request goes to the new host, which is remembered.
    """

    def __init__(self, origin: str, path: str, inner: httpx.BaseTransport | None = None) -> None:
        self._path = path
        self._origin = httpx.URL(origin)
        self._inner = inner or httpx.HTTPTransport(
            verify=_authorities(),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=40, keepalive_expiry=15),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(MAX_MOVES):
            addressed = self._addressed(request)
            response = self._inner.handle_request(addressed)
            if response.status_code not in (301, 302, 307, 308):
                return response
            response.close()
            self._origin = _moved_to(response.headers.get("Location", ""), addressed.url)
        raise RedirectedElsewhere("the portal redirects in a circle")

    def _addressed(self, request: httpx.Request) -> httpx.Request:
        url = self._origin.copy_with(path=self._whole(request.url.path))
        # Nothing here is a session: a cookie sent back would make the portal serve our requests one by one.
        headers = [(name, value) for name, value in request.headers.raw if name.lower() not in (b"host", b"cookie")]
        headers.insert(0, (b"Host", url.netloc))
        return httpx.Request(request.method, url, headers=headers, stream=request.stream, extensions=request.extensions)

    def _whole(self, path: str) -> str:
        if path.startswith(THIRD):
            return f"/rest/api{self._path.removeprefix('/rest')}/{path.removeprefix(THIRD)}"
        return self._path + path

    def close(self) -> None:
        self._inner.close()


@cache
def _authorities() -> ssl.SSLContext:
    """Whom we trust, read once: it takes longer than a request, and every task opens a client of its own."""
    return httpx.create_ssl_context()


def _moved_to(location: str, asked: httpx.URL) -> httpx.URL:
    """The origin of a renamed portal: the same path elsewhere, and not off https."""
    try:
        target = asked.join(location)
    except httpx.InvalidURL:
        raise RedirectedElsewhere("the portal redirects to no address") from None
    if target.path != asked.path or target == asked or (asked.scheme, target.scheme) == ("https", "http"):
        raise RedirectedElsewhere("the portal redirects to something else than a portal")
    return httpx.URL(scheme=target.scheme, host=target.host, port=target.port)
