"""Events of the Bitrix24 portal: form-encoded, unsigned, known by the application token (apidocs.bitrix24.com, events).

No process listens to them yet, so they are filed as handled.
"""

from datetime import datetime, timedelta
from typing import Any

from backoffice.gateway.brackets import decode
from backoffice.gateway.delivery import Delivery, Refused, delivery_key, same_secret

SOURCE = "bitrix24"
CONTENT_TYPES = frozenset({"application/x-www-form-urlencoded"})
# The portal never sends an event again, so an old one comes from somebody who recorded it.
STALE_AFTER = timedelta(days=1)
KEPT = ("event", "event_handler_id", "data", "ts")


def read_event(raw: bytes, application_token: str, now: datetime) -> Delivery:
    """The event without its `auth`; Refused with 403 for a wrong token or an old event, 400 for what is no event."""
    form = _form(raw)
    auth = form.get("auth")
    token = auth.get("application_token") if isinstance(auth, dict) else None
    if not isinstance(token, str) or not same_secret(token, application_token):
        raise Refused(403, "the application token is missing or wrong")
    event, sent = form.get("event"), form.get("ts")
    if not isinstance(event, str) or not isinstance(sent, str) or not sent.isdecimal():
        raise Refused(400, "the body names no event or no moment")
    if now.timestamp() - int(sent) > STALE_AFTER.total_seconds():
        raise Refused(403, "the event is more than a day old")
    return Delivery(delivery_key(raw), event, {name: form[name] for name in KEPT if name in form})


def _form(raw: bytes) -> dict[str, Any]:
    try:
        return decode(raw)
    except ValueError as error:
        raise Refused(400, "the body is not a form") from error
