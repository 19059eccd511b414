"""A Bitrix24 portal over its REST API: one call, a listing, many commands.

The client keeps inside the portal's limits and obeys the portal's own «later», where the request was not executed.
It repeats nothing else: what is worth another try is decided by the flow's tasks (`backoffice.retries`).
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import httpx

from backoffice.bitrix24.batch import BatchResult, Command
from backoffice.bitrix24.bulk import END_OF_BATCH, Bulk, Guard
from backoffice.bitrix24.chains import Row
from backoffice.bitrix24.errors import OperatingTimeSpent, PortalBusy, TokenRenewed
from backoffice.bitrix24.failures import weighed
from backoffice.bitrix24.lanes import Lanes
from backoffice.bitrix24.limiter import Budget, Clock, WallClock
from backoffice.bitrix24.line import TIMEOUT, Line
from backoffice.bitrix24.listing import read_by_id, read_by_offset
from backoffice.bitrix24.methods import is_reading, listing_of
from backoffice.bitrix24.pace import Pace
from backoffice.bitrix24.transport import Access
from backoffice.bitrix24.wire import Answer

__all__ = ["END_OF_BATCH", "TIMEOUT", "Guard", "Portal", "Row"]

T = TypeVar("T")


class Portal:
    """One portal behind one webhook or one application; safe to use from many threads."""

    def __init__(
        self,
        access: Access,
        budget: Budget,
        *,
        clock: Clock | None = None,
        lanes: Lanes | None = None,
        operating_seconds: float = 480.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.host = access.host
        self.clock: Clock = clock or WallClock()
        self.pace = Pace(budget, lanes or Lanes(), self.clock, operating_seconds)
        self.line = Line(access, self.clock, self.pace.times, transport)

    def call(self, method: str, **params: Any) -> Any:
        """Call one method and give its `result`. Raises what errors.py lists."""
        return self.answer(method, params).result

    def answer(self, method: str, params: dict[str, Any]) -> Answer:
        """Call one method and give the whole answer, waiting as long as the portal says «later»."""
        waited = 0.0
        while True:
            self.pace.wait_for_place()
            try:
                return self.line.ask(method, params, lambda answer: answer, writes=not is_reading(method))
            except TokenRenewed:
                continue
            except (PortalBusy, OperatingTimeSpent) as later:
                waited = self.pace.wait_as_told(method, later, waited)

    def rows(self, method: str, **params: Any) -> Iterator[Row]:
        """All rows of a listing, streamed: in the order of their ids and without counting where the portal can filter
        by the ID, by offsets where it cannot. Every row that stays there all the time comes exactly once.
        """
        listing = listing_of(method)
        if listing.id_key is not None:
            return read_by_id(self, method, listing.id_key, params)
        return read_by_offset(self, method, params)

    def batch(self, commands: Iterable[Command[T]], before_send: Guard[T] | None = None) -> BatchResult[T]:
        """Execute any number of commands, up to 50 a request; one outcome for each command, in their order.

        A failed command does not stop the others. When a request gets no answer, its writes are AmbiguousWrite and
        no further request is begun: the commands after it are NotSent, but for those that were under way beside it. So
        they are when the portal goes on saying «later» for half an hour.
        `before_send` is told the items of a request when all waiting is over and it is about to leave; it raises
        TryLater to hold the request back.
        """
        outcomes = Bulk(self.line, self.pace, self.clock, list(commands), before_send).run()
        return BatchResult(tuple(weighed(outcome, self.clock.time()) for outcome in outcomes))

    def close(self) -> None:
        """Close the connections."""
        self.line.close()
