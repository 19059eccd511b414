"""The receiver can pull what it has missed, if it signs; nobody else learns anything."""

import hashlib
import hmac
import time
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from tests.wordpress.site import SECRET, Site

DONATIONS = 43
SEED = f"for ( $i = 0; $i < {DONATIONS}; $i++ ) {{ stand_in_add( array( 'name' => 'Донор ' . $i, 'amount' => $i ) ); }}"
Params = dict[str, str | int]


def sign(route: str, params: Params, secret: str = SECRET, at: int = 0) -> str:
    """The header that the receiver sends, made as readme.txt says."""
    moment = int(time.time()) + at
    message = f"{moment}.GET /leyka-bridge/v1{route}?{urlencode(sorted(params.items()), quote_via=quote, safe='')}"
    return f"t={moment},v1={hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()}"


def ask(site: Site, route: str, params: Params, signature: str | None) -> httpx.Response:
    headers = {} if signature is None else {"X-Leyka-Bridge-Signature": signature}
    address = f"{site.url}/wp-json/leyka-bridge/v1{route}"
    return httpx.get(address, params=params, headers=headers, timeout=60, trust_env=False)


def pull(site: Site, route: str, **params: str | int) -> dict[str, Any]:
    answer = ask(site, route, params, sign(route, params))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def pull_all(site: Site, route: str, limit: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next_after": 0, "more": True}
    while page["more"]:
        page = pull(site, route, limit=limit, after=page["next_after"])
        rows += page[route[1:]]
    return rows


def test_pull_returns_every_donation(site: Site) -> None:
    """Page by page, in the order of ids, as they are now: also changes made straight in the database."""
    site.perform(SEED)
    site.sql("UPDATE wp_posts SET post_status = 'refunded' WHERE post_type = 'leyka_donation'")
    donations = pull_all(site, "/donations", 10)
    assert [it["donor"]["name"] for it in donations] == [f"Донор {i}" for i in range(DONATIONS)]
    assert {it["status"] for it in donations} == {"refunded"}


def test_pull_returns_every_event_as_it_was_delivered(site: Site) -> None:
    """Delivered or not, with the body of the delivery; asking for more than there is gives an empty page."""
    site.perform(SEED)
    site.pass_time(10)
    assert site.deliver()["sent"] == DONATIONS
    site.perform("stand_in_status( stand_in_add(), 'funded' );")
    site.pass_time(10)
    events = pull_all(site, "/events", 20)
    assert [event["seq"] for event in events] == list(range(1, DONATIONS + 3))
    assert list(events[0]) == [
        *("schema", "site", "seq", "event_id", "kind", "donation_id"),
        *("old_status", "new_status", "occurred_at", "donation"),
    ]
    empty = pull(site, "/events", after=DONATIONS + 2, limit=20)
    assert empty == {
        **{"schema": 1, "site": site.url, "events": [], "next_after": DONATIONS + 2},
        **{"more": False, "oldest_seq": 1, "newest_seq": DONATIONS + 2},
    }


def test_pulled_events_end_before_one_still_being_written(site: Site) -> None:
    """A cursor that went past it would never see it."""
    site.perform("stand_in_add();")
    site.pass_time(10)
    site.perform("LeykaBridge\\add_event( 'created', 5 );")
    site.perform("stand_in_add();")
    site.pass_time(10)
    page = pull(site, "/events", after=0)
    assert ([event["seq"] for event in page["events"]], page["next_after"], page["more"]) == ([1], 1, False)
    site.pass_time(120)
    assert [event["seq"] for event in pull(site, "/events", after=1)["events"]] == [2, 3]


def test_donations_of_a_range_of_time(site: Site) -> None:
    """Bounds in any zone, the first included, the last not; a draft without a moment in UTC counts by the local one."""
    site.perform("""
        foreach ( array( '01 02:59:59', '01 03:00:00', '02 02:59:59', '02 03:00:00' ) as $day_and_time ) {
            stand_in_add( array( 'date' => '2026-03-' . $day_and_time ) );
        }""")
    created = [it["created_at"] for it in pull(site, "/donations")["donations"]]
    assert created == ["2026-02-28T23:59:59Z", "2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z"]
    site.sql("UPDATE wp_posts SET post_date_gmt = '0000-00-00 00:00:00' WHERE post_date_gmt = '2026-03-01 23:59:59'")
    for bounds in (
        {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"},
        {"from": "2026-03-01T03:00:00+03:00", "to": "2026-03-02T03:00:00+03:00"},
    ):
        found = pull(site, "/donations", **bounds)["donations"]
        assert [it["created_at"] for it in found] == created[1:3]


@pytest.mark.parametrize("route", ["/events", "/donations"])
def test_an_unsigned_request_learns_nothing(site: Site, route: str) -> None:
    """No signature, a wrong secret, an old or a future moment, another route, other parameters: 401, all alike."""
    params: Params = {"after": 0, "limit": 10}
    other = "/donations" if route == "/events" else "/events"
    refused = [
        ask(site, route, params, signature)
        for signature in (
            None,
            "",
            "rubbish",
            sign(route, params, secret="another secret"),
            sign(route, params, at=-302),
            sign(route, params, at=400),
            sign(other, params),
            sign(route, params | {"limit": 11}),
            sign(route, params).upper(),
        )
    ]
    assert {answer.status_code for answer in refused} == {401}
    assert len({answer.text for answer in refused}) == 1
    assert ask(site, route, params, sign(route, params, at=-200)).status_code == 200


def test_without_a_secret_nothing_can_be_pulled(site: Site) -> None:
    """An empty key is no key, although a signature can be made with it."""
    site.configure(url="http://127.0.0.1/")
    assert ask(site, "/events", {}, sign("/events", {}, secret="")).status_code == 401


def test_pull_works_without_permalinks(site: Site) -> None:
    """The route is then a parameter, and is signed as the route."""
    params: Params = {"after": 0, "limit": 10}
    headers = {"X-Leyka-Bridge-Signature": sign("/events", params)}
    address = f"{site.url}/index.php?rest_route=/leyka-bridge/v1/events&after=0&limit=10"
    answer = httpx.get(address, headers=headers, timeout=60, trust_env=False)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("params", [{"limit": 501}, {"limit": 0}, {"after": -1}, {"from": "yesterday"}])
def test_parameters_out_of_range_are_refused(site: Site, params: Params) -> None:
    """Clearly, and not by an empty page."""
    assert ask(site, "/donations", params, sign("/donations", params)).status_code == 400
