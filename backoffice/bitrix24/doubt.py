"""Writes in doubt: the request left, no answer came, and the portal may still be executing it.

REST 2.0 has no idempotency key. What it has is fields of our own in what we write (ORIGIN_ID, ELEMENT_CODE), by which
a write can be found again. So a write without an answer is looked for; and only when it is not found after the time
that the portal may still need to execute it, it counts as «not done» and is sent again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from backoffice.bitrix24.batch import BatchResult, Command
from backoffice.bitrix24.bulk import Guard
from backoffice.bitrix24.errors import AmbiguousWrite, PortalError
from backoffice.bitrix24.limiter import Clock

SETTLE = timedelta(seconds=70)
ROUNDS = 3

Finder = Callable[[Collection[str]], Mapping[str, Any]]
"""Gives what already stands in the portal under the natural keys asked for; keys not found are left out."""


class Writes(Protocol):
    """What carries writes to a portal: its client, or `rest_3.KeyedWrites`."""

    host: str
    clock: Clock

    def batch(self, commands: Iterable[Command[str]], before_send: Guard[str] | None = None) -> BatchResult[str]: ...


@dataclass
class Written:
    """What became of the writes: results by natural key, and the errors of those that were not done."""

    results: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, PortalError] = field(default_factory=dict)


def write_and_find(
    portal: Writes,
    commands: Sequence[Command[str]],
    find: Finder,
    *,
    settle: timedelta = SETTLE,
    before_send: Guard[str] | None = None,
) -> Written:
    """Execute writes, each carrying its natural key as `item`; those without an answer are looked for and, where they
    were not done, sent again. What is still in doubt after three rounds stays in `failures` as AmbiguousWrite.
    """
    written = Written()
    pending = list(commands)
    for _ in range(ROUNDS):
        result = portal.batch(pending, before_send)
        written.results.update(result.done)
        written.failures.update(result.failed)
        doubted = {key: error.sent_at for key, error in result.failed if isinstance(error, AmbiguousWrite)}
        written.results.update(settled(portal, doubted, find, settle=settle))
        pending = [command for command in pending if command.item in doubted.keys() - written.results.keys()]
        if not pending:
            break
    written.failures = {key: error for key, error in written.failures.items() if key not in written.results}
    return written


def settled(
    portal: Writes, doubted: Mapping[str, datetime], find: Finder, *, settle: timedelta = SETTLE
) -> dict[str, Any]:
    """Which of the writes in doubt (natural key -> moment of sending) were done, with what `find` gives for them.

    Looks at once, and for those not found again when the portal can no longer be executing them: a look tells of the
    moment at which it began, however late its answer comes.
    """
    looked_at = moment(portal)
    found = dict(find(list(doubted))) if doubted else {}
    missing = {key: sent_at for key, sent_at in doubted.items() if key not in found}
    over = max(missing.values(), default=looked_at - settle) + settle
    if over > looked_at:
        portal.clock.sleep(max(0.0, (over - moment(portal)).total_seconds()))
        found |= find(list(missing))
    return found


def moment(portal: Writes) -> datetime:
    """Now, by the clock that the portal's client goes by."""
    return datetime.fromtimestamp(portal.clock.time(), UTC)
