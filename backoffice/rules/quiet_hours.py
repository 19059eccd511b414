"""When people are not to be woken by a phone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True)
class QuietHours:
    """From `begin` to `end` by the clock of the portal's zone, over midnight where `begin` is later; none if equal."""

    begin: time
    end: time

    def hold(self, moment: datetime) -> bool:
        """Whether the moment, in the zone meant, is quiet."""
        clock = moment.time()
        if self.begin <= self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def over(self, moment: datetime) -> datetime:
        """When the quiet that holds at the moment ends; the moment itself if it is not quiet."""
        if not self.hold(moment):
            return moment
        end = moment.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return end if end > moment else end + timedelta(days=1)
