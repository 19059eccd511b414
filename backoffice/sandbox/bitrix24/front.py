"""What happens to one request: counted, authorized, possibly held, executed, logged."""

from dataclasses import dataclass
from typing import Any

from backoffice.sandbox.bitrix24.batch import commands_of, method_name, run_batch
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.execution import execute, find
from backoffice.sandbox.bitrix24.methods import METHODS
from backoffice.sandbox.request_log import Request
from backoffice.sandbox.world import World


@dataclass(frozen=True)
class Answer:
    """`body` is None for an answer that is not the portal's own (an HTML page of some proxy)."""

    status: int
    body: dict[str, Any] | None


def serve(world: World, address: dict[str, str], params: dict[str, Any]) -> Answer:
    """Runs in a thread of its own; a request chosen by `world.hold` waits here."""
    name = address["method"].lower().removesuffix(".json")
    commands = _commands(name, params)
    writes = sum(1 for command in commands if command in METHODS and METHODS[command].writes)
    when = world.hold.claim() if writes else None
    if when == "before" and not world.hold.wait():
        return Answer(502, None)
    started = world.clock.now()
    answer = _answer(world, name, address, params)
    error = str((answer.body or {}).get("error", ""))
    executed = writes if answer.status == 200 else 0
    spent = (world.clock.now() - started).total_seconds()
    world.log.note(Request(started, "portal", name, answer.status, commands, executed, error, spent))
    if when == "after":
        world.hold.wait()
    return answer


def _answer(world: World, name: str, address: dict[str, str], params: dict[str, Any]) -> Answer:
    try:
        with world.portal.lock:
            world.portal.bucket.pour()
        _authenticate(address, params)
        if name == "batch":
            return Answer(200, run_batch(world.portal, WEBHOOK_USER, params))
        return Answer(200, execute(world.portal, find(name), WEBHOOK_USER, params).envelope())
    except Refusal as refusal:
        return Answer(refusal.status, dict(refusal.body()))


def _authenticate(address: dict[str, str], params: dict[str, Any]) -> None:
    if "secret" not in address:
        if "auth" in params:
            raise Refusal("invalid_token", "Unable to get application by token", 401)
        raise Refusal("NO_AUTH_FOUND", "Wrong authorization data", 401)
    if (address["user"], address["secret"]) != (str(WEBHOOK_USER), WEBHOOK_SECRET):
        raise Refusal("INVALID_CREDENTIALS", "Invalid request credentials", 401)


def _commands(name: str, params: dict[str, Any]) -> tuple[str, ...]:
    if name != "batch":
        return (name,)
    return ("batch", *(method_name(command).lower() for command in commands_of(params).values()))
