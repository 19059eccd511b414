"""The portal as it was before the last write, for reads from a copy that lags behind."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the world holds both
    from backoffice.sandbox.bitrix24.crm.store import Crm
    from backoffice.sandbox.bitrix24.portal import Portal
    from backoffice.sandbox.bitrix24.tasks.store import Tasks
    from backoffice.sandbox.bitrix24.universal_lists.store import UniversalLists


class Past:
    """One state, and when it was left."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._state: tuple[Crm, UniversalLists, Tasks] | None = None
        self._left_at: datetime | None = None

    def keep(self, portal: "Portal") -> None:
        """Remember the present state, which is about to change."""
        with portal.lock:
            outside = {id(shared): shared for shared in (portal.clock, portal.hooks)}
            self._state = copy.deepcopy((portal.crm, portal.lists, portal.tasks), outside)
            self._left_at = portal.clock.now()

    def younger_than(self, seconds: float, now: datetime) -> bool:
        """Whether there was a write so short a time ago."""
        return self._left_at is not None and now - self._left_at < timedelta(seconds=seconds)

    @contextmanager
    def shown_by(self, portal: "Portal") -> Iterator[None]:
        """While inside, the portal answers from the past; nobody else is answered."""
        if self._state is None:
            raise LookupError("nothing was written yet")
        with portal.lock:
            present = portal.crm, portal.lists, portal.tasks
            portal.crm, portal.lists, portal.tasks = self._state
            try:
                yield
            finally:
                portal.crm, portal.lists, portal.tasks = present
