"""What a request without a good answer means: may it have been executed, and may it be sent again?"""

from datetime import UTC, datetime
from typing import TypeVar

import httpx

from backoffice.bitrix24.batch import Command, Outcome
from backoffice.bitrix24.errors import (
    BROKEN_PORTAL_CODES,
    AmbiguousWrite,
    NotSent,
    OperatingTimeSpent,
    PortalBusy,
    PortalError,
    PortalUnreachable,
    RequestRefused,
    refusal,
)
from backoffice.bitrix24.methods import is_reading

T = TypeVar("T")

REQUEST_TIMEOUT = 408


def unconnected(label: str, host: str, reason: str) -> PortalUnreachable:
    """The error for a request that never left."""
    remedy = "проверьте сеть и адрес портала (BITRIX24_WEBHOOK_URL)"
    return PortalUnreachable(f"портал {host} не отвечает: {remedy}: {label}: no connection: {reason}")


def unanswered(label: str, reason: str, sent_at: float, *, writes: bool) -> PortalError:
    """The error for a request that left and got no answer; `sent_at` in epoch seconds."""
    if writes:
        return AmbiguousWrite(f"{label}: no answer: {reason}", sent_at=datetime.fromtimestamp(sent_at, UTC))
    return PortalUnreachable(f"портал не ответил, повторите позже: {label}: no answer: {reason}")


def failure(
    label: str, response: httpx.Response, error: PortalError | None, sent_at: float, *, writes: bool
) -> PortalError:
    """Tell the portal's own refusal from a server that broke on the way; `error` is what the envelope says, if any."""
    if isinstance(error, PortalBusy | OperatingTimeSpent):
        error.wait = max(error.wait, _retry_after(response))
        return error
    if error is not None and not _is_breakdown(error, response.status_code):
        return error
    if error is None and response.status_code == 429:
        return PortalBusy(f"{label}: HTTP 429", wait=_retry_after(response))
    if error is None and 400 <= response.status_code < 500 and response.status_code != REQUEST_TIMEOUT:
        return refusal(label, f"HTTP {response.status_code}", "the answer is not a portal's; is the address right?")
    return unanswered(label, f"HTTP {response.status_code}", sent_at, writes=writes)


def weighed(outcome: Outcome[T], sent_at: float) -> Outcome[T]:
    """An outcome in which a breakdown of the portal over one command counts as no answer."""
    error, method = outcome.error, outcome.command.method
    if error is None or not _is_breakdown(error, 200):
        return outcome
    return Outcome(outcome.command, error=unanswered(method, str(error), sent_at, writes=not is_reading(method)))


def seen_by(command: Command[T], error: PortalError) -> PortalError:
    """What a request's failure means for one of its commands: a reading one is never ambiguous."""
    if isinstance(error, AmbiguousWrite) and is_reading(command.method):
        return PortalUnreachable(str(error))
    return error


def not_sent(command: Command[T]) -> Outcome[T]:
    """The outcome of a command whose turn never came."""
    return Outcome(command, error=NotSent(f"{command.method}: not sent, the portal did not answer the request before"))


def _is_breakdown(error: PortalError, status: int) -> bool:
    """The server failed, perhaps after it had written: a code that says so, or a 5xx without any code."""
    if not isinstance(error, RequestRefused):
        return False
    return error.code.casefold() in BROKEN_PORTAL_CODES or (status >= 500 and not error.code)


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 1.0
