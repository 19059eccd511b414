"""What each kind of fault does to a request to the portal."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import sleep
from typing import TYPE_CHECKING

from backoffice.sandbox.bitrix24.batch import Gate, Stopped, open_gate
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.exchange import Answer, Asked
from backoffice.sandbox.bitrix24.methods import METHODS
from backoffice.sandbox.faults.dice import Strike
from backoffice.sandbox.faults.fault import Fault

if TYPE_CHECKING:  # the world holds the faults
    from backoffice.sandbox.world import World

CUT = Answer(0, cut=True)
BUSY = Refusal("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)
OPERATING = Refusal("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)
BROKEN = Refusal("INTERNAL_SERVER_ERROR", "Internal server error", 500)
EXPIRED = Refusal("expired_token", "The access token provided has expired.", 401)
INVALID = Refusal("INVALID_CREDENTIALS", "Invalid request credentials", 401)


@dataclass(frozen=True)
class Scene:
    """One request and the fault it met; `execute` carries it out as far as the gate lets, `land` does so unheard."""

    world: "World"
    asked: Asked
    strike: Strike
    execute: Callable[[Gate], Answer]
    land: Callable[[], object]


def fits(fault: Fault, asked: Asked, world: "World") -> bool:
    """Whether the fault could strike this request at all; only then it is counted."""
    if fault.kind not in MISHAPS or not any(map(fault.matches, asked.commands)):
        return False
    if fault.kind in ("cut_midway", "short_answer"):
        return asked.name == "batch" and len(asked.inner) > 1
    if fault.kind == "bad_page":
        return _pages(fault, asked) != []
    if fault.kind == "late_write":
        return asked.writes > 0
    if fault.kind == "moved":
        return asked.host != fault.host
    return fault.kind != "stale_read" or _lags(fault, asked, world)


def _lags(fault: Fault, asked: Asked, world: "World") -> bool:
    window = Strike(fault, 0).seconds
    return asked.writes == 0 and world.past.younger_than(window, world.clock.now())


def _pages(fault: Fault, asked: Asked) -> list[int]:
    """The positions of the listings that the fault means."""
    methods = [asked.methods.get(name) for name in asked.inner]
    listings = (place for place, method in enumerate(methods) if method and method.kind == "page")
    return [place for place in listings if fault.matches(asked.inner[place])]


def _refused(refusal: Refusal) -> Callable[[Scene], Answer]:
    return lambda _: Answer(refusal.status, dict(refusal.body()))


def _operating_time(scene: Scene) -> Answer:
    def gate(_: int, method: str) -> None:
        if scene.strike.fault.matches(method):
            raise OPERATING

    if scene.strike.fault.matches(scene.asked.name):
        return Answer(OPERATING.status, dict(OPERATING.body()))
    return scene.execute(gate)


def _bad_page(scene: Scene) -> Answer:
    bad = _pages(scene.strike.fault, scene.asked)[0]

    def gate(position: int, _: str) -> None:
        if position == bad:
            raise BROKEN

    return scene.execute(gate)


def _short_answer(scene: Scene) -> Answer:
    some = scene.strike.some_of(len(scene.asked.inner))

    def gate(position: int, _: str) -> None:
        if position == some:
            raise Stopped

    done = [METHODS[name] for name in scene.asked.inner[:some] if name in METHODS]
    return replace(scene.execute(gate), writes=sum(method.writes for method in done))


def _broken_after(scene: Scene) -> Answer:
    return Answer(BROKEN.status, dict(BROKEN.body()), writes=scene.execute(open_gate).writes)


def _slow(scene: Scene) -> Answer:
    answer = scene.execute(open_gate)
    if scene.world.clock.frozen:
        scene.world.clock.advance(scene.strike.seconds)
    else:
        sleep(scene.strike.seconds)
    return answer


def _late_write(scene: Scene) -> Answer:
    scene.world.late.after(scene.strike.seconds, scene.land)
    return CUT


def _stale_read(scene: Scene) -> Answer:
    with scene.world.past.shown_by(scene.world.portal):
        return scene.execute(open_gate)


MISHAPS: dict[str, Callable[[Scene], Answer]] = {
    "busy": _refused(BUSY),
    "operating_time": _operating_time,
    "html_500": lambda _: Answer(500),
    "broken_after": _broken_after,
    "slow": _slow,
    "cut_after": lambda scene: replace(scene.execute(open_gate), cut=True),
    "cut_before": lambda _: CUT,
    "late_write": _late_write,
    "cut_midway": lambda scene: replace(_short_answer(scene), cut=True),
    "short_answer": _short_answer,
    "bad_page": _bad_page,
    "stale_read": _stale_read,
    "moved": lambda scene: Answer(302, moved_to=scene.strike.fault.host),
    "expired_token": _refused(EXPIRED),
    "invalid_credentials": _refused(INVALID),
}
