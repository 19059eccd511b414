"""`t=<Unix time>,v1=<hex HMAC-SHA256 of "t.message">`: the signature of deliveries and of pulls."""

import hashlib
import hmac
import re
from datetime import datetime

HEADER = "X-Leyka-Bridge-Signature"
EVENT_HEADER = "X-Leyka-Bridge-Event"
VALID_SECONDS = 300


def signature(secret: str, message: bytes, moment: datetime) -> str:
    return _signature(secret, message, int(moment.timestamp()))


def is_signed(header: str, secret: str, message: bytes, moment: datetime) -> bool:
    """With this secret, and not longer ago, or later, than 300 s."""
    found = re.fullmatch(r"t=(\d{1,12}),v1=[0-9a-f]{64}", header)
    if found is None or abs(moment.timestamp() - int(found[1])) > VALID_SECONDS:
        return False
    return hmac.compare_digest(header, _signature(secret, message, int(found[1])))


def _signature(secret: str, message: bytes, seconds: int) -> str:
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + message, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"
