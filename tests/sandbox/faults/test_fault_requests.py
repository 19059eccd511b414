"""What a client sees of each fault, and what the portal holds afterwards."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

import httpx
import pytest

from backoffice.sandbox.faults.fault import Kind
from backoffice.sandbox.world import World

Add = Callable[[str], httpx.Response]
Batch = Callable[..., httpx.Response]
Order = Callable[..., None]
Names = Callable[[], list[str]]

ADD = "crm.contact.add?fields[NAME]="


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("busy", 503, "QUERY_LIMIT_EXCEEDED"),
        ("operating_time", 429, "OPERATION_TIME_LIMIT"),
        ("expired_token", 401, "expired_token"),
        ("invalid_credentials", 401, "INVALID_CREDENTIALS"),
    ],
)
def test_a_refusal_executes_nothing(order: Order, add: Add, names: Names, kind: Kind, status: int, code: str) -> None:
    """The portal's envelope with its code; the next request is served."""
    order(kind)
    refused = add("Анна")
    assert (refused.status_code, refused.json()["error"]) == (status, code)
    assert names() == []
    assert add("Анна").status_code == 200


def test_a_burst_refuses_several_in_a_row(order: Order, add: Add, names: Names) -> None:
    """One strike of a burst of 3 meets three requests."""
    order("busy", burst=3, times=3)
    assert [add(name).status_code for name in "АБВГ"] == [503, 503, 503, 200]
    assert names() == ["Г"]


def test_a_page_of_a_proxy_is_no_envelope(order: Order, add: Add, names: Names) -> None:
    """500 in HTML, nothing executed."""
    order("html_500")
    answer = add("Анна")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert names() == []


def test_a_portal_breaks_after_the_write(order: Order, add: Add, names: Names) -> None:
    """500 with INTERNAL_SERVER_ERROR, and the contact stands."""
    order("broken_after")
    answer = add("Анна")
    assert (answer.status_code, answer.json()["error"]) == (500, "INTERNAL_SERVER_ERROR")
    assert names() == ["Анна"]


@pytest.mark.parametrize(("kind", "standing"), [("cut_after", ["Анна"]), ("cut_before", [])])
def test_a_connection_is_cut(order: Order, add: Add, names: Names, kind: Kind, standing: list[str]) -> None:
    """Not a byte comes back, on a kept-alive connection too, whether the write happened or not."""
    assert add("Борис").status_code == 200
    order(kind)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        add("Анна")
    assert names() == ["Борис", *standing]
    assert add("Вера").status_code == 200


def test_a_late_write_lands_on_the_clock(world: World, order: Order, add: Add, names: Names) -> None:
    """Not before its time, and then before anything else is answered."""
    order("late_write", seconds=30)
    with pytest.raises(httpx.RemoteProtocolError):
        add("поздняя")
    world.clock.advance(29)
    assert names() == []
    world.clock.advance(1)
    assert names() == ["поздняя"]


def test_a_late_write_is_there_for_the_next_request(world: World, order: Order, add: Add, names: Names) -> None:
    """The portal's own work moves a frozen clock; the request that finds the time passed comes second."""
    order("late_write", seconds=1)
    with pytest.raises(httpx.RemoteProtocolError):
        add("поздняя")
    world.clock.spend(2)
    assert add("ранняя").json()["result"] == 2
    assert names() == ["поздняя", "ранняя"]


def test_a_late_write_on_a_ticking_clock_needs_no_request(world: World, order: Order, add: Add, names: Names) -> None:
    """It happens by itself."""
    world.clock.run()
    order("late_write", seconds=0.05)
    with pytest.raises(httpx.RemoteProtocolError):
        add("поздняя")
    deadline = monotonic() + 5
    while not names() and monotonic() < deadline:
        """Wait for it."""
    assert names() == ["поздняя"]


def test_a_batch_cut_midway_is_half_done(order: Order, batch: Batch, names: Names) -> None:
    """The first commands stand, in their order; never all of them, never none."""
    order("cut_midway", seed="oak")
    with pytest.raises(httpx.RemoteProtocolError):
        batch(*(f"{ADD}{name}" for name in "АБВГ"))
    assert "".join(names()) in ("А", "АБ", "АБВ")


def test_an_answer_lacks_what_was_not_executed(order: Order, batch: Batch, names: Names) -> None:
    """200; the missing commands are neither among the results nor among the errors."""
    order("short_answer", seed="oak")
    result = batch(*(f"{ADD}{name}" for name in "АБВГ")).json()["result"]
    assert len(result["result"]) == len(names()) in (1, 2, 3)
    assert result["result_error"] == []


def test_one_page_of_a_batch_is_bad(order: Order, batch: Batch) -> None:
    """Its error stands in `result_error`, the other pages come; asked again, it comes too."""
    order("bad_page", methods="crm.contact.list")
    pages = ["profile", "crm.contact.list", "crm.contact.list"]
    result = batch(*pages).json()["result"]
    assert (set(result["result"]), result["result_error"]["c1"]["error"]) == ({"c0", "c2"}, "INTERNAL_SERVER_ERROR")
    assert batch(*pages).json()["result"]["result_error"] == []


def test_a_page_outside_of_a_batch_is_bad(order: Order, webhook: httpx.Client) -> None:
    """Then the status is 500."""
    order("bad_page")
    assert webhook.post("profile").status_code == 200
    assert webhook.post("crm.contact.list").status_code == 500
    assert webhook.post("crm.contact.list").status_code == 200


def test_operating_time_may_be_over_for_one_method_of_a_batch(order: Order, batch: Batch, names: Names) -> None:
    """limits.md: every nested call is charged to its own method; the answer is 200."""
    order("operating_time", methods="crm.contact.add")
    result = batch("profile", f"{ADD}А").json()["result"]
    assert (list(result["result"]), result["result_error"]["c1"]["error"]) == (["c0"], "OPERATION_TIME_LIMIT")
    assert names() == []


def test_a_read_may_lag_behind_the_last_write(world: World, order: Order, add: Add, webhook: httpx.Client) -> None:
    """For so many seconds; writes go to the present."""

    def read() -> list[str]:
        return [row["NAME"] for row in webhook.post("crm.contact.list").json()["result"]]

    order("stale_read", seconds=10, times=None)
    add("Анна")
    add("Борис")
    assert read() == ["Анна"]
    assert add("Вера").json()["result"] == 3
    assert read() == ["Анна", "Борис"]
    world.clock.advance(10)
    assert read() == ["Анна", "Борис", "Вера"]
    assert world.faults.fired["stale_read"] == 2


def test_a_slow_answer_takes_time_on_the_frozen_clock(world: World, order: Order, add: Add, names: Names) -> None:
    """Executed, answered later; nobody waits in earnest."""
    order("slow", seconds=40)
    before = world.clock.now()
    assert add("Анна").status_code == 200
    assert world.clock.now() - before >= timedelta(seconds=40)
    assert names() == ["Анна"]


def test_a_slow_answer_takes_real_time_on_a_ticking_clock(
    world: World, order: Order, add: Add, webhook: httpx.Client
) -> None:
    """A client with less patience sees a time-out; the write happened."""
    world.clock.run()
    order("slow", seconds=0.3)
    webhook.timeout = httpx.Timeout(0.1)
    with pytest.raises(httpx.ReadTimeout):
        add("Анна")


def test_a_moved_portal_answers_under_its_new_name(order: Order, webhook: httpx.Client, names: Names) -> None:
    """302 to the same path and port of another host, where there is no further redirect; nothing is executed."""
    order("moved", times=None)
    params: dict[str, Any] = {"fields": {"NAME": "Анна"}}
    moved = webhook.post("crm.contact.add", json=params)
    assert (moved.status_code, names()) == (302, [])
    there = httpx.URL(moved.headers["location"])
    assert there == webhook.base_url.copy_with(host="localhost").join("crm.contact.add")
    assert httpx.post(there, json=params).status_code == 200
    assert names() == ["Анна"]
