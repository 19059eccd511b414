"""Signed delivery of hooks, at once and without a second attempt."""

import hashlib
import hmac
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

import httpx

from backoffice.sandbox.timepad import hook_body
from backoffice.sandbox.timepad.state import Event, Hook, Order, Ticket, TimepadState

WAIT_SECONDS = 10


@dataclass(frozen=True)
class Manner:
    """How a test wants a change delivered: `deliver` times (0 = the hook is lost), genuine or forged."""

    deliver: int = 1
    signature: Literal["right", "wrong", "none"] = "right"
    body: Literal["ticket", "order"] = "ticket"


@dataclass(frozen=True)
class Delivery:
    """What the receiver answered; no status means it could not be reached, and `error` says why."""

    url: str
    status: int | None
    error: str | None = None


Line = Callable[[str, Callable[[], Delivery]], list[Delivery]]
"""Calls `send` for the event as often as the line lets it, and gives what it gave."""


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature`: `sha1=` and the HMAC of the raw body in hex."""
    return "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def bodies(
    state: TimepadState, event: Event, changed: Sequence[tuple[Order, Ticket]], kind: Literal["ticket", "order"]
) -> list[bytes]:
    """One body per changed ticket, or one per order it belongs to."""
    if kind == "ticket":
        return [hook_body.raw(hook_body.ticket_change(event, order, ticket)) for order, ticket in changed]
    orders = {order.id: order for order, _ in changed}
    return [hook_body.raw(hook_body.order_change(event, order, state.switches)) for order in orders.values()]


def _good_line(_event: str, send: Callable[[], Delivery]) -> list[Delivery]:
    return [send()]


def deliver(
    hooks: Sequence[Hook], messages: Sequence[bytes], manner: Manner, line: Line = _good_line
) -> list[Delivery]:
    """Send every message to every hook `manner.deliver` times; failures are reported, not raised or repeated."""
    return [
        delivery
        for message in messages
        for hook in hooks
        for _ in range(manner.deliver)
        for delivery in line(f"timepad.{manner.body}", partial(_send, hook, message, manner)) or [_not_now(hook)]
    ]


def _not_now(hook: Hook) -> Delivery:
    return Delivery(hook.url, None, "an ordered fault: lost, or to come later")


@lru_cache
def _authorities() -> ssl.SSLContext:
    """Loaded once, because that takes longer than a delivery."""
    return httpx.create_ssl_context(trust_env=False)


def _send(hook: Hook, message: bytes, manner: Manner) -> Delivery:
    headers = {"Content-Type": "application/json"}
    if hook.secret and manner.signature != "none":
        secret = hook.secret if manner.signature == "right" else f"not-{hook.secret}"
        headers["X-Hub-Signature"] = signature(secret, message)
    try:
        with httpx.Client(timeout=WAIT_SECONDS, trust_env=False, verify=_authorities()) as client:
            answer = client.post(hook.url, content=message, headers=headers)
    except httpx.TransportError as error:
        return Delivery(hook.url, None, f"{type(error).__name__}: {error}")
    return Delivery(hook.url, answer.status_code)
