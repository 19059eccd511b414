"""Who may ask, and how often."""

from collections.abc import Collection
from datetime import timedelta
from math import ceil

from starlette.requests import Request

from backoffice.sandbox.timepad.call import Call
from backoffice.sandbox.timepad.errors import Refused
from backoffice.sandbox.timepad.state import TimepadState

MINUTE = timedelta(minutes=1)


def read_call(request: Request, state: TimepadState, parameters: Collection[str]) -> Call:
    """The request as a Call; Refused 401 for a wrong token, 429 over the limit, 400 for an unknown parameter.

    The token comes as `Authorization: Bearer` or, the older spelling, as `?token=`.
    """
    _count(state)
    token = sent_token(request)
    if token is not None and token != state.token:
        raise Refused(401, "wrong token")
    sent = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
    if state.switches.strict:
        _check_names([name for name, _ in sent], parameters)
    return Call(state, token is not None, request.path_params, dict(sent))


def sent_token(request: Request) -> str | None:
    """The token of the header or of the query; None for an anonymous visitor."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else request.query_params.get("token")


def _count(state: TimepadState) -> None:
    """Book one request in the last minute; the real figure and its answer are unverified."""
    limit, recent, now = state.switches.requests_per_minute, state.recent_requests, state.clock.now()
    if limit is None:
        return
    while recent and recent[0] <= now - MINUTE:
        recent.popleft()
    if len(recent) >= limit:
        wait = recent[0] + MINUTE - now if recent else MINUTE
        raise Refused(429, "too many requests", retry_after=ceil(wait.total_seconds()))
    recent.append(now)


def _check_names(sent: list[str], parameters: Collection[str]) -> None:
    for name in sent:
        if name not in parameters:
            raise Refused(400, f"unknown parameter {name!r}; known here: {', '.join(sorted(parameters))}")
        if sent.count(name) > 1:
            raise Refused(400, f"parameter {name!r} is repeated: arrays go comma-separated in one parameter")
