"""The two limits of a cloud portal, on the sandbox's clock.

Official sources: limits.md, settings/performance/limits.md.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from backoffice.sandbox.bitrix24.config import PortalConfig
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.clock import Clock

MINUTE = 60


class LeakyBucket:
    """Intensity: every HTTP request adds one, the bucket drains with time."""

    def __init__(self, clock: Clock, config: PortalConfig) -> None:
        self._clock, self._config = clock, config
        self._level = 0.0
        self._seen = clock.now()

    def pour(self) -> None:
        """Count one request, or refuse it (and not count it) with QUERY_LIMIT_EXCEEDED."""
        now = self._clock.now()
        passed = max(0.0, (now - self._seen).total_seconds())  # a clock may be moved back
        self._level = max(0.0, self._level - passed * self._config.drain_per_second)
        self._seen = now
        if self._level + 1 > self._config.bucket_size:
            raise Refusal("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)
        self._level += 1


@dataclass(frozen=True)
class Operating:
    """Seconds spent by one method in the window, and when its oldest minute drops out (unix time)."""

    seconds: float
    resets_at: int


class OperatingTime:
    """Work done per method and webhook, in one-minute baskets."""

    def __init__(self, clock: Clock, config: PortalConfig) -> None:
        self._clock, self._config = clock, config
        self._baskets: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def check(self, method: str) -> None:
        """Refuse before execution; the call that overflowed the limit was still executed."""
        if self.of(method).seconds >= self._config.operating_limit:
            raise Refusal("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)

    def charge(self, method: str, seconds: float) -> None:
        self._baskets[method][self._minute()] += seconds  # type: ignore[assignment] # a Counter may hold seconds

    def of(self, method: str) -> Operating:
        minute, window = self._minute(), self._config.operating_window
        baskets = self._baskets[method]
        for old in [basket for basket in baskets if basket <= minute - window // MINUTE]:
            del baskets[old]
        return Operating(sum(baskets.values()), min(baskets, default=minute) * MINUTE + window)

    def _minute(self) -> int:
        return int(self._clock.now().timestamp()) // MINUTE
