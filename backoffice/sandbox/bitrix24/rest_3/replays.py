"""Answers kept under the header `Idempotency-Key`. Official source: rest-v3.md#idempotency."""

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backoffice.sandbox.bitrix24.php import to_json
from backoffice.sandbox.clock import Clock

KEPT = timedelta(hours=24)
LONGEST = 255

Scope = tuple[str, int, str, str]  # the application or the webhook, the person, the method, the key


@dataclass(frozen=True, slots=True)
class Kept:
    asked: bytes
    answered: bytes
    at: datetime

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(zlib.decompress(self.answered))
        return found


class Replays:
    """Successful answers of the last 24 hours, the oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[Scope, Kept] = {}

    def find(self, scope: Scope, as_of: datetime) -> Kept | None:
        """What a request that came at the moment is answered with: a later answer did not stop it."""
        found = self._kept.get(scope)
        return found if found and found.at <= as_of < found.at + KEPT else None

    def keep(self, scope: Scope, asked: bytes, body: dict[str, Any]) -> None:
        now = self._clock.now()
        while self._kept and (oldest := next(iter(self._kept.items())))[1].at + KEPT <= now:
            del self._kept[oldest[0]]
        self._kept.pop(scope, None)
        self._kept[scope] = Kept(asked, zlib.compress(to_json(body)), now)


def readable_key(key: str) -> bool:
    """1 to 255 printable ASCII characters."""
    return 1 <= len(key) <= LONGEST and all(" " <= character <= "~" for character in key)


def fingerprint(params: dict[str, Any]) -> bytes:
    """Of the body decoded and without the token; whether bytes or values are compared is undocumented."""
    said = {name: value for name, value in params.items() if name != "auth"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()
