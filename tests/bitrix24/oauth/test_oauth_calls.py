"""Calling a portal as an application: the token's way, its renewal, a renamed portal."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import AccessDenied, AmbiguousWrite, PortalUnreachable
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire
    from tests.bitrix24.oauth.conftest import NoLimit, Purse

HOUR = 3600
ADDED = {"fields": {"NAME": "Анна", "ORIGIN_ID": "person-1"}}
EXPIRED = {"error": "expired_token", "error_description": "The access token provided has expired."}
INVALID = {"error": "invalid_token", "error_description": "Unable to get application by token"}
Origins = Callable[[], list[str]]


def test_the_token_travels_in_the_body_and_nowhere_else(portal: Portal, wire: "Wire", purse: "Purse") -> None:
    """settings/how-to-call-rest-api/authorization.md: `auth` beside the parameters; no address, no header has it."""
    portal.call("crm.contact.add", **ADDED)
    sent = wire.sent[0]
    assert json.loads(sent.read()) == {**ADDED, "auth": purse.access_token}
    assert sent.url.path == "/rest/crm.contact.add.json"
    assert purse.access_token not in f"{sent.url} {sent.headers.raw!r}"


def test_listing_and_batches_work_as_ever(
    portal: Portal, origins: Origins, adding: Callable[..., list[Command[str]]]
) -> None:
    """An application reads and writes what a webhook does."""
    portal.batch(adding(60)).values()
    assert len(list(portal.rows("crm.contact.list", select=["ID"]))) == 60
    assert len(set(origins())) == 60


def test_nothing_is_renewed_before_the_portal_says_so(portal: Portal, world: World) -> None:
    """settings/oauth/auto-renewal.md: not per call and not by the clock."""
    for _ in range(20):
        portal.call("profile")
    world.clock.advance(HOUR - 60)
    portal.call("profile")
    assert world.portal.applications.counts == {}


def test_an_expired_token_is_renewed_once_and_the_write_happens_once(
    portal: Portal, world: World, origins: Origins, budget: "NoLimit", purse: "Purse"
) -> None:
    """A 401 was not executed: the same request goes again with the new token, paced like any other."""
    before = purse.refresh_token
    world.clock.advance(HOUR)
    assert portal.call("crm.contact.add", **ADDED) == 1
    portal.call("profile")
    assert origins() == ["person-1"]
    assert world.portal.applications.counts == {"refresh_token": 1}
    assert purse.refresh_token != before
    assert budget.taken == 3


def test_whoever_sends_again_looks_again_whether_to(portal: Portal, world: World) -> None:
    """A refresh takes its time: what has to be true before a batch is sent is asked before the second sending too."""
    asked: list[list[str]] = []
    world.clock.advance(HOUR)
    portal.batch([Command("crm.contact.add", ADDED, "person-1")], before_send=asked.append).values()
    assert asked == [["person-1"], ["person-1"]]


def test_a_write_in_doubt_was_sent_when_it_was_sent_last(portal: Portal, world: World, wire: "Wire") -> None:
    """Renewing took 20 s and the second answer got lost: the wait for the outcome counts from the second."""

    def slow(request: httpx.Request) -> httpx.Response:
        world.clock.advance(20)
        return wire.through(request)

    world.clock.advance(HOUR)
    begun = world.clock.now().timestamp()
    wire.plan(wire.through, slow, wire.cut_after)
    with pytest.raises(AmbiguousWrite) as doubt:
        portal.call("crm.contact.add", **ADDED)
    assert doubt.value.sent_at.timestamp() >= begun + 20


def test_a_fresh_token_that_is_refused_is_not_renewed_again(portal: Portal, world: World, wire: "Wire") -> None:
    """A portal that calls every token expired gets one refresh, and the caller a refusal: no loop of refreshes."""
    wire.plan(wire.answers(401, EXPIRED), wire.through, wire.answers(401, EXPIRED))
    with pytest.raises(AccessDenied, match="expired_token"):
        portal.call("profile")
    assert world.portal.applications.counts == {"refresh_token": 1}


def test_an_invalid_token_is_never_renewed(portal: Portal, world: World, wire: "Wire") -> None:
    """Only `expired_token` asks for a refresh; the error says what to do in the portal."""
    wire.plan(wire.answers(401, INVALID))
    with pytest.raises(AccessDenied, match=r"python -m deployments\.let_in"):
        portal.call("profile")
    assert world.portal.applications.counts == {}


@pytest.mark.parametrize("ends", [True, False])
def test_a_refresh_elsewhere_does_not_hurt(
    portal: Portal, world: World, wire: "Wire", purse: "Purse", origins: Origins, ends: bool
) -> None:
    """Another process renews while our request is under way; whether that ends our token is not documented."""
    world.portal.config.refresh_ends_access_token = ends

    def overtaken(request: httpx.Request) -> httpx.Response:
        purse.refreshed(purse.current())
        return wire.through(request)

    wire.plan(overtaken)
    assert portal.call("crm.contact.add", **ADDED) == 1
    assert origins() == ["person-1"]
    assert world.portal.applications.counts == {"refresh_token": 1}


def test_threads_of_one_client_renew_once(portal: Portal, world: World, origins: Origins) -> None:
    """Eight threads write with an expired token: one refresh, every contact once."""
    world.portal.config.bucket_size = 1000
    world.clock.advance(HOUR)

    def add(number: int) -> None:
        portal.call("crm.contact.add", fields={"NAME": "Анна", "ORIGIN_ID": str(number)})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(24)))
    assert sorted(origins(), key=int) == [str(number) for number in range(24)]
    assert world.portal.applications.counts == {"refresh_token": 1}


@pytest.mark.parametrize("mishap", ["no_connection", "cut_before", "page", "elsewhere"])
def test_without_an_authorization_server_nothing_is_in_doubt(
    portal: Portal, world: World, wire: "Wire", origins: Origins, mishap: str
) -> None:
    """The write was refused with 401 and not executed: an outage of the other server means «later», never doubt."""
    plans = {"page": wire.answers(502, "<html>"), "elsewhere": wire.answers(302, "", Location="https://evil.example/")}
    world.clock.advance(HOUR)
    wire.plan(wire.through, plans.get(mishap) or getattr(wire, mishap))
    with pytest.raises(PortalUnreachable, match="refresh_token at"):
        portal.call("crm.contact.add", **ADDED)
    assert origins() == []
    assert portal.call("crm.contact.add", **ADDED) == 1


def test_a_renamed_portal_gets_the_same_request(
    as_application: Callable[..., Portal], wire: "Wire", sandbox: str, origins: Origins
) -> None:
    """settings/how-to-call-rest-api/change-domen.md: a POST with its body and token at the new host; ours stays."""

    class Renamed(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.host == "old.example.org":
                return httpx.Response(302, headers={"Location": f"https://new.example.org{request.url.path}"})
            home = request.url.copy_with(scheme="http", host="127.0.0.1", port=httpx.URL(sandbox).port)
            return wire.through(httpx.Request("POST", home, headers=request.headers, content=request.read()))

    portal = as_application("https://old.example.org/rest/", Renamed())
    assert portal.call("crm.contact.add", **ADDED) == 1
    assert origins() == ["person-1"]
    assert portal.host == "old.example.org"
