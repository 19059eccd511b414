"""Which ids to ask for: every row once and in order, in few requests, whatever the holes."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.bitrix24.stretches import PAGE, Chain, Found, ReadingPlan

Ids = list[int]
Change = Callable[[Ids], Ids]


def found(chain: Chain[Ids], ids: Ids) -> Found[Ids]:
    """What a chain finds in a list as it is now."""
    begin, end = bisect_right(ids, chain.after), bisect_right(ids, chain.upto or ids[-1] if ids else 0)
    rows = ids[begin:end][: chain.pages * PAGE]
    last = rows[-1] if rows else chain.after
    return Found(len(rows), last, len(rows) < chain.pages * PAGE or last >= chain.stretch.upto, rows)


def read(ids: Ids, *, at_once: int = 40, room: int = 50, look: int = 50, change: Change = list) -> tuple[Ids, int]:
    """The rows read behind the first page of a list, and the requests that it took; `change` happens between them."""
    plan: ReadingPlan[Ids] = ReadingPlan(ids[PAGE - 1], ids[-1], PAGE / (ids[PAGE - 1] - ids[0] + 1))
    under_way: list[list[Chain[Ids]]] = []
    rows, requests = ids[:PAGE], 1
    while not plan.finished:
        chains = plan.next_request(room, look) if len(under_way) < at_once else []
        if chains:
            assert 0 < sum(chain.pages for chain in chains) <= room
            under_way.append(chains)
            requests += 1
            continue
        if under_way:
            landed = under_way.pop(0)
            ids = change(ids)
            plan.answered([(chain, found(chain, ids)) for chain in landed])
        for kept in plan.ready():
            rows += kept
    return rows, requests


def runs(there: int, missing: int) -> Iterator[int]:
    """Ids that come in runs, with others of missing ones between them."""
    place = 0
    while True:
        yield from range(place + 1, place + there + 1)
        place += there + missing


def take(ids: Iterator[int], number: int = 100_000) -> Ids:
    return [next(ids) for _ in range(number)]


LISTS = {
    "no hole": (take(runs(10**6, 0)), 42),
    "every tenth": (take(runs(9, 1)), 42),
    "every second": (take(runs(1, 1)), 43),
    "a hundred": (take(runs(100, 100)), 50),
    "a thousand": (take(runs(1000, 1000)), 50),
    "five thousand": (take(runs(5000, 5000)), 50),
    "one great gap": ([*range(1, 50_001), *range(10**6, 10**6 + 50_000)], 50),
    "first sparse, then dense": ([*range(20, 10**6 + 1, 20), *range(2 * 10**6, 2 * 10**6 + 50_000)], 50),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_hundred_thousand_rows_cost_little_more_than_the_least(name: str) -> None:
    """40 requests are the least. Holes spread evenly cost one or two more, clusters at most a quarter more."""
    ids, most = LISTS[name]
    rows, requests = read(ids)
    assert rows == ids
    assert requests <= most


@pytest.mark.parametrize("at_once", [1, 5, 40])
def test_a_list_costs_the_same_however_many_requests_are_under_way(at_once: int) -> None:
    """One at a time, as on a busy portal, or all that the bucket takes."""
    ids, most = LISTS["every tenth"]
    assert read(ids, at_once=at_once) == (ids, most)


def test_a_slow_portal_is_asked_in_short_requests() -> None:
    """Seven pages a request: none is longer, and their number is near the least."""
    ids, _ = LISTS["every tenth"]
    rows, requests = read(ids, room=7)
    assert rows == ids
    assert requests <= 1.25 * ceil(len(ids) / PAGE / 7)


@pytest.mark.parametrize("name", LISTS)
def test_a_short_look_at_first_costs_hardly_more_requests(name: str) -> None:
    """Ten pages instead of fifty, where a page takes long: everything waits for them."""
    ids, most = LISTS[name]
    rows, requests = read(ids, look=10)
    assert rows == ids
    assert requests <= most


def test_the_first_look_is_as_short_as_asked_for() -> None:
    """One page in each of ten parts of the list."""
    plan: ReadingPlan[Ids] = ReadingPlan(50, 100_000, 1.0)
    assert [chain.pages for chain in plan.next_request(50, 10)] == [1] * 10


parts = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 3000)), min_size=1, max_size=30)


@given(parts=parts, at_once=st.integers(1, 8), room=st.integers(1, 50))
def test_every_row_comes_once_in_order_whatever_the_holes(
    parts: list[tuple[int, int]], at_once: int, room: int
) -> None:
    """Runs and holes of any length, however many requests at once and however short."""
    ids, place = list(range(1, PAGE + 1)), PAGE
    for there, missing in parts:
        ids += range(place + missing + 1, place + missing + there + 1)
        place = ids[-1]
    assert read(ids, at_once=at_once, room=room)[0] == ids


@given(parts=parts, at_once=st.integers(1, 8), chance=st.randoms(use_true_random=False))
def test_rows_that_stay_come_once_whatever_others_do(
    parts: list[tuple[int, int]], at_once: int, chance: Random
) -> None:
    """Between any two answers some are deleted and some added at the end: who stays all the time comes exactly once."""
    ids, place = list(range(1, PAGE + 1)), PAGE
    for there, missing in parts:
        ids += range(place + missing + 1, place + missing + there + 1)
        place = ids[-1]
    stay = set(ids)

    def change(now: Ids) -> Ids:
        gone = set(chance.sample(now, min(len(now), 20)))
        stay.difference_update(gone)
        return [one for one in now if one not in gone] + [max(now, default=place) + 1]

    rows, _ = read(ids, at_once=at_once, change=change)
    assert rows == sorted(set(rows))
    assert stay <= set(rows)
