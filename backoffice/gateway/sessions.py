"""Sessions of the page inside the portal: a signed token that the page itself holds and sends, in no cookie.

The page stands in a frame of another site, where browsers drop cookies; and what the browser does not add by itself
no other site can make it send. The key lives as long as the program: after a restart people open the page anew.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from backoffice.gateway.delivery import same_secret

LASTS = timedelta(minutes=30)


class StaleSession(Exception):
    """The token is not ours, or its time is over: the page has to be opened anew."""


@dataclass(frozen=True)
class Session:
    """Who opened the page; `ahead` is by how many seconds the portal's clock is ahead of ours."""

    user_id: int
    ahead: float
    ends: float
    nonce: str

    def now(self, here: datetime) -> datetime:
        """The portal's time at our moment `here`."""
        return here + timedelta(seconds=self.ahead)


class Sessions:
    """Makes and reads the tokens."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def open(self, user_id: int, ahead: float) -> str:
        """The token of a new session."""
        ends = (self._clock() + LASTS).timestamp()
        session = asdict(Session(user_id, ahead, ends, secrets.token_urlsafe(12)))
        payload = base64.urlsafe_b64encode(json.dumps(session).encode()).decode()
        return f"{payload}.{self._sign('session', payload)}"

    def read(self, token: str) -> Session:
        """The session of a token; StaleSession."""
        payload, _, signature = token.partition(".")
        if not same_secret(signature, self._sign("session", payload)):
            raise StaleSession
        try:
            session = Session(**json.loads(base64.urlsafe_b64decode(payload)))
        except (binascii.Error, ValueError, TypeError) as odd:
            raise StaleSession from odd
        if session.ends <= self._clock().timestamp():
            raise StaleSession
        return session

    def csrf(self, token: str) -> str:
        """What a request that starts something has to show besides the token of its session."""
        return self._sign("csrf", token)

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()
