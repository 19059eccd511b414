"""Many commands in few requests, every answer paired with what it was asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from backoffice.bitrix24.errors import BatchFailed, NotSent, OperatingTimeSpent, PortalBusy, PortalError, TryLater
from backoffice.bitrix24.limiter import MAX_COMMANDS, REQUEST_SECONDS, OperatingTime
from backoffice.bitrix24.wire import Answer, as_map, command_line, read_error

T = TypeVar("T")


@dataclass(frozen=True)
class Command(Generic[T]):
    """One call inside a batch; `item` is what the caller wants to find the answer by."""

    method: str
    params: dict[str, Any]
    item: T


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What became of a command: an answer or an error, never both."""

    command: Command[T]
    answer: Answer | None = None
    error: PortalError | None = None

    @property
    def item(self) -> T:
        """What the caller paired the command with."""
        return self.command.item


@dataclass(frozen=True)
class BatchResult(Generic[T]):
    """The outcomes in the order of the commands: as many as there were commands."""

    outcomes: tuple[Outcome[T], ...]

    @property
    def done(self) -> list[tuple[T, Any]]:
        """Item and result of each command that succeeded."""
        return [(outcome.item, outcome.answer.result) for outcome in self.outcomes if outcome.answer is not None]

    @property
    def failed(self) -> list[tuple[T, PortalError]]:
        """Item and error of each command that did not."""
        return [(outcome.item, outcome.error) for outcome in self.outcomes if outcome.error is not None]

    def values(self) -> list[Any]:
        """All results in the order of the commands; raises BatchFailed if any command failed."""
        if self.failed:
            methods = ", ".join(sorted({outcome.command.method for outcome in self.outcomes if outcome.error}))
            raise BatchFailed(methods, self.failed, len(self.outcomes))
        return [result for _, result in self.done]


def chunks(commands: Iterable[Command[T]], times: OperatingTime) -> Iterator[list[Command[T]]]:
    """Split into requests of at most 50 commands, each expected to end well inside the portal's 60 seconds."""
    chunk: list[Command[T]] = []
    seconds = 0.0
    for command in commands:
        cost = times.seconds_of(command.method)
        if chunk and (len(chunk) == MAX_COMMANDS or seconds + cost > REQUEST_SECONDS):
            yield chunk
            chunk, seconds = [], 0.0
        chunk.append(command)
        seconds += cost
    if chunk:
        yield chunk


def batch_params(chunk: Sequence[Command[T]]) -> dict[str, Any]:
    """The parameters of a `batch` call."""
    return {
        "halt": 0,
        "cmd": {
            command_key(index): command_line(command.method, command.params) for index, command in enumerate(chunk)
        },
    }


def read_outcomes(chunk: Sequence[Command[T]], result: Any, times: OperatingTime) -> list[Outcome[T]]:
    """Pair the answer of a `batch` call with its commands, and take note of what each cost.

    A command that stands neither among the results nor among the errors was not executed.
    """
    maps = {name: as_map(inner) for name, inner in as_map(result).items()}
    for index, command in enumerate(chunk):
        times.learn(command.method, as_map(maps.get("result_time", {}).get(command_key(index))))
    return [_outcome(command, command_key(index), maps) for index, command in enumerate(chunk)]


def _outcome(command: Command[T], key: str, maps: dict[str, dict[str, Any]]) -> Outcome[T]:
    errors, results = maps.get("result_error", {}), maps.get("result", {})
    if key in errors:
        return Outcome(command, error=read_error(command.method, errors[key]))
    if key not in results:
        return Outcome(command, error=NotSent(f"{command.method}: the portal left the command out of its answer"))
    spent = as_map(maps.get("result_time", {}).get(key))
    total, following = maps.get("result_total", {}).get(key), maps.get("result_next", {}).get(key)
    return Outcome(command, Answer(results[key], total, following, spent))


def put_off(outcomes: Mapping[int, Outcome[T]]) -> dict[int, TryLater]:
    """Those of the outcomes in which the portal itself said «later», so that sending again is safe."""
    errors = {index: outcome.error for index, outcome in outcomes.items()}
    return {index: error for index, error in errors.items() if isinstance(error, PortalBusy | OperatingTimeSpent)}


def command_key(index: int) -> str:
    """Under which key a command of a batch travels; never a number, so that PHP keeps the answer's maps maps."""
    return f"c_{index:03}"
