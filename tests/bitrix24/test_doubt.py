"""Writes without an answer: found when they were done, repeated only when they can no longer happen."""

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts_by_origin import contacts_by_origin
from backoffice.bitrix24.doubt import Finder, moment, settled, write_and_find
from backoffice.bitrix24.errors import AmbiguousWrite, NotSent, PortalUnreachable, RequestRefused
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire, WorldClock

Adding = Callable[[int], list[Command[str]]]
Origins = Callable[[], list[str]]
BREAKDOWN = {"error": "INTERNAL_SERVER_ERROR", "error_description": "Internal server error"}


@pytest.fixture
def find(portal: Portal) -> Finder:
    """Looks contacts up by their origin."""
    return lambda origins: contacts_by_origin(portal, "test", origins)


def test_a_write_done_before_the_cut_is_found_and_not_repeated(
    portal: Portal, wire: "Wire", clock: "WorldClock", adding: Adding, find: Finder, origins: Origins
) -> None:
    """Executed, then cut: one request to look, the ids that stand there, no waiting, nothing twice."""
    wire.plan(wire.cut_after)
    written = write_and_find(portal, adding(3), find)
    assert written.results == {"person-1": 1, "person-2": 2, "person-3": 3}
    assert written.failures == {}
    assert origins() == ["person-1", "person-2", "person-3"]
    assert len(wire.sent) == 2
    assert clock.waits == []


def test_a_write_that_never_arrived_is_repeated_after_seventy_seconds(
    portal: Portal, wire: "Wire", clock: "WorldClock", adding: Adding, find: Finder, origins: Origins
) -> None:
    """«Not done» is concluded 70 s after sending and not before; then it is done once."""
    start = clock.time()
    wire.plan(wire.cut_before)
    written = write_and_find(portal, adding(2), find)
    assert origins() == ["person-1", "person-2"]
    assert written.results == {"person-1": 1, "person-2": 2}
    assert written.failures == {}
    assert clock.time() - start >= 70
    assert wire.methods() == ["batch"] * 4  # the cut write, two looks, the write


@pytest.mark.parametrize("seconds", [1, 30, 60, 69])
def test_a_write_that_lands_late_is_not_duplicated(
    portal: Portal, wire: "Wire", adding: Adding, find: Finder, origins: Origins, seconds: int
) -> None:
    """The portal executes it after the cut, within its time: the second look finds it."""
    wire.plan(wire.lands(seconds))
    written = write_and_find(portal, adding(2), find)
    assert origins() == ["person-1", "person-2"]
    assert written.results == {"person-1": 1, "person-2": 2}


def test_a_look_that_is_answered_late_tells_of_the_moment_it_began(
    portal: Portal, wire: "Wire", clock: "WorldClock", adding: Adding, find: Finder, origins: Origins
) -> None:
    """The write lands after the first look and before its answer, which comes when the time for landing is over."""
    wire.plan(wire.lands(30))

    def slow(keys: Collection[str]) -> dict[str, int]:
        found = dict(find(keys))
        clock.sleep(71)
        return found

    assert write_and_find(portal, adding(2), slow).results == {"person-1": 1, "person-2": 2}
    assert origins() == ["person-1", "person-2"]


def test_of_a_half_executed_request_only_the_other_half_is_repeated(
    portal: Portal, wire: "Wire", adding: Adding, find: Finder, origins: Origins
) -> None:
    """The portal was killed after the second of four commands."""
    commands = adding(4)
    wire.plan(wire.cut_before)

    def half_done(keys: Collection[str]) -> dict[str, int]:
        if not origins():
            portal.batch(commands[:2]).values()
        return dict(find(keys))

    written = write_and_find(portal, commands, half_done)
    assert origins() == ["person-1", "person-2", "person-3", "person-4"]
    assert set(written.results) == set(origins())


def test_a_breakdown_over_one_command_is_looked_for(
    portal: Portal, wire: "Wire", adding: Adding, find: Finder, origins: Origins
) -> None:
    """INTERNAL_SERVER_ERROR for a contact that stands: it is found; the portal had failed after writing."""

    def broken(answer: dict[str, dict[str, dict[str, object]]]) -> object:
        del answer["result"]["result"]["c_001"]
        answer["result"]["result_error"] = {"c_001": BREAKDOWN}
        return answer

    wire.plan(wire.edits(broken))
    written = write_and_find(portal, adding(3), find)
    assert written.results == {"person-1": 1, "person-2": 2, "person-3": 3}
    assert origins() == ["person-1", "person-2", "person-3"]


def test_what_stays_in_doubt_after_three_rounds_says_so(
    portal: Portal, wire: "Wire", clock: "WorldClock", adding: Adding, find: Finder, origins: Origins
) -> None:
    """Every attempt is cut: AmbiguousWrite, not success and not silence."""
    start = clock.time()
    for _ in range(3):
        wire.plan(wire.cut_before, wire.through, wire.through)
    written = write_and_find(portal, adding(1), find)
    assert {key: type(error) for key, error in written.failures.items()} == {"person-1": AmbiguousWrite}
    assert written.results == {}
    assert origins() == []
    assert clock.time() - start >= 3 * 70


def test_a_refusal_and_a_cut_do_not_mix(
    portal: Portal, wire: "Wire", adding: Adding, find: Finder, origins: Origins
) -> None:
    """What the portal refused is reported as refused and not sent again; the cut one is finished."""
    wrong = Command("crm.contact.update", {"id": 999, "fields": {"NAME": "x"}}, "wrong")
    portal.batch(adding(1))
    wire.plan(wire.through, wire.cut_after)
    written = write_and_find(portal, [wrong, *adding(60)[1:]], find)
    assert isinstance(written.failures.pop("wrong"), RequestRefused)
    assert written.failures == {}
    assert sorted(origins()) == sorted(f"person-{place}" for place in range(1, 61))


def test_commands_behind_a_cut_are_not_sent_and_reported(
    portal: Portal, wire: "Wire", adding: Adding, find: Finder, origins: Origins
) -> None:
    """The portal is in trouble: what was not sent stays for the next try of the task, and is no success."""
    portal.batch(adding(1))
    wire.plan(wire.cut_after)
    written = write_and_find(portal, adding(60)[1:], find)
    assert len(origins()) == 51
    assert {type(error) for error in written.failures.values()} == {NotSent}
    assert len(written.failures) == 9


def test_no_connection_is_not_looked_for(
    portal: Portal, wire: "Wire", clock: "WorldClock", adding: Adding, find: Finder
) -> None:
    """Nothing left, so nothing is in doubt: no look, no waiting."""
    wire.plan(wire.no_connection)
    written = write_and_find(portal, adding(1), find)
    assert {key: type(error) for key, error in written.failures.items()} == {"person-1": PortalUnreachable}
    assert len(wire.sent) == 1
    assert clock.waits == []


def test_nothing_to_write_asks_nothing(portal: Portal, wire: "Wire", find: Finder) -> None:
    """No request for no command."""
    assert write_and_find(portal, [], find).results == {}
    assert wire.sent == []


def test_waiting_starts_at_the_last_sending(
    world: World, portal: Portal, wire: "Wire", clock: "WorldClock", adding: Adding, find: Finder
) -> None:
    """The seconds that passed before a request left, waiting for its turn, do not count for the portal."""
    world.portal.config.bucket_size = 1
    portal.call("profile")

    cut_at: list[float] = []

    def cut_later(request: httpx.Request) -> httpx.Response:
        cut_at.append(clock.time())
        return wire.cut_before(request)

    wire.plan(wire.through, cut_later)
    write_and_find(portal, adding(1), find)
    assert world.log.rows()[-1]["writes"] == 1
    written_at = clock.time()
    assert written_at - cut_at[0] >= 70


def test_the_youngest_write_in_doubt_decides_how_long_to_wait(
    portal: Portal, clock: "WorldClock", adding: Adding, find: Finder
) -> None:
    """One was sent a minute ago and one just now: the second may still land 50 s later, and is found."""
    clock.later(50, lambda: portal.batch(adding(2)[1:]))
    doubted = {"person-1": moment(portal) - timedelta(seconds=60), "person-2": moment(portal)}
    assert settled(portal, doubted, find) == {"person-2": 1}
