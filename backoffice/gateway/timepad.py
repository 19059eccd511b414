"""Timepad's hooks: a ticket or an order of an event changed (help.timepad.ru, API, hooks).

The signature header and the ticket change are documented. The order change was only seen in receivers' code, which
find its event in `event.id`; ids come as numbers or as strings. The hook is a hint: nothing in it is taken as a fact.
"""

import hashlib
import hmac
import json
from typing import Any

from backoffice.gateway.delivery import Delivery, Refused, delivery_key, same_secret

SOURCE = "timepad"
CONTENT_TYPES = frozenset({"application/json", "text/json"})
LONGEST_VALUE = 64


def read_hook(raw: bytes, signature: str | None, secret: str) -> Delivery:
    """The hint in a signed body; Refused with 401 for a missing or wrong signature, with 400 for a body of no event."""
    expected = "sha1=" + hmac.new(secret.encode(), raw, hashlib.sha1).hexdigest()
    if signature is None or not same_secret(signature.strip().lower(), expected):
        raise Refused(401, "the signature is missing or wrong")
    body = _object(raw)
    event_id = _event_id(body)
    return Delivery(delivery_key(raw), str(event_id), {"event_id": event_id, **_redacted(body)})


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "the body is not JSON") from error
    if not isinstance(body, dict):
        raise Refused(400, "the body is not a JSON object")
    return body


def _event_id(body: dict[str, Any]) -> int:
    event = body.get("event")
    given = body.get("event_id", event.get("id") if isinstance(event, dict) else None)
    digits = str(given) if isinstance(given, int | str) else ""
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        raise Refused(400, "the body names no event")
    return int(digits)


def _redacted(body: dict[str, Any]) -> dict[str, Any]:
    """Numbers, states and marks; never a name, an e-mail or an answer."""
    status = body.get("status")
    of_ticket = "order_id" in body
    number = body.get("ticket_id", body.get("id") if of_ticket else None)
    kept = {
        # "number:code", and the code opens the door.
        "ticket_id": number.partition(":")[0] if isinstance(number, str) else number,
        "order_id": body.get("order_id") if of_ticket else body.get("id"),
        "status_raw": body.get("status_raw", status.get("name") if isinstance(status, dict) else None),
        "attended": body.get("attended"),
        "reg_date": body.get("reg_date"),
    }
    return {name: value for name, value in kept.items() if _is_plain(value)}


def _is_plain(value: object) -> bool:
    return isinstance(value, bool | int) or (isinstance(value, str) and len(value) <= LONGEST_VALUE)
