"""The one place that knows the webhook's secret.

A webhook's secret is a part of its path, `https://{portal}/rest/{user}/{secret}/{method}`, and httpx writes whole URLs
into its log and its exceptions. So the client addresses `https://{portal}/{method}`, and the path with the secret is
put in here, after everything that logs. What the client, its log lines and its exceptions hold has no secret in it.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

MAX_MOVES = 3
WEBHOOK = re.compile(r"^/rest/(?P<user>\d+)/(?P<secret>[^/]+)/?$")


@dataclass(frozen=True)
class Webhook:
    """An inbound webhook: where the portal is, and the path that must stay hidden."""

    origin: str
    path: str

    def __repr__(self) -> str:
        return f"Webhook({self.origin})"

    @property
    def host(self) -> str:
        """The portal's host with its port, the name under which the store keeps what belongs to this portal."""
        return urlsplit(self.origin).netloc


def read_webhook(url: str) -> Webhook:
    """Take a webhook's URL apart; ValueError says what is wrong with it without repeating it."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("https", "http") or not parts.netloc:
        raise ValueError("BITRIX24_WEBHOOK_URL is not a URL: expected https://<portal>/rest/<user>/<secret>/")
    if not WEBHOOK.match(parts.path):
        raise ValueError("BITRIX24_WEBHOOK_URL does not end in /rest/<user>/<secret>/")
    return Webhook(origin=f"{parts.scheme}://{parts.netloc}", path=parts.path.rstrip("/"))


class WebhookTransport(httpx.BaseTransport):
    """Puts the secret path in, and follows a renamed portal.

    A renamed portal answers its old host with 302 (settings/how-to-call-rest-api/change-domen.md). An ordinary client
    would repeat the POST as a GET and lose the body; here the same request goes to the new host, which is remembered.
    """

    def __init__(self, webhook: Webhook, inner: httpx.BaseTransport | None = None) -> None:
        self._path = webhook.path
        self._origin = httpx.URL(webhook.origin)
        self._inner = inner or httpx.HTTPTransport(
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=15)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(MAX_MOVES):
            response = self._inner.handle_request(self._addressed(request))
            if response.status_code not in (301, 302, 307, 308):
                return response
            self._origin = _moved_to(response, self._origin)
            response.close()
        raise httpx.TooManyRedirects("the portal redirects in a circle", request=request)

    def _addressed(self, request: httpx.Request) -> httpx.Request:
        url = self._origin.copy_with(path=self._path + request.url.path)
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        headers.insert(0, (b"Host", url.netloc))
        return httpx.Request(request.method, url, headers=headers, stream=request.stream, extensions=request.extensions)

    def close(self) -> None:
        self._inner.close()


def _moved_to(response: httpx.Response, old: httpx.URL) -> httpx.URL:
    target = old.join(response.headers.get("Location", ""))
    if target.host == old.host and target.port == old.port:
        raise httpx.RemoteProtocolError("the portal redirects to itself")
    return httpx.URL(scheme=target.scheme, host=target.host, port=target.port)
