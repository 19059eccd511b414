"""The signature on what leyka-bridge and we send each other: `t=<Unix time>,v1=<HMAC-SHA256 of "t.message">`."""

import hashlib
import hmac
import re
from datetime import datetime

SIGNATURE_HEADER = "X-Leyka-Bridge-Signature"
VALID_SECONDS = 300
SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)


def sign(message: bytes, secret: str, now: datetime) -> str:
    """The header for a message that leaves now."""
    moment = int(now.timestamp())
    return f"t={moment},v1={_digest(message, secret, moment)}"


def is_signed(header: str | None, message: bytes, secret: str, now: datetime) -> bool:
    """Whether the header was made for this message with our secret, not more than 300 s from now. Without one, no."""
    found = SIGNATURE.fullmatch(header.strip()) if header and secret else None
    if found is None:
        return False
    genuine = hmac.compare_digest(_digest(message, secret, int(found[1])), found[2])
    return genuine and abs(now.timestamp() - int(found[1])) <= VALID_SECONDS


def _digest(message: bytes, secret: str, moment: int) -> str:
    return hmac.new(secret.encode(), b"%d.%b" % (moment, message), hashlib.sha256).hexdigest()
