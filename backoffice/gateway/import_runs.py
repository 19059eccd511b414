"""The runs behind people's requests to import one event: one run a request, watched until it has ended."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from backoffice.bitrix24.errors import PortalError
from backoffice.gateway.elements import NoEvent, event_of_element
from backoffice.gateway.runs import Runs, RunUnknown
from backoffice.gateway.starts import NotStarted, Starter, start_afresh
from backoffice.rules.portal_setup import PortalLacks
from backoffice.store.counters import count
from backoffice.store.import_requests import SOURCE, name_event
from backoffice.store.inbox import InboxRow, mark_handled, note_start, pending

DEPLOYMENT = "attendance-import/one-event"
ELEMENT = "element "
PORTAL_SECONDS = 10
# Starts for Timepad's hooks wait meanwhile, and the portal answers two requests a second.
LOOKED_UP_AT_ONCE = 10

logger = logging.getLogger(__name__)


class ImportRuns:
    """Starts what was asked for and closes what has ended; `find_event` gives the event of a list's element."""

    def __init__(
        self, engine: Engine, starter: Starter, runs: Runs, *, find_event: Callable[[int], int] = event_of_element
    ) -> None:
        self._engine = engine
        self._starter = starter
        self._runs = runs
        self._find_event = find_event

    async def see_to(self, now: datetime) -> None:
        """Take the open requests a step on, a few of the unnamed; NotStarted as soon as Prefect does not answer."""
        requests = await run_in_threadpool(pending, self._engine, SOURCE)
        unnamed = [request for request in requests if request.subject.startswith(ELEMENT)]
        for request in unnamed[:LOOKED_UP_AT_ONCE]:
            await self._name_event(request, now)
        for request in requests:
            if request not in unnamed:
                await self._step(request, now)

    async def _step(self, request: InboxRow, now: datetime) -> None:
        if request.flow_run_id is None:
            await self._start(request, now)
        elif await self._ended(request.flow_run_id):
            await run_in_threadpool(mark_handled, self._engine, [request.id], now)

    async def _ended(self, run_id: str) -> bool:
        try:
            return await self._runs.ended(run_id)
        except RunUnknown as reason:
            raise NotStarted(f"Prefect does not tell of run {run_id}: {reason}") from reason

    async def _start(self, request: InboxRow, now: datetime) -> None:
        key, parameters = f"inbox:{SOURCE}:{request.id}:", {"event_id": int(request.subject)}
        run = await start_afresh(self._starter, DEPLOYMENT, key, request.starts, parameters)
        await run_in_threadpool(note_start, self._engine, SOURCE, request.id, run.run_id, now)
        logger.info("%s: run %s started for event %s", SOURCE, run.run_id, request.subject)

    async def _name_event(self, request: InboxRow, now: datetime) -> None:
        element = int(request.subject.removeprefix(ELEMENT))
        try:
            # The portal may take long: nobody else's start waits for it.
            async with asyncio.timeout(PORTAL_SECONDS):
                event_id = await asyncio.to_thread(self._find_event, element)
        except NoEvent:
            await run_in_threadpool(count, self._engine, f"{SOURCE} of no event")
            await run_in_threadpool(mark_handled, self._engine, [request.id], now)
        except (PortalError, PortalLacks, TimeoutError) as reason:
            logger.warning("request %d waits for the portal: %s", request.id, type(reason).__name__)
        else:
            await run_in_threadpool(name_event, self._engine, request.id, event_id, now)
