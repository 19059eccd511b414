import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from backoffice.store.portal_budget import Bucket, SharedBudget, book

SIZE, DRAIN = 10.0, 2.0
ROUNDING = 1e-3


def most_in_bucket(sent: list[tuple[float, int]], drain_per_second: float) -> float:
    """The highest level a portal's bucket reaches when (moment, requests) are sent to it."""
    level, highest, before = 0.0, 0.0, 0.0
    for moment, requests in sorted(sent):
        level = max(0.0, level - (moment - before) * drain_per_second) + requests
        highest, before = max(highest, level), moment
    return highest


arrivals = st.lists(st.tuples(st.floats(0, 30), st.integers(1, 10)), min_size=1, max_size=40)


@given(arrivals)
def test_bookings_never_overfill_the_portal(arrivals: list[tuple[float, int]]) -> None:
    """Requests sent at their booked moments keep the portal's bucket within its size, whatever the gaps."""
    moments = accumulate(gap for gap, _ in arrivals)
    bucket, sent = Bucket(0.0, 0.0), []
    for moment, (_, requests) in zip(moments, arrivals, strict=True):
        bucket = book(bucket, moment, requests, DRAIN)
        sent.append((moment + max(0.0, bucket.level - SIZE) / DRAIN, requests))
    assert most_in_bucket(sent, DRAIN) <= SIZE + ROUNDING


@given(arrivals)
def test_places_are_given_in_the_order_of_asking(arrivals: list[tuple[float, int]]) -> None:
    """Nobody who asks later sends earlier, so nobody starves; the wait is no longer than the requests ahead need."""
    bucket, last, ahead, moment = Bucket(0.0, 0.0), 0.0, 0, 0.0
    for gap, requests in arrivals:
        moment, ahead = moment + gap, ahead + requests
        bucket = book(bucket, moment, requests, DRAIN)
        place = moment + max(0.0, bucket.level - SIZE) / DRAIN
        assert last - ROUNDING <= place <= moment + ahead / DRAIN + ROUNDING
        last = place


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
def test_processes_share_the_bucket(contest: Callable[..., list[str]]) -> None:
    """Four processes booking as fast as they can together never send more than the bucket lets through."""
    places = [json.loads(printed) for printed in contest("take")]
    assert [len(each) for each in places] == [50] * 4
    sent = [(moment, 1) for each in places for moment in each]
    assert most_in_bucket(sent, drain_per_second=200) <= 10 + ROUNDING * 200
