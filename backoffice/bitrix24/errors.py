"""What can go wrong with a portal, named by what to do next.

PortalError
├── TryLater              nothing was executed: the same call may be repeated later
│   ├── PortalBusy        the portal's request limit is spent (QUERY_LIMIT_EXCEEDED)
│   ├── OperatingTimeSpent  the method's operating time is spent (OPERATION_TIME_LIMIT)
│   ├── PortalUnreachable no connection, or a reading call without an answer
│   ├── TokenRenewed      the access token had expired, there is a newer one now: send again at once
│   └── NotSent           a command of a batch whose turn never came
├── AmbiguousWrite        no answer came, or the portal broke down: look the natural key up before anything else
├── RequestRefused        the portal, or a server before it, said no: repair the request, repeating is useless
│   ├── AccessDenied      the webhook, its owner's rights, its scopes or the tariff do not allow it
│   ├── NotFound          the thing addressed does not exist, or is hidden from the webhook's owner
│   └── AlreadyExists     the natural key is taken: what we wanted to write stands there
├── ListingBroken         a listing that could not be read whole
└── BatchFailed           some commands of a batch failed, the others are done; lists every failure with its item

No message carries the webhook's secret: it never enters a request object outside the transport.
"""

import copyreg
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backoffice.bitrix24.advice import ADVICE
from backoffice.rules.masking import E_MAIL


class PortalError(Exception):
    """Base of everything that a call to a portal raises."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Copied and pickled with all it knows, whatever its constructor asks for."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined] # not in typeshed


class TryLater(PortalError):
    """Nothing was executed; the same call may be repeated after `wait` seconds."""

    def __init__(self, message: str, *, wait: float = 1.0) -> None:
        super().__init__(message)
        self.wait = wait


class PortalBusy(TryLater):
    """QUERY_LIMIT_EXCEEDED, or a 429 that names no method."""


class OperatingTimeSpent(TryLater):
    """OPERATION_TIME_LIMIT: the method's seconds of the last ten minutes are spent."""


class PortalUnreachable(TryLater):
    """The portal gave no usable answer and no write can have happened."""


class TokenRenewed(TryLater):
    """The access token had expired and there is a newer one: the same call may be sent at once."""


class NotSent(TryLater):
    """A command that was not sent, because an earlier request of its batch got no answer."""


class AmbiguousWrite(PortalError):
    """A write left for the portal and its outcome is unknown; the portal may still be executing it.

    `sent_at` is the moment of sending (aware).
    """

    def __init__(self, message: str, *, sent_at: datetime) -> None:
        super().__init__(message)
        self.sent_at = sent_at


class RequestRefused(PortalError):
    """The portal's own refusal: `code` and `description` as it gave them."""

    def __init__(self, message: str, *, code: str, description: str) -> None:
        super().__init__(message)
        self.code = code
        self.description = description


class AccessDenied(RequestRefused):
    """Credentials, rights, scopes or the tariff; the message says what an administrator has to do (advice.py)."""


class NotFound(RequestRefused):
    """No such entity for the webhook's owner."""


class AlreadyExists(RequestRefused):
    """The natural key is taken."""


class ListingBroken(PortalError):
    """The pages of a listing did not add up to the whole."""


class BatchFailed(PortalError):
    """Some commands failed. `failures` pairs the item of each with its error, in the order of the commands."""

    SHOWN = 10

    def __init__(self, method: str, failures: Sequence[tuple[Any, PortalError]], total: int) -> None:
        shown = "; ".join(f"{item!r}: {error}" for item, error in failures[: self.SHOWN])
        more = f"; and {len(failures) - self.SHOWN} more" if len(failures) > self.SHOWN else ""
        super().__init__(f"{len(failures)} of {total} commands failed ({method}): {shown}{more}")
        self.failures = tuple(failures)


ACCESS_CODES = frozenset(
    {
        "200040300010",
        "200040300030",
        "200040300040",
        "access_denied",
        "allowed_only_intranet_user",
        "application_not_found",
        "authorization_error",
        "bitrix_rest_v3_exception_accessdeniedexception",
        "bitrix_rest_v3_exception_insufficientscopeexception",
        "error_oauth",
        "expired_token",
        "insufficient_scope",
        "invalid_client",
        "invalid_credentials",
        "invalid_grant",
        "invalid_scope",
        "invalid_token",
        "method_confirm_denied",
        "method_confirm_waiting",
        "no_auth_found",
        "not_installed",
        "overload_limit",
        "payment_required",
        "portal_deleted",
        "user_access_error",
        "wrong_auth_type",
        "wrong_client",
    }
)
ABSENT_CODES = frozenset({"not_found", "error_element_not_found"})
TAKEN_CODES = frozenset({"error_element_already_exists", "error_iblock_already_exists"})
BROKEN_PORTAL_CODES = frozenset({"internal_server_error", "error_unexpected_answer"})


def refusal(method: str, code: str, description: str) -> PortalError:
    """The error for a code of the portal (settings/how-to-call-rest-api, _includes/system-errors).

    Codes are compared without letter case: the documents mix `expired_token` and `EXPIRED_TOKEN`. Legacy CRM methods
    leave the code empty, so «not found» is recognised by their text too.
    """
    folded, text = code.casefold(), description.casefold()
    said = [method, code or "refused", E_MAIL.sub("<e-mail>", description), ADVICE.get(folded, "")]
    message = ": ".join(filter(None, said))
    if folded == "query_limit_exceeded":
        return PortalBusy(message)
    if folded == "operation_time_limit":
        return OperatingTimeSpent(message, wait=10.0)
    return _refusal_class(folded, text)(message, code=code, description=description)


def _refusal_class(code: str, text: str) -> type[RequestRefused]:
    if code in ACCESS_CODES or "access denied" in text:
        return AccessDenied
    if code in TAKEN_CODES or "already exists" in text:
        return AlreadyExists
    if code in ABSENT_CODES or "not found" in text:
        return NotFound
    return RequestRefused
