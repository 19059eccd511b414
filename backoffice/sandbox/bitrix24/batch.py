"""`batch`: up to 50 commands in one request, later ones may refer to earlier results.

Official source: settings/how-to-call-rest-api/batch.md; shapes of partial failure are captured ones.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from backoffice.sandbox.bitrix24.call import Caller, Page
from backoffice.sandbox.bitrix24.errors import Refusal, missing_parameter
from backoffice.sandbox.bitrix24.execution import execute, find
from backoffice.sandbox.bitrix24.php import decode_query, map_of, member
from backoffice.sandbox.bitrix24.portal import Portal
from backoffice.sandbox.bitrix24.timing import Stopwatch

LONGEST = 50
Gate = Callable[[int, str], None]
"""Told the position and the method's name of what is about to be executed; raises `Refusal`, or `Stopped`."""
_REFERENCE = re.compile(r"\$result((?:\[[^\[\]]*\])+)")


class Stopped(Exception):
    """Nothing of the batch is executed from here on."""


def open_gate(_position: int, _method: str) -> None:
    """Lets everything through."""


@dataclass
class _Answer:
    result: dict[str, Any] = field(default_factory=dict)
    result_error: dict[str, Any] = field(default_factory=dict)
    result_total: dict[str, int] = field(default_factory=dict)
    result_next: dict[str, int] = field(default_factory=dict)
    result_time: dict[str, Any] = field(default_factory=dict)


def run_batch(portal: Portal, caller: Caller, params: dict[str, Any], gate: Gate = open_gate) -> dict[str, Any]:
    """Execute in order; failures stand in `result_error` of a successful answer. With `halt` the rest is left out."""
    watch, answer = Stopwatch(portal), _Answer()
    commands = commands_of(params)
    if not commands:
        raise missing_parameter("cmd")
    halt = str(params.get("halt", "")).lower() in {"1", "true", "y"}
    for position, (key, command) in enumerate(commands.items()):
        try:
            gate(position, method_name(command))
            _run(portal, caller, key, _within_limit(position, command), answer)
        except Refusal as refusal:
            answer.result_error[key] = refusal.body()
            if halt:
                break
        except Stopped:
            break
    return {"result": vars(answer), "time": watch.time()}


def commands_of(params: dict[str, Any]) -> dict[str, str]:
    """The commands by key, in order, as sent (`method?query`)."""
    return {key: str(command) for key, command in map_of(params.get("cmd")).items()}


def method_name(command: str) -> str:
    return command.partition("?")[0].strip("/")


def _run(portal: Portal, caller: Caller, key: str, command: str, answer: _Answer) -> None:
    if method_name(command).lower() == "batch":
        raise Refusal("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage", 405)
    query = decode_query(command.partition("?")[2])
    params = {name: _substitute(value, answer.result) for name, value in query.items()}
    done = execute(portal, find(method_name(command)), caller, params)
    answer.result_time[key] = done.time
    if not isinstance(done.page, Page):
        answer.result[key] = done.page
        return
    answer.result[key] = done.page.result
    if done.page.total is not None:
        answer.result_total[key] = done.page.total
    if done.page.next is not None:
        answer.result_next[key] = done.page.next


def _within_limit(position: int, command: str) -> str:
    if position >= LONGEST:
        raise Refusal("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
    return command


def _substitute(value: Any, results: dict[str, Any]) -> Any:
    if isinstance(value, str):
        return _text(value, results) if "$result" in value else value
    if isinstance(value, dict):
        return {name: _substitute(item, results) for name, item in value.items()}
    return [_substitute(item, results) for item in value]


def _text(value: str, results: dict[str, Any]) -> Any:
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _resolve(whole, results)
    return _REFERENCE.sub(lambda found: str(_resolve(found, results)), value)


def _resolve(reference: re.Match[str], results: dict[str, Any]) -> Any:
    """What a reference to nothing becomes is undocumented; here, as commonly seen, empty text."""
    found: Any = results
    for step in reference[1][1:-1].split("]["):
        found = member(found, step)
        if found is None:
            return ""
    return found
