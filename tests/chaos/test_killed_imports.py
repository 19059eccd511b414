"""A run killed between any two writes is finished by the next one, to the same portal."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import pytest

from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.chaos.conftest import Killer

WRITES = 9
Import = Callable[[int], None]


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    """What the portal holds after an import that nothing disturbed; the first test writes it down."""
    return {}


def test_an_undisturbed_import_writes_once(
    world: World, killer: "Killer", event_id: int, run_import: Import, undisturbed: dict[str, Any]
) -> None:
    """The kills below cover every request that writes; and a second run writes nothing at all."""
    run_import(event_id)
    undisturbed.update(world.portal.dump())
    assert killer.writes == WRITES
    run_import(event_id)
    assert killer.writes == WRITES
    assert world.portal.dump() == undisturbed


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("request_number", range(1, WRITES + 1))
def test_a_killed_import_is_finished_by_the_next(  # noqa: PLR0913 — what the fixtures give, and the two parameters
    world: World,
    killer: "Killer",
    event_id: int,
    run_import: Import,
    undisturbed: dict[str, Any],
    request_number: int,
    moment: Literal["before", "after"],
) -> None:
    """Whichever writing request it dies at, before sending or without the answer, the portal ends up the same."""
    killer.at, killer.moment = request_number, moment
    with pytest.raises(killer.death):
        run_import(event_id)
    killer.at = None
    run_import(event_id)
    assert world.portal.dump() == undisturbed
    settled = killer.writes
    run_import(event_id)
    assert killer.writes == settled


def test_an_import_killed_again_and_again_arrives(
    world: World, killer: "Killer", event_id: int, run_import: Import, undisturbed: dict[str, Any]
) -> None:
    """A run that gets no further than its first write, time after time, still ends in the same portal."""
    killer.moment = "after"
    deaths = 0
    while deaths < 4 * WRITES:
        killer.at = killer.writes + 1
        try:
            run_import(event_id)
        except killer.death:
            deaths += 1
            continue
        break
    assert deaths >= WRITES
    assert world.portal.dump() == undisturbed
