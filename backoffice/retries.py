"""Which failures of a task deserve another try: used by every `@task` as its `retry_condition_fn`."""

from collections.abc import Mapping
from typing import Any, Protocol

import httpx
from sqlalchemy.exc import OperationalError

from backoffice.bitrix24.errors import AmbiguousWrite, BatchFailed, ListingBroken, PortalError, TryLater
from backoffice.leyka.errors import LeykaUnavailable
from backoffice.timepad import TimepadUnavailable


class _State(Protocol):
    def result(self, raise_on_failure: bool = ...) -> Any: ...


def worth_retrying(_task: Any, _run: Any, state: _State) -> bool:
    """True for an outage or a «later», false for a refusal, a mistake of ours and a misconfigured portal.

    Repeating is safe because a task that writes claims its natural keys first and looks up what is in doubt.
    """
    return is_passing(state.result(raise_on_failure=False))


def raise_if_passing(what: str, failures: Mapping[str, PortalError]) -> None:
    """Raise BatchFailed when any of the failures goes away by itself, so that the task is tried again as a whole."""
    if any(is_passing(error) for error in failures.values()):
        raise BatchFailed(what, list(failures.items()), len(failures))


def is_passing(error: Any) -> bool:
    """Whether the trouble goes away by itself."""
    if isinstance(error, BatchFailed):
        return any(is_passing(failure) for _, failure in error.failures)
    if isinstance(error, PortalError):
        return isinstance(error, TryLater | AmbiguousWrite | ListingBroken)
    return isinstance(error, LeykaUnavailable | TimepadUnavailable | httpx.TransportError | OperationalError)
