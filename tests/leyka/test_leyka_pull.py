"""Pulling from the sandbox's site, and from sites that answer otherwise."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backoffice import connections
from backoffice.leyka.client import Leyka
from backoffice.leyka.errors import LeykaRefused, LeykaUnavailable
from backoffice.rules.donation_facts import Donation, DonationEvent
from backoffice.sandbox import seeds
from backoffice.sandbox.leyka.state import SECRET, SITE
from backoffice.sandbox.world import World
from backoffice.settings import SettingMissing, settings

Site = Callable[..., Leyka]


@pytest.fixture
def site(world: World, sandbox: str) -> Iterator[Site]:
    """The client of the sandbox's site, or of another by its transport."""
    opened: list[httpx.Client] = []

    def client(secret: str = SECRET, transport: httpx.BaseTransport | None = None) -> Leyka:
        opened.append(httpx.Client(base_url=f"{sandbox}/leyka/", transport=transport))
        return Leyka(opened[-1], secret, world.clock.now)

    yield client
    for one in opened:
        one.close()


def answering(status: int, body: Any) -> httpx.MockTransport:
    text = body if isinstance(body, str) else json.dumps(body)
    return httpx.MockTransport(lambda _: httpx.Response(status, text=text))


def page(what: str, rows: list[Any], **more: Any) -> dict[str, Any]:
    cursor = {"next_after": 1, "more": False, "oldest_seq": 1, "newest_seq": 9}
    return {"schema": 1, "site": SITE, what: rows, **cursor, **more}


@pytest.mark.parametrize("size", [1, 7, 200])
def test_every_event_and_every_donation_comes_once_and_in_order(world: World, site: Site, size: int) -> None:
    """Pages of any size."""
    seeds.plant(world, "donations")
    events: list[DonationEvent] = [event for page in site().events(0, size) for event in page.rows]
    assert [event.seq for event in events] == [event.seq for event in world.leyka.outbox]
    donations: list[Donation] = [one for page in site().donations(size=size) for one in page.rows]
    assert [one.id for one in donations] == sorted(world.leyka.donations)


def test_only_what_was_asked_for_comes(world: World, site: Site) -> None:
    """Events after a number; donations of a span of time, its end left out; each page tells how new it is."""
    seeds.plant(world, "donations")
    newest = len(world.leyka.outbox)
    [last] = site().events(newest - 2)
    assert [event.seq for event in last.rows] == [newest - 1, newest]
    now = world.clock.now()
    [recent] = site().donations(now - timedelta(hours=1), now)
    assert {one.created_at for one in recent.rows} == {now - timedelta(hours=1)}
    assert (recent.site, recent.newest_seq, recent.unreadable) == (SITE, newest, ())
    [nothing] = site().events(newest)
    assert nothing.rows == ()


def test_a_wrong_key_and_a_wrong_clock_are_told(world: World, site: Site, sandbox: str) -> None:
    """One remedy names both, because the site does not say which it is."""
    with pytest.raises(LeykaRefused, match=r"401.*LEYKA_SECRET.*часы"):
        list(site("guessed").events(0))
    late = Leyka(httpx.Client(base_url=f"{sandbox}/leyka"), SECRET, lambda: world.clock.now() - timedelta(seconds=301))
    with pytest.raises(LeykaRefused, match="401"):
        list(late.donations())
    late._http.close()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (301, "", "перенаправляет"),
        (403, {"code": "rest_forbidden"}, "защитные плагины"),
        (404, {"code": "rest_no_route"}, "leyka-bridge"),
        (400, {"code": "rest_invalid_param"}, "400"),
        (503, {"code": "leyka_bridge_storage"}, "не в записях"),
    ],
)
def test_a_refusal_says_what_to_do(site: Site, status: int, body: Any, told: str) -> None:
    """It will be the same at the next try."""
    with pytest.raises(LeykaRefused, match=told):
        list(site(transport=answering(status, body)).events(0))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "<html>"),
        (503, ""),
        (429, {"code": "slow"}),
        (200, "<html>maintenance</html>"),
        (200, []),
        (200, {}),
        (200, page("events", [], next_after="?")),
        (200, page("events", []) | {"events": 7}),
        (200, page("events", ["what"])),
        (200, page("events", [], next_after=0, more=True)),
    ],
)
def test_a_broken_site_is_unavailable(site: Site, status: int, body: Any) -> None:
    """Never an empty page, and never the same page for ever."""
    with pytest.raises(LeykaUnavailable):
        list(site(transport=answering(status, body)).events(0))


def test_a_site_in_clear_text_is_not_asked(world: World) -> None:
    """What it would answer is about people."""
    with httpx.Client(base_url="http://fund.example.org") as http, pytest.raises(LeykaRefused, match="https://"):
        Leyka(http, SECRET, world.clock.now)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout])
def test_no_answer_is_unavailable(site: Site, error: type[httpx.RequestError]) -> None:
    """Worth another try."""

    def mishap(_: httpx.Request) -> httpx.Response:
        raise error("cut")

    with pytest.raises(LeykaUnavailable, match=error.__name__):
        list(site(transport=httpx.MockTransport(mishap)).donations())


def test_a_row_that_cannot_be_read_is_named_and_the_others_go_on(site: Site) -> None:
    """By its number and the field."""
    good = {"id": 47, "status": "funded", "created_at": "2026-11-21T19:49:56Z", "amount": "700.00"}
    body = page("donations", [good, good | {"id": 48, "amount": "?"}, good | {"id": 49}, {}])
    [found] = site(transport=answering(200, body)).donations()
    assert [one.id for one in found.rows] == [47, 49]
    assert found.unreadable == ("donations 48: amount: не сумма", "donations —: amount: нет")


def test_the_settings_lead_to_the_site(
    world: World, sandbox: str, connected: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing one is named; the key is in no log."""
    with pytest.raises(SettingMissing, match="LEYKA_SECRET"), connections.leyka():
        pass
    monkeypatch.setenv("LEYKA_SECRET", SECRET)
    monkeypatch.setenv("LEYKA_SITE_URL", f"{sandbox}/leyka")
    settings.cache_clear()
    seeds.plant(world, "donations")
    caplog.set_level(logging.DEBUG)
    with connections.leyka() as leyka:
        assert sum(len(page.rows) for page in leyka.donations()) == len(world.leyka.donations)
    assert SECRET not in caplog.text
