"""How long a plan will take, as people are told before anything is written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.forecast import WINDOW, WRITE_SECONDS, forecast
from backoffice.rules.portal_words import Limits

LIMITS = Limits()


@pytest.mark.parametrize(
    ("writes", "text"),
    [
        ({}, ""),
        ({"crm.item.add": 0}, ""),
        ({"tasks.task.add": 5}, "меньше минуты: 1 запрос, портал будет работать меньше минуты"),
        ({"crm.item.add": 600}, "около 5 минут: 12 запросов, портал будет работать 5 минут"),
        ({"crm.item.add": 1920}, "около 18 минут: 39 запросов, портал будет работать 16 минут"),
        ({"crm.item.add": 12000}, "около 2 часов 4 минут: 240 запросов, портал будет работать 1 час 40 минут"),
    ],
)
def test_people_are_told_time_and_requests(writes: dict[str, int], text: str) -> None:
    """A method works eight minutes of ten."""
    assert forecast(writes, LIMITS).text.replace("\u00a0", " ") == text


def test_what_goes_one_by_one_is_paced_by_requests() -> None:
    """A bucketful at once, then two a second."""
    found = forecast({"crm.entity.mergeBatch": 290}, LIMITS, one_by_one=290)
    assert (found.requests, found.lasts) == (290, timedelta(seconds=145))
    assert forecast({"crm.entity.mergeBatch": 650}, LIMITS, one_by_one=650).lasts == timedelta(seconds=325)


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 5000)), st.integers(0, 5000))
def test_more_work_never_lasts_shorter(writes: dict[str, int], more: int) -> None:
    """And no method gets more working time than the portal grants it."""
    found = forecast(writes, LIMITS)
    assert forecast({**writes, "d": more}, LIMITS).lasts >= found.lasts
    for number in writes.values():
        windows = found.lasts // WINDOW + 1
        assert number * WRITE_SECONDS <= windows * LIMITS.operating_seconds
