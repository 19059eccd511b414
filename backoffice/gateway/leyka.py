"""Events of leyka-bridge: signed, numbered, in their order. The process needs all that an event tells of the donation.

The plugin stops at the first event that is not taken, so what has its signature is taken whatever it is; what cannot be
read is parked with the reason.
"""

import json
from datetime import datetime
from typing import Any

from backoffice.gateway.delivery import Delivery, Refused, delivery_key
from backoffice.leyka.signature import SIGNATURE_HEADER, is_signed
from backoffice.rules.donation_events import read_event
from backoffice.rules.donation_fields import Unreadable

__all__ = ["CONTENT_TYPES", "SIGNATURE_HEADER", "SOURCE", "read_delivery"]

SOURCE = "leyka"
CONTENT_TYPES = frozenset({"application/json"})


def read_delivery(raw: bytes, signature: str | None, secret: str, now: datetime) -> Delivery:
    """The event in a signed body, usable or not; Refused with 401 for a missing, wrong or old signature."""
    if not is_signed(signature, raw, secret, now):
        raise Refused(401, "the signature is not valid")
    try:
        body = _json(raw)
    except (ValueError, RecursionError):
        return _unusable(raw, {"raw": raw.decode(errors="replace")}, "тело: не JSON")
    try:
        event = read_event(body)
    except Unreadable as reason:
        return _unusable(raw, body if isinstance(body, dict) else {"raw": body}, str(reason))
    return Delivery(event.event_id, f"{event.site} {event.donation_id}", body)


def _json(raw: bytes) -> Any:
    """The body; ValueError also for what only Python takes for JSON, such as NaN, because databases do not."""
    body = json.loads(raw)
    json.dumps(body, allow_nan=False)
    return body


def _unusable(raw: bytes, body: dict[str, Any], reason: str) -> Delivery:
    return Delivery(delivery_key(raw), "", body, unusable=reason)
