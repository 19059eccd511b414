"""Seeds, reset, dump, clock, counters, hold and settings under `/_sandbox/`."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World


def test_a_seed_fills_both_systems_and_a_reset_empties_them(control: httpx.Client, world: World) -> None:
    """`seed` answers with the ids it made; the clock does not go back with a reset."""
    empty, before = control.get("dump").json(), world.clock.now()
    made = control.post("seed", json={"name": "seminar"}).json()
    assert made["event_id"] in world.timepad.events
    assert len(made["contact_ids"]) == len(world.portal.crm.tables["CONTACT"]) == 12
    control.post("reset")
    assert (control.get("dump").json(), world.clock.now()) == (empty, before)


def test_equal_histories_give_equal_dumps(control: httpx.Client, world: World) -> None:
    """The same seed a minute later differs in times only."""
    dumps: list[tuple[Any, Any]] = []
    for _ in range(2):
        control.post("reset")
        control.post("seed", json={"name": "seminar"})
        dumps.append((control.get("dump").json(), control.get("dump", params={"with_times": 1}).json()))
        world.clock.advance(60)
    (first, first_with_times), (second, second_with_times) = dumps
    assert first == second
    assert first_with_times != second_with_times


def test_the_big_seed_comes_in_sizes(control: httpx.Client, world: World) -> None:
    """Everybody is new and different."""
    (event_id,) = control.post("seed", json={"name": "big", "tickets": 250}).json()["event_ids"]
    people = {tuple(ticket.answers.values()) for _, ticket in world.timepad.events[event_id].tickets()}
    assert len(people) == 250


def test_the_clock_advances_moves_and_freezes(control: httpx.Client, world: World) -> None:
    """One clock for the whole sandbox."""
    start = world.clock.now()
    control.post("clock", json={"advance_seconds": 90})
    assert world.clock.now() - start == timedelta(seconds=90)
    control.post("clock", json={"now": "2026-09-01T12:00:00+03:00"})
    assert control.get("clock").json() == {"now": "2026-09-01T09:00:00+00:00", "frozen": True}
    assert control.post("clock", json={"frozen": False}).json()["frozen"] is False


def test_counters_and_the_log_show_what_was_asked(control: httpx.Client, sandbox: str) -> None:
    """The control's own requests are not counted."""
    httpx.get(f"{sandbox}/timepad/v1/events")
    assert control.get("counters").json()["timepad_requests"] == 1
    assert [row["method"] for row in control.get("requests").json()] == ["/v1/events"]
    assert control.post("counters/reset").json()["timepad_requests"] == 0


def test_the_next_writing_request_can_be_held(control: httpx.Client, world: World) -> None:
    """Armed through `hold`, disarmed through `release`."""
    control.post("hold", json={"write_request": 1, "when": "before"})
    assert world.hold.claim() == "before"
    control.post("hold", json={"write_request": 1, "when": "after"})
    assert control.post("release", json={"drop": True}).json() == {"held": False}
    assert world.hold.claim() is None


def test_the_portals_settings_change_one_by_one(control: httpx.Client, world: World) -> None:
    """What was not sent stays."""
    shown = control.post("portal", json={"bucket_size": 5, "costs": {"crm.contact.list": 2}}).json()
    assert (shown["bucket_size"], shown["strict"]) == (5, True)
    assert (world.portal.config.bucket_size, world.portal.config.costs) == (5, {"crm.contact.list": 2})


@pytest.mark.parametrize(
    ("path", "body", "names"),
    [
        ("seed", {"name": "wedding"}, "seminar"),
        ("seed", {}, "name"),
        ("reset", {"really": True}, "really"),
        ("clock", {}, "advance_seconds"),
        ("clock", {"now": "2026-09-01T12:00:00"}, "now"),
        ("clock", {"frozen": True, "advance_seconds": 1}, "advance_seconds"),
        ("hold", {"write_request": 0, "when": "before"}, "write_request"),
        ("hold", {"write_request": 1, "when": "during"}, "when"),
        ("portal", {"bucket": 5}, "bucket_size"),
        ("portal", {"bucket_size": "many"}, "bucket_size"),
        ("timepad/switches", {"times": "UTC"}, "times"),
        ("timepad/check_in", {"event_id": 1, "ticket_id": 1}, "no event 1"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    control: httpx.Client, path: str, body: dict[str, Any], names: str
) -> None:
    """400 with the name of what is wrong, and nothing changes."""
    before = control.get("dump").json()
    answer = control.post(path, json=body)
    assert (answer.status_code, names in answer.json()["error"]) == (400, True)
    assert control.get("dump").json() == before


def test_a_body_that_is_not_json_is_refused(control: httpx.Client) -> None:
    """Also 400, not a crash."""
    assert control.post("seed", content=b"name=seminar").status_code == 400
