"""The way to the portal: the webhook's address, and a portal that was renamed."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import PortalUnreachable
from backoffice.bitrix24.transport import read_webhook
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

Origins = Callable[[], list[str]]

SECRET_PATH = f"/rest/1/{WEBHOOK_SECRET}"
ADDED = {"fields": {"NAME": "Анна", "ORIGIN_ID": "moved"}}


class Renamed(httpx.BaseTransport):
    """`old.example.org` redirects as it is told to; every other host is the portal in a box."""

    def __init__(self, wire: "Wire", sandbox: str) -> None:
        self._wire, self._sandbox = wire, httpx.URL(sandbox)
        self.status, self.location = 302, f"https://new.example.org{SECRET_PATH}/crm.contact.add.json"
        self.hosts: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.hosts.append(request.url.host)
        if request.url.host == "old.example.org":
            return httpx.Response(self.status, headers={"Location": self.location})
        home = request.url.copy_with(scheme="http", host=self._sandbox.host, port=self._sandbox.port)
        return self._wire.handle_request(
            httpx.Request(request.method, home, headers=request.headers, stream=request.stream)
        )


@pytest.fixture
def renamed(wire: "Wire", sandbox: str) -> Renamed:
    return Renamed(wire, sandbox)


@pytest.fixture
def moved(new_portal: Callable[..., Portal], renamed: Renamed) -> Portal:
    """A client that still has the portal's old address."""
    return new_portal(url=f"https://old.example.org{SECRET_PATH}/", transport=renamed)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_portal_gets_the_same_request(
    moved: Portal, renamed: Renamed, wire: "Wire", origins: Origins, status: int
) -> None:
    """A write goes to the new host once, still a POST with its body; the next request goes there at once."""
    renamed.status = status
    assert moved.call("crm.contact.add", **ADDED) == 1
    assert origins() == ["moved"]
    assert (wire.sent[0].method, json.loads(wire.sent[0].read())) == ("POST", ADDED)
    assert wire.sent[0].headers["Host"] == "new.example.org"
    moved.call("profile")
    assert renamed.hosts == ["old.example.org", "new.example.org", "new.example.org"]
    assert moved.host == "old.example.org"


@pytest.mark.parametrize(
    "location",
    [
        f"https://old.example.org{SECRET_PATH}/crm.contact.add.json",
        f"http://new.example.org{SECRET_PATH}/crm.contact.add.json",
        "https://new.example.org/login/?backurl=rest",
        "https://[new.example.org/",
        "/auth/",
        "",
    ],
    ids=["to itself", "off https", "to a login page", "to no address", "within the host", "nowhere"],
)
def test_any_other_redirect_is_an_error_and_the_secret_stays(
    moved: Portal, renamed: Renamed, origins: Origins, location: str
) -> None:
    """The write was not executed; the webhook's path is shown to no other page and never without encryption."""
    renamed.location = location
    with pytest.raises(PortalUnreachable, match=r"crm.contact.add at old.example.org"):
        moved.call("crm.contact.add", **ADDED)
    assert renamed.hosts == ["old.example.org"]
    assert origins() == []


def test_a_circle_of_redirects_ends(new_portal: Callable[..., Portal]) -> None:
    """Two hosts send each other the request; the client gives up after a few, with an error of its own."""

    class Circle(httpx.BaseTransport):
        asked = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            self.asked += 1
            other = request.url.copy_with(host="a.example.org" if request.url.host[0] == "b" else "b.example.org")
            return httpx.Response(302, headers={"Location": str(other)})

    circle = Circle()
    portal = new_portal(url=f"https://a.example.org{SECRET_PATH}/", transport=circle)
    with pytest.raises(PortalUnreachable):
        portal.call("crm.contact.add", **ADDED)
    assert circle.asked <= 5


def test_cookies_are_not_sent_back(portal: Portal, wire: "Wire") -> None:
    """A webhook is no session."""
    wire.plan(wire.answers(200, {"result": 1}, Set_Cookie="PHPSESSID=1; path=/"))
    portal.call("profile")
    portal.call("profile")
    assert "Cookie" not in wire.sent[1].headers


def test_http_may_become_https(new_portal: Callable[..., Portal]) -> None:
    """A webhook written with http:// is followed to the same host with https://."""

    class Secured(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.scheme == "http":
                return httpx.Response(301, headers={"Location": str(request.url.copy_with(scheme="https"))})
            return httpx.Response(200, json={"result": request.url.scheme})

    assert new_portal(url=f"http://p.example.org{SECRET_PATH}/", transport=Secured()).call("profile") == "https"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://p.bitrix24.ru/rest/1/abc/", "p.bitrix24.ru"),
        ("https://p.bitrix24.ru/rest/12/abc", "p.bitrix24.ru"),
        (" http://127.0.0.1:8080/rest/1/abc/ \n", "127.0.0.1:8080"),
    ],
)
def test_a_webhook_is_taken_apart(url: str, host: str) -> None:
    """With or without the last slash, with spaces around."""
    webhook = read_webhook(url)
    assert webhook.host == host
    assert webhook.path.endswith("/abc")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "p.bitrix24.ru/rest/1/s3cret/",
        "ftp://p.bitrix24.ru/rest/1/s3cret/",
        "https:///rest/1/s3cret/",
        "https://p.bitrix24.ru/rest/s3cret/",
        "https://p.bitrix24.ru/rest/1/s3cret/profile.json",
        "https://[p.bitrix24.ru/rest/1/s3cret/",
    ],
)
def test_what_is_no_webhook_is_refused_without_repeating_it(url: str) -> None:
    """The message says what is expected, in Russian, and names the variable; the secret is not in it."""
    with pytest.raises(ValueError, match=r"^BITRIX24_WEBHOOK_URL .*: скопируйте его целиком") as refused:
        read_webhook(url)
    assert "s3cret" not in str(refused.value)
