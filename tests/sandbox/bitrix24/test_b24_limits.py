"""Intensity and operating time, on the sandbox's clock."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]


@pytest.fixture(autouse=True)
def _free_work(world: World) -> None:
    world.portal.config.costs = {"profile": 0.0, "server.time": 0.0}


def test_the_request_that_overflows_the_bucket_is_503(ask: Ask) -> None:
    """limits.md: 50 requests at once, then QUERY_LIMIT_EXCEEDED."""
    assert {ask("profile").status_code for _ in range(50)} == {200}
    answer = ask("profile")
    assert (answer.status_code, answer.json()) == (
        503,
        {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"},
    )


def test_the_bucket_drains_two_requests_a_second(world: World, ask: Ask) -> None:
    """limits.md: Y = 2 per second; a refused request does not fill the bucket."""
    for _ in range(60):
        ask("profile")
    world.clock.advance(1.5)
    assert [ask("profile").status_code for _ in range(4)] == [200, 200, 200, 503]


def test_moving_the_clock_back_fills_no_bucket(world: World, ask: Ask) -> None:
    """What was told to be another day must not be refused for months."""
    ask("profile")
    world.clock.advance(-86_400)
    assert ask("profile").status_code == 200


def test_a_batch_is_one_request(ask: Ask) -> None:
    """limits.md: the nested commands do not count as requests."""
    commands = {f"c{number}": "profile" for number in range(50)}
    assert {ask("batch", cmd=commands).status_code for _ in range(50)} == {200}


def test_operating_time_is_refused_before_execution(world: World, ask: Ask) -> None:
    """settings/performance/limits.md: the call that overflows 480 s succeeds, the next one is 429 and does nothing."""
    world.portal.config.costs = {"crm.contact.add": 500.0}
    assert ask("crm.contact.add", fields={"NAME": "Анна"}).status_code == 200
    refused = ask("crm.contact.add", fields={"NAME": "Олег"})
    assert (refused.status_code, refused.json()["error"]) == (429, "OPERATION_TIME_LIMIT")
    assert [row["NAME"] for row in world.portal.dump()["contacts"]] == ["Анна"]


def test_other_methods_go_on(world: World, ask: Ask) -> None:
    """settings/performance/limits.md: the limit is per method."""
    world.portal.config.costs = {"crm.contact.add": 500.0}
    ask("crm.contact.add", fields={"NAME": "Анна"})
    assert ask("crm.contact.list").status_code == 200


def test_the_method_works_again_when_its_minute_drops_out(world: World, ask: Ask) -> None:
    """settings/performance/limits.md: ten one-minute baskets; `operating_reset_at` names the moment."""
    world.portal.config.costs = {"profile": 490.0}
    reset_at = ask("profile").json()["time"]["operating_reset_at"]
    assert ask("profile").status_code == 429
    world.clock.advance(reset_at - world.clock.now().timestamp())
    assert ask("profile").status_code == 200


def test_inside_a_batch_the_refusal_is_the_commands_own(world: World, ask: Ask) -> None:
    """settings/performance/limits.md: OPERATION_TIME_LIMIT stands in result_error of an answer with status 200."""
    world.portal.config.costs = {"server.time": 500.0}
    answer = ask("batch", cmd={"a": "server.time", "b": "server.time", "c": "profile"})
    result: dict[str, Any] = answer.json()["result"]
    assert answer.status_code == 200
    assert result["result"].keys() == {"a", "c"}
    assert result["result_error"]["b"]["error"] == "OPERATION_TIME_LIMIT"
