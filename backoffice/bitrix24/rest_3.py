"""Writes by REST 3.0, which executes what comes twice under one Idempotency-Key once (api-reference/rest-v3.md).

The key is worth 24 hours, within one method and one webhook or application, and only after an answer that was a
success: two requests at the same time may both be executed. So it does not replace the claim in our store and the
look at the portal; it makes harmless what the portal's lists are late to show.

There is a `batch` in REST 3.0, but all or nothing: here each command is a request.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from backoffice.bitrix24.batch import BatchResult, Command, Outcome
from backoffice.bitrix24.bulk import END_OF_BATCH, Guard
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.doubt import moment
from backoffice.bitrix24.errors import (
    AmbiguousWrite,
    OperatingTimeSpent,
    PortalBusy,
    PortalError,
    RequestRefused,
    TokenRenewed,
    TryLater,
)
from backoffice.bitrix24.failures import not_sent
from backoffice.bitrix24.limiter import Clock
from backoffice.bitrix24.wire import Answer

T = TypeVar("T")

KEY_WORTH = timedelta(hours=23)
"""An hour less than the documents say: the portal counts by its own clock."""
LONGEST_KEY = 255
REUSED = "bitrix_rest_v3_exception_idempotencykeyreusedexception"


class KeyReused(AmbiguousWrite):
    """Written under this key before, in other words: it stands there and has to be looked up."""


class KeyedWrites:
    """The portal for writes by REST 3.0, on the budget and the lanes of its client.

    `key_of` gives the idempotency key of a command's item: up to 255 printable ASCII characters.
    """

    def __init__(self, portal: Portal, key_of: Callable[[str], str]) -> None:
        self.host = portal.host
        self.clock: Clock = portal.clock
        self._portal = portal
        self._key_of = key_of

    def batch(self, commands: Iterable[Command[str]], before_send: Guard[str] | None = None) -> BatchResult[str]:
        """As `Portal.batch`, one request for each command; nothing is sent after a request without an answer.

        What was written under the key before, in other words, is KeyReused.
        """
        outcomes: list[Outcome[str]] = []
        stopped = False
        for command in commands:
            outcomes.append(not_sent(command) if stopped else self._outcome(command, before_send))
            error = outcomes[-1].error
            stopped = stopped or (isinstance(error, END_OF_BATCH) and not isinstance(error, KeyReused))
        return BatchResult(tuple(outcomes))

    def _outcome(self, command: Command[str], before_send: Guard[str] | None) -> Outcome[str]:
        try:
            return Outcome(command, self._answer(command, before_send))
        except RequestRefused as error:
            return Outcome(command, error=self._weighed(error))
        except (AmbiguousWrite, TryLater) as error:
            return Outcome(command, error=error)

    def _answer(self, command: Command[str], before_send: Guard[str] | None) -> Answer:
        key, waited = self._key_of(command.item), 0.0
        if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
            raise ValueError(f"no idempotency key: {key!r}")
        while True:
            self._portal.pace.wait_for_place([command.method])
            if before_send is not None:
                before_send([command.item])
            try:
                return self._portal.line.ask(command.method, command.params, _whole, writes=True, key=key)
            except TokenRenewed:
                continue
            except (PortalBusy, OperatingTimeSpent) as later:
                waited = self._portal.pace.wait_as_told(command.method, later, waited)

    def _weighed(self, error: RequestRefused) -> PortalError:
        if error.code.casefold() == REUSED:
            return KeyReused(str(error), sent_at=moment(self._portal))
        return error


def _whole(answer: Answer) -> Answer:
    return answer
