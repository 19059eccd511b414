"""The `time` object of an answer. Official source: api-reference/data-types.md#time."""

from typing import Any

from backoffice.sandbox.bitrix24.moments import in_portal_zone
from backoffice.sandbox.bitrix24.portal import Portal


class Stopwatch:
    """Started before the work; an outer batch has no method and so no operating time of its own."""

    def __init__(self, portal: Portal, method: str | None = None) -> None:
        self._portal, self._method = portal, method
        self._start = portal.clock.now()

    def time(self) -> dict[str, Any]:
        finish = self._portal.clock.now()
        least = self._portal.config.command_seconds if self._method else 0.0
        spent = max(least, (finish - self._start).total_seconds())
        return {
            "start": self._start.timestamp(),
            "finish": finish.timestamp(),
            "duration": spent,
            "processing": spent,
            "date_start": in_portal_zone(self._start),
            "date_finish": in_portal_zone(finish),
            **self._operating(),
        }

    def _operating(self) -> dict[str, float | int]:
        if not self._portal.config.show_operating:
            return {}
        operating = self._portal.operating.of(self._method or "batch")
        return {"operating_reset_at": operating.resets_at, "operating": operating.seconds}
