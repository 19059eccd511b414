"""How long a portal will need for what a plan asks of it.

Two limits count (limits.md): requests, of which the portal takes a bucketful at once and then so many a second; and the
working time that it grants each method in ten minutes. Fifty writes fit into a request. How long a write takes nobody
says beforehand, so this is a guess for people, and the work itself keeps to what the portal answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from backoffice.rules.portal_words import Limits
from backoffice.rules.russian import counted, duration

WRITES_A_REQUEST = 50
WRITE_SECONDS = 0.5
WINDOW = timedelta(minutes=10)
REQUESTS = ("запрос", "запроса", "запросов")


@dataclass(frozen=True)
class Forecast:
    """How many requests, how many seconds of the portal's work, and how long all of it lasts."""

    requests: int
    working: timedelta
    lasts: timedelta

    @property
    def text(self) -> str:
        """«около 12 минут: 40 запросов, портал будет работать 15 минут»; empty if there is nothing to do."""
        if not self.requests:
            return ""
        work = f"{counted(self.requests, *REQUESTS)}, портал будет работать {duration(self.working, 'accusative')}"
        return f"{_about(self.lasts)}: {work}"


def forecast(writes: Mapping[str, int], limits: Limits, one_by_one: int = 0) -> Forecast:
    """What so many writes by method will take; `one_by_one` of them go in requests of their own."""
    single = min(one_by_one, sum(writes.values()))
    requests = single + ceil((sum(writes.values()) - single) / WRITES_A_REQUEST)
    pacing = max(0, requests - limits.bucket) / limits.drain_per_second
    granted = max((_granted(number * WRITE_SECONDS, limits) for number in writes.values()), default=0.0)
    working = sum(writes.values()) * WRITE_SECONDS
    return Forecast(requests, timedelta(seconds=working), timedelta(seconds=max(pacing, granted)))


def _granted(seconds: float, limits: Limits) -> float:
    """How long until one method has worked so long: what is over its allowance waits for the next ten minutes."""
    waits = max(0, ceil(seconds / limits.operating_seconds) - 1)
    return waits * WINDOW.total_seconds() + seconds - waits * limits.operating_seconds


def _about(length: timedelta) -> str:
    return duration(length) if length < timedelta(minutes=1) else f"около {_genitive(length)}"


def _genitive(length: timedelta) -> str:
    minutes = ceil(length.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "часа", "часов", "часов")] if hours else []
    return " ".join([*parts, *([counted(rest, "минуты", "минут", "минут")] if rest else [])])
