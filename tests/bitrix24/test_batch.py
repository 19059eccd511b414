"""Many commands in few requests: none lost, none done twice, each answer with its item."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.bitrix24.batch import Command, chunks
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import (
    AmbiguousWrite,
    BatchFailed,
    NotSent,
    OperatingTimeSpent,
    PortalUnreachable,
    RequestRefused,
)
from backoffice.bitrix24.limiter import MAX_COMMANDS, REQUEST_SECONDS, OperatingTime
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire, WorldClock

Adding = Callable[[int], list[Command[str]]]
Origins = Callable[[], list[str]]

SERVER_ERROR = {"error": "INTERNAL_SERVER_ERROR", "error_description": "Internal server error"}


@pytest.mark.parametrize("number", [0, 1, 49, 50, 51, 100, 101])
def test_any_number_of_commands_comes_back_paired_in_order(
    portal: Portal, wire: "Wire", adding: Adding, origins: Origins, number: int
) -> None:
    """Item k has the id of the contact that carries the origin k; nothing to do costs no request."""
    result = portal.batch(adding(number))
    wanted = [f"person-{place}" for place in range(1, number + 1)]
    assert [item for item, _ in result.done] == wanted == origins()
    assert result.values() == list(range(1, number + 1))
    assert (len(wire.sent) == 0) == (number == 0)
    assert all(len(wire.commands(position)) <= 50 for position in range(len(wire.sent)))


def test_known_methods_go_fifty_a_request(portal: Portal, wire: "Wire", adding: Adding) -> None:
    """Once the portal has told how long the method takes, 101 commands are three requests."""
    portal.batch(adding(1))
    wire.sent.clear()
    portal.batch(adding(101)).values()
    assert [len(wire.commands(position)) for position in range(len(wire.sent))] == [50, 50, 1]


def test_one_failing_command_is_reported_with_its_item_and_the_others_are_done(
    portal: Portal, adding: Adding, origins: Origins
) -> None:
    """The 77th of 120 is refused: 119 contacts stand, and the error names the 77th and why."""
    commands = adding(120)
    commands[76] = Command("crm.contact.update", {"id": 999, "fields": {"NAME": "x"}}, "person-77")
    result = portal.batch(commands)
    assert len(result.outcomes) == 120
    assert [item for item, _ in result.failed] == ["person-77"]
    assert origins() == [f"person-{place}" for place in range(1, 121) if place != 77]
    with pytest.raises(BatchFailed, match=r"1 of 120 commands failed \(crm.contact.update\): 'person-77'") as failure:
        result.values()
    assert [item for item, _ in failure.value.failures] == ["person-77"]
    assert isinstance(failure.value.failures[0][1], RequestRefused)


def test_an_unknown_method_fails_alone(portal: Portal, origins: Origins, adding: Adding) -> None:
    """A misspelt command among good ones."""
    result = portal.batch([*adding(1), Command("crm.contact.ad", {}, "misspelt")])
    assert [(item, str(error).split(": ")[1]) for item, error in result.failed] == [
        ("misspelt", "ERROR_METHOD_NOT_FOUND")
    ]
    assert origins() == ["person-1"]


def test_commands_put_off_for_operating_time_are_done_later_exactly_once(
    world: World, portal: Portal, clock: "WorldClock", adding: Adding, origins: Origins
) -> None:
    """480 seconds are spent after a few commands; the rest waits for the window and then is done, in order."""
    world.portal.config.operating_limit = 3.0
    result = portal.batch(adding(25))
    assert result.values() == list(range(1, 26))
    assert origins() == [f"person-{place}" for place in range(1, 26)]
    assert clock.waits


def test_operating_time_that_comes_back_is_waited_for_no_longer_than_told(
    world: World, portal: Portal, clock: "WorldClock", adding: Adding
) -> None:
    """`operating_reset_at` of the commands that were done says when to ask again: one wait, then all is done."""
    world.portal.config.operating_limit = 3.0
    portal.batch(adding(15)).values()
    assert len(clock.waits) == 1
    assert 500 < clock.waits[0] <= 600


def test_a_bulk_leaves_a_fifth_of_the_operating_time_to_others(
    world: World, portal: Portal, clock: "WorldClock"
) -> None:
    """It waits by itself, before the portal refuses it or anybody else that method."""
    world.portal.config.costs["profile"] = 1.0
    for _ in range(120):
        portal.batch([Command("profile", {}, place) for place in range(5)]).values()
        assert world.portal.operating.of("profile").seconds < 0.8 * 480 + 5
    assert world.log.counters()["by_method"]["profile"] == 120 * 5
    assert clock.waits


def test_other_methods_go_on_while_one_is_put_off(world: World, portal: Portal, adding: Adding) -> None:
    """The commands of a method with time left are done in the first request already."""
    world.portal.config.operating_limit = 0.3
    commands = [*adding(2), Command("profile", {}, "profile")]
    result = portal.batch(commands)
    assert [item for item, _ in result.done] == ["person-1", "person-2", "profile"]
    assert world.log.counters()["by_method"]["profile"] == 1


def test_a_request_limit_inside_a_batch_puts_its_command_off(
    portal: Portal, wire: "Wire", adding: Adding, origins: Origins
) -> None:
    """QUERY_LIMIT_EXCEEDED in `result_error`: the command was not executed and is sent again, alone."""
    commands = adding(2)
    wire.plan(
        wire.answers(
            200,
            {
                "result": {
                    "result": {"c_000": 1},
                    "result_error": {"c_001": {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many"}},
                }
            },
        )
    )
    assert [item for item, _ in portal.batch(commands).done] == ["person-1", "person-2"]
    assert origins() == ["person-2"]


def test_operating_time_that_never_comes_back_is_reported_and_what_was_done_is_kept(
    world: World, portal: Portal, adding: Adding, origins: Origins
) -> None:
    """After half an hour the batch ends: what was done is `done`, what was put off says so, the rest was not sent."""
    world.portal.config.operating_limit = 2.9
    world.portal.config.operating_window = 10**9
    result = portal.batch(adding(120))
    assert len(result.outcomes) == 120
    assert [item for item, _ in result.done] == origins() == [f"person-{place}" for place in range(1, 11)]
    assert {type(error) for _, error in result.failed} == {OperatingTimeSpent, NotSent}


def test_a_portal_that_stays_busy_is_not_asked_for_every_request_anew(
    portal: Portal, wire: "Wire", clock: "WorldClock", adding: Adding, world: World
) -> None:
    """Half an hour of patience is for the whole batch: three requests do not wait one and a half."""
    world.portal.config.bucket_size = 0
    start = clock.time()
    result = portal.batch(adding(150))
    assert len(result.failed) == 150
    assert clock.time() - start <= 1800


def test_a_cut_makes_its_writes_ambiguous_and_the_rest_not_sent(
    portal: Portal, wire: "Wire", adding: Adding, origins: Origins
) -> None:
    """The second request is cut: the first is done, the second in doubt, the third was never sent."""
    portal.batch(adding(1))
    wire.plan(wire.through, wire.cut_before)
    result = portal.batch(adding(120))
    kinds = [type(outcome.error) for outcome in result.outcomes]
    assert kinds == [type(None)] * 50 + [AmbiguousWrite] * 50 + [NotSent] * 20
    assert len(origins()) == 51
    assert len(wire.sent) == 3


def test_reading_commands_of_a_cut_batch_are_not_in_doubt(portal: Portal, wire: "Wire", adding: Adding) -> None:
    """Only the writes have to be looked for."""
    wire.plan(wire.cut_after)
    result = portal.batch([Command("profile", {}, "reads"), *adding(1)])
    assert [type(error) for _, error in result.failed] == [PortalUnreachable, AmbiguousWrite]


def test_a_server_error_of_one_write_is_in_doubt_and_the_others_are_done(
    portal: Portal, wire: "Wire", adding: Adding, origins: Origins
) -> None:
    """INTERNAL_SERVER_ERROR in `result_error`: the portal may have failed after it had written. A read just failed."""

    def broken(answer: Any) -> Any:
        results = answer["result"]["result"]
        answer["result"]["result_error"] = dict.fromkeys(("c_001", "c_002"), SERVER_ERROR)
        answer["result"]["result"] = {key: value for key, value in results.items() if key not in ("c_001", "c_002")}
        return answer

    wire.plan(wire.edits(broken))
    commands = adding(60)
    commands.insert(2, Command("profile", {}, "reads"))
    result = portal.batch(commands)
    assert [(item, type(error)) for item, error in result.failed] == [
        ("person-2", AmbiguousWrite),
        ("reads", PortalUnreachable),
    ]
    assert len(result.done) == 59
    assert len(origins()) == 60


def test_a_command_left_out_of_the_answer_is_not_sent(portal: Portal, wire: "Wire", adding: Adding) -> None:
    """It stands neither among the results nor among the errors; the list is not shorter for that."""

    def shorter(answer: Any) -> Any:
        del answer["result"]["result"]["c_001"]
        return answer

    wire.plan(wire.edits(shorter))
    result = portal.batch(adding(3))
    assert [(item, type(error)) for item, error in result.failed] == [("person-2", NotSent)]
    assert [item for item, _ in result.done] == ["person-1", "person-3"]


def test_null_and_empty_results_are_results(portal: Portal, wire: "Wire") -> None:
    """A method may answer null, `[]` or false; all maps of a batch may arrive as lists."""
    empty: dict[str, list[Any]] = {"result_error": [], "result_total": [], "result_next": [], "result_time": []}
    wire.plan(wire.answers(200, {"result": {"result": {"c_000": None, "c_001": [], "c_002": False}, **empty}}))
    assert portal.batch([Command("profile", {}, place) for place in range(3)]).values() == [None, [], False]


def test_every_command_may_fail_and_the_results_be_a_list(portal: Portal, wire: "Wire") -> None:
    """`result` arrives as `[]`, an error as a plain string, another without its own code."""
    errors = {"c_000": "no such thing", "c_001": {"error": "", "error_description": "Not found"}, "c_002": {}}
    wire.plan(wire.answers(200, {"result": {"result": [], "result_error": errors, "result_time": []}}))
    result = portal.batch([Command("crm.contact.get", {"id": place}, place) for place in range(3)])
    assert [item for item, _ in result.failed] == [0, 1, 2]
    assert all(isinstance(error, RequestRefused) for _, error in result.failed)


def test_totals_and_following_offsets_belong_to_their_commands(portal: Portal, adding: Adding) -> None:
    """A listing inside a batch tells its total and the offset of the next page."""
    portal.batch(adding(60)).values()
    result = portal.batch([Command("profile", {}, 1), Command("crm.contact.list", {"start": 0}, 2)])
    answers = [outcome.answer for outcome in result.outcomes]
    assert answers[1] is not None
    assert (answers[1].total, answers[1].next, len(answers[1].result)) == (60, 50, 50)
    assert answers[0] is not None
    assert (answers[0].total, answers[0].next) == (None, None)


def test_slow_methods_go_in_smaller_requests(world: World, portal: Portal, adding: Adding) -> None:
    """More than a second a command: no request of 120 commands takes the portal 60 seconds, not even the first."""
    world.portal.config.costs["crm.contact.add"] = 1.1
    spent = _seconds_of_requests(world, portal, adding(120))
    assert max(spent) < 60
    assert len(spent) <= 12


def test_a_method_that_slows_down_gets_smaller_requests(world: World, portal: Portal, adding: Adding) -> None:
    """What the portal said last counts: robots were switched on, and the next requests are smaller."""
    portal.batch(adding(50)).values()
    world.portal.config.costs["crm.contact.add"] = 1.0
    world.log.clear()
    portal.batch(adding(200)).values()
    sizes = [len(row["commands"]) - 1 for row in world.log.rows()]
    assert max(sizes) < 60
    assert max(sizes[1:]) * 1.0 <= REQUEST_SECONDS


def test_a_request_too_slow_for_the_portal_is_followed_by_smaller_ones(
    portal: Portal, wire: "Wire", clock: "WorldClock", adding: Adding
) -> None:
    """No answer within a minute teaches as well: what is sent next has fewer commands."""

    def timed_out(_: Any) -> Any:
        clock.sleep(65)
        raise httpx.ReadTimeout("timed out")

    portal.batch(adding(50))
    wire.sent.clear()
    wire.plan(timed_out)
    portal.batch(adding(50))
    portal.batch(adding(50))
    assert len(wire.commands(0)) == 50
    assert len(wire.commands(1)) <= 25


def test_errors_of_commands_teach_nothing_about_their_cost() -> None:
    """A failed command has no time of its own; a slow method stays known as slow."""
    times = OperatingTime()
    times.learn("crm.item.add", {"duration": 5.0})
    for _ in range(50):
        times.learn("crm.item.add", {})
    assert times.seconds_of("crm.item.add") == 5.0


@given(costs=st.lists(st.sampled_from(["fast", "slow", "unknown"]), max_size=200))
def test_chunks_keep_every_command_in_order_and_the_requests_short(costs: list[str]) -> None:
    """Nothing is lost or moved; a request has at most 50 commands and is expected to end within its time."""
    times = OperatingTime()
    times.learn("fast", {"duration": 0.1})
    times.learn("slow", {"duration": 40.0})
    commands = [Command(method, {}, place) for place, method in enumerate(costs)]
    split = list(chunks(commands, times))
    assert [command for chunk in split for command in chunk] == commands
    for chunk in split:
        assert 1 <= len(chunk) <= MAX_COMMANDS
        expected = sum(times.seconds_of(command.method) for command in chunk)
        assert len(chunk) == 1 or expected <= REQUEST_SECONDS + 1e-6


def test_text_that_looks_like_a_reference_is_only_text(world: World, portal: Portal, adding: Adding) -> None:
    """A visitor's name `$result[c_000]` does not read another command's answer."""
    name = "$result[c_000] и $result[c_001][ID]"
    portal.batch([*adding(1), Command("crm.contact.add", {"fields": {"NAME": name}}, "visitor")]).values()
    stored = world.portal.dump()["contacts"][1]["NAME"]
    assert stored.replace(" ", "") == name.replace(" ", "")


def test_the_item_of_a_command_never_leaves(portal: Portal, wire: "Wire", adding: Adding) -> None:
    """The keys on the wire are the client's own, never numeric and never the caller's."""
    portal.batch(adding(3))
    assert list(json.loads(wire.sent[0].read())["cmd"]) == ["c_000", "c_001", "c_002"]


def _seconds_of_requests(world: World, portal: Portal, commands: list[Command[str]]) -> list[float]:
    world.log.clear()
    portal.batch(commands).values()
    return [row["seconds"] for row in world.log.rows()]
