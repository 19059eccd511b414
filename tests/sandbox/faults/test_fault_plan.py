"""When a fault strikes, and that it can be repeated."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.world import World

Add = Callable[[str], httpx.Response]
Order = Callable[..., None]


def _statuses(add: Add, number: int) -> list[int]:
    return [add(str(place)).status_code for place in range(number)]


def test_the_same_seed_meets_the_same_requests(world: World, add: Add) -> None:
    """A run is replayed by its seed; another seed is another run."""
    runs = []
    for seed in ("oak", "oak", "elm"):
        world.faults.order(Fault(kind="html_500", probability=0.3, seed=seed))
        runs.append((_statuses(add, 20), list(world.faults.history)))
    assert runs[0] == runs[1] != runs[2]
    assert 500 in runs[0][0]


def test_one_fault_does_not_change_the_lot_of_another(world: World, add: Add, webhook: httpx.Client) -> None:
    """What does not fit a fault is not counted by it."""
    fault = Fault(kind="html_500", methods="crm.contact.add", probability=0.3, seed="oak")
    world.faults.order(fault)
    alone = _statuses(add, 20)
    world.faults.order(Fault(kind="bad_page"), fault)
    webhook.post("crm.contact.list")
    assert _statuses(add, 20) == alone


def test_a_fault_may_begin_later_and_end(order: Order, add: Add) -> None:
    """From the third fitting request on, twice."""
    order("busy", start=3, times=2)
    assert _statuses(add, 6) == [200, 200, 503, 503, 200, 200]


def test_methods_are_patterns(order: Order, add: Add, webhook: httpx.Client) -> None:
    """Several of them, in any letter case, and a command inside a batch counts."""
    order("busy", methods="CRM.*.update crm.contact.add", times=None)
    assert webhook.post("profile").status_code == 200
    assert webhook.post("batch", json={"cmd": {"a": "crm.contact.add?fields[NAME]=А"}}).status_code == 503
    assert add("А").status_code == 503


def test_every_strike_is_logged_and_counted(world: World, order: Order, add: Add, control: httpx.Client) -> None:
    """In the log beside the request, in the counters, and in the history of the faults."""
    order("cut_after")
    with pytest.raises(httpx.RemoteProtocolError):
        add("Анна")
    row = control.get("requests").json()[-1]
    assert (row["method"], row["status"], row["writes"], row["fault"]) == ("crm.contact.add", 0, 1, "cut_after")
    assert control.get("counters").json()["faults"] == {"cut_after": 1}
    assert control.get("faults").json()["fired"] == world.faults.fired == {"cut_after": 1}
    assert world.faults.history == ["cut_after 1: crm.contact.add"]


def test_faults_are_ordered_over_http(control: httpx.Client, add: Add) -> None:
    """An order replaces the one before; the answer to GET can be posted again to replay; an empty order ends it."""
    wanted = {"kind": "busy", "probability": 0.5, "seed": "oak"}
    shown = control.post("faults", json={"faults": [wanted]}).json()
    first = _statuses(add, 10)
    assert control.get("faults").json()["fired"] == {"busy": first.count(503)}
    control.post("faults", json={"faults": shown["faults"]})
    assert _statuses(add, 10) == first
    control.post("faults", json={"faults": []})
    assert _statuses(add, 10) == [200] * 10


@pytest.mark.parametrize("wrong", [{"kind": "fire"}, {"kind": "busy", "probability": 2}, {"kind": "busy", "often": 1}])
def test_a_misspelt_fault_is_refused(control: httpx.Client, wrong: dict[str, Any]) -> None:
    """400 names what is wrong; what was ordered before stays."""
    control.post("faults", json={"faults": [{"kind": "slow"}]})
    answer = control.post("faults", json={"faults": [wrong]})
    assert (answer.status_code, "faults.0" in answer.json()["error"]) == (400, True)
    assert [fault["kind"] for fault in control.get("faults").json()["faults"]] == ["slow"]


def test_a_reset_ends_all_trouble(world: World, order: Order, add: Add, control: httpx.Client) -> None:
    """No fault is left, and no late write lands in the new world."""
    order("late_write", seconds=5)
    with pytest.raises(httpx.RemoteProtocolError):
        add("Анна")
    order("busy")
    control.post("reset")
    world.clock.advance(60)
    assert len(world.portal.crm.tables["CONTACT"]) == 0
    assert add("Борис").status_code == 200
