"""What happens to one request: counted, authorized, possibly held or disturbed, executed, logged."""

from datetime import datetime
from functools import partial

from backoffice.sandbox.bitrix24.batch import Gate, open_gate, run_batch
from backoffice.sandbox.bitrix24.callers import identify
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.exchange import Answer, Asked
from backoffice.sandbox.bitrix24.execution import execute, find
from backoffice.sandbox.bitrix24.rest_3.carrying import carry_out
from backoffice.sandbox.faults.mishaps import MISHAPS, Scene, fits
from backoffice.sandbox.request_log import Request
from backoffice.sandbox.world import World


def serve(world: World, asked: Asked) -> Answer:
    """Runs in a thread of its own; a request chosen by `world.hold` waits here, one met by a fault takes harm here."""
    world.late.catch_up()
    when = world.hold.claim() if asked.writes else None
    if when == "before" and not world.hold.wait():
        return Answer(502)
    answer = _disturbed(world, asked)
    if when == "after":
        world.hold.wait()
    return answer


def _disturbed(world: World, asked: Asked) -> Answer:
    started = world.clock.now()
    strike = world.faults.meet(" ".join(asked.commands), lambda fault: fits(fault, asked, world))
    if strike is None:
        return _noted(world, asked, started, _carry_out(world, asked, open_gate))
    scene = Scene(world, asked, strike, partial(_carry_out, world, asked), partial(_land, world, asked, started))
    return _noted(world, asked, started, MISHAPS[strike.fault.kind](scene), strike.fault.kind)


def _land(world: World, asked: Asked, arrived: datetime) -> None:
    """Execute what nobody waits for any more."""
    _noted(world, asked, world.clock.now(), _carry_out(world, asked, open_gate, arrived))


def _noted(world: World, asked: Asked, started: datetime, answer: Answer, fault: str = "") -> Answer:
    error = str((answer.body or {}).get("error", ""))
    spent = (world.clock.now() - started).total_seconds()
    status = 0 if answer.cut else answer.status
    world.log.note(Request(started, "portal", asked.name, status, asked.commands, answer.writes, error, spent, fault))
    return answer


def _carry_out(world: World, asked: Asked, gate: Gate, arrived: datetime | None = None) -> Answer:
    as_of = arrived or world.clock.now()
    try:
        with world.portal.lock:
            world.portal.bucket.pour()
        caller = identify(world.portal, asked)
        if asked.writes and world.faults.wants("stale_read"):
            world.past.keep(world.portal)
        if asked.name == "batch" and not asked.third:
            return Answer(200, run_batch(world.portal, caller, asked.params, gate), asked.writes)
        gate(0, asked.name)
        if asked.third:
            return carry_out(world.portal, caller, asked, asked.third, as_of)
        done = execute(world.portal, find(asked.name), caller, asked.params)
        return Answer(200, done.envelope(), asked.writes)
    except Refusal as refusal:
        return Answer(refusal.status, dict(refusal.body()))
