import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from backoffice.store.portal_budget import HEADROOM, Bucket, Lane, SharedBudget, book, wait

SIZE, DRAIN = 10.0, 2.0
ROUNDING = 1e-3


MostInBucket = Callable[[list[tuple[float, int]], float], float]


@dataclass(frozen=True)
class Booking:
    asked: float
    place: float
    requests: int
    lane: Lane


def bookings(arrivals: list[tuple[float, int, Lane]]) -> list[Booking]:
    """What takers get who ask so many seconds after each other."""
    bucket, booked = Bucket(0.0, 0.0), []
    moments = accumulate(gap for gap, _, _ in arrivals)
    for moment, (_, requests, lane) in zip(moments, arrivals, strict=True):
        bucket = book(bucket, moment, requests, DRAIN)
        place = moment + wait(bucket.level, requests, lane, SIZE, DRAIN)
        booked.append(Booking(moment, place, requests, lane))
    return booked


def portal_level(sent: list[Booking], moment: float) -> float:
    """The level of the portal's bucket just before `moment`."""
    level, before = 0.0, 0.0
    for booking in sorted(sent, key=lambda booking: booking.place):
        if booking.place >= moment - ROUNDING:
            break
        level = max(0.0, level - (booking.place - before) * DRAIN) + booking.requests
        before = booking.place
    return max(0.0, level - (moment - before) * DRAIN)


gaps = st.floats(0, 30) | st.floats(0, 1)
lanes: st.SearchStrategy[Lane] = st.sampled_from(["live", "bulk"])
arrivals = st.lists(st.tuples(gaps, st.integers(1, 10), lanes), min_size=1, max_size=40)
calls = st.lists(st.tuples(gaps, st.just(1), lanes), min_size=1, max_size=60)


@given(arrivals)
def test_bookings_never_overfill_the_portal(
    most_in_bucket: MostInBucket, arrivals: list[tuple[float, int, Lane]]
) -> None:
    """Requests sent at their booked moments keep the portal's bucket within its size, whatever the gaps and lanes."""
    sent = [(booking.place, booking.requests) for booking in bookings(arrivals)]
    assert most_in_bucket(sent, DRAIN) <= SIZE + ROUNDING


@given(arrivals)
def test_places_are_given_in_the_order_of_asking(arrivals: list[tuple[float, int, Lane]]) -> None:
    """In a lane nobody who asks later sends earlier; nobody waits longer than requests ahead and headroom need."""
    last: dict[Lane, float] = {"live": 0.0, "bulk": 0.0}
    ahead = 0
    for booking in bookings(arrivals):
        ahead += booking.requests
        longest = (ahead + HEADROOM * SIZE) / DRAIN
        assert last[booking.lane] - ROUNDING <= booking.place <= booking.asked + longest + ROUNDING
        last[booking.lane] = booking.place


@given(calls)
def test_while_bulk_waits_the_portal_is_kept_busy(calls: list[tuple[float, int, Lane]]) -> None:
    """From the asking of a bulk call to its place the portal's bucket never has room for it in bulk's part."""
    booked = bookings(calls)
    for bulk in [one for one in booked if one.lane == "bulk" and one.place > one.asked]:
        sent = [one for one in booked if one is not bulk]
        moments = [one.place for one in booked if bulk.asked + ROUNDING < one.place <= bulk.place]
        assert all(portal_level(sent, moment) >= SIZE * (1 - HEADROOM) - 1 - ROUNDING for moment in moments)


@given(calls)
def test_bulk_holds_a_live_call_up_by_a_place_each(calls: list[tuple[float, int, Lane]]) -> None:
    """A live call waits for the portal's bucket, for the live calls before it, and one drain for each bulk taker."""
    booked = bookings(calls)
    for number, live in enumerate(booked):
        before = booked[:number]
        waiting = sum(1 for one in before if one.place >= live.asked - ROUNDING)
        needs = portal_level(before, live.asked) + waiting + 1 - SIZE
        assert live.lane == "bulk" or live.place - live.asked <= max(0.0, needs) / DRAIN + ROUNDING


def test_bulk_leaves_a_headroom_to_live_calls() -> None:
    """When bulk takes all it may, the last fifth of the bucket is there for live calls at once."""
    bulk: Lane = "bulk"
    order = [*[bulk] * 8, "live", "live", "bulk", "live"]
    booked = bookings([(0.0, 1, lane) for lane in order])
    assert [booking.place for booking in booked] == [0.0] * 10 + [1.5, 1.0]


def test_a_clock_a_little_behind_drains_nothing() -> None:
    """Another machine's clock that runs behind does not let more through."""
    assert book(Bucket(10.0, 100.0), 99.0, 1, DRAIN) == Bucket(11.0, 100.0)


def test_a_clock_set_back_does_not_stop_the_bucket() -> None:
    """After the clock was set back an hour the bucket drains from the new time on."""
    bucket = book(Bucket(10.0, 3600.0), 0.0, 1, DRAIN)
    assert book(bucket, 5.0, 1, DRAIN) == Bucket(2.0, 5.0)


def test_a_full_bucket_tells_how_long_to_wait(engine: Engine) -> None:
    """The size goes at once, the next wait a drain each, and a pause empties the bucket again."""
    now = [1000.0]
    budget = SharedBudget(engine, "portal", size=3, drain_per_second=2, clock=lambda: now[0])
    assert [budget.take() for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    now[0] += 10
    assert budget.take(3) == 0


def test_more_than_the_bucket_holds_is_refused(engine: Engine) -> None:
    """Requests that would never fit at once are a mistake, and are not booked."""
    budget = SharedBudget(engine, "portal", size=3, drain_per_second=2, clock=lambda: 1000.0)
    with pytest.raises(ValueError, match="4 requests at once"):
        budget.take(4)
    assert budget.take(3) == 0


def test_portals_have_buckets_of_their_own(engine: Engine) -> None:
    """A busy portal does not slow another."""
    for portal in ("one", "other"):
        assert SharedBudget(engine, portal, size=1, drain_per_second=2, clock=lambda: 1000.0).take() == 0


def test_threads_share_the_bucket(engine: Engine) -> None:
    """Eight threads on a clock that stands get every place once."""
    budget = SharedBudget(engine, "portal", size=10, drain_per_second=2, clock=lambda: 1000.0)
    with ThreadPoolExecutor(8) as threads:
        waits = sorted(threads.map(lambda _: budget.take(), range(40)))
    assert waits == [0.0] * 10 + [place / 2 for place in range(1, 31)]


@pytest.mark.usefixtures("engine")
def test_processes_share_the_bucket(contest: Callable[..., list[str]], most_in_bucket: MostInBucket) -> None:
    """Four processes booking in both lanes as fast as they can never send more than the bucket lets through."""
    places = [json.loads(printed) for printed in contest("take")]
    assert [len(each) for each in places] == [50] * 4
    sent = [(moment, 1) for each in places for moment in each]
    assert most_in_bucket(sent, 200) <= 10 + ROUNDING * 200
