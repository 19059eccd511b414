"""Starts what waits in the inbox: at once when a webhook comes, and by looking again every few seconds.

A burst of webhooks is one run: while a start is fresh no other is made, and the run drains everything that waits.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from backoffice.gateway.import_runs import ImportRuns
from backoffice.gateway.starts import NotStarted, Started, Starter, start_afresh
from backoffice.store.inbox import Waiting, note_start, prune, waiting

# Which process a source hints at.
DEPLOYMENTS = {"timepad": "attendance-import/hinted", "leyka": "donation-reconciliation/hinted"}
# A run that has not drained the inbox by then is taken for lost.
START_AGAIN_AFTER = timedelta(minutes=15)
LONGEST_PAUSE_SECONDS = 30.0
PRUNE_EVERY = timedelta(hours=1)

logger = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Dispatcher:
    """Looks into the inbox every `look_every` seconds and when woken; an outage makes it patient, never stop."""

    def __init__(
        self,
        engine: Engine,
        starter: Starter,
        *,
        imports: ImportRuns | None = None,
        deployments: Mapping[str, str] = DEPLOYMENTS,
        clock: Callable[[], datetime] = utc_now,
        look_every: float = 5.0,
    ) -> None:
        self._engine = engine
        self._starter = starter
        self._imports = imports
        self._deployments = deployments
        self._clock = clock
        self._look_every = look_every
        self._woken = asyncio.Event()
        self._failures = 0
        self._task: asyncio.Task[None] | None = None
        self._pruned_at: datetime | None = None

    def wake(self) -> None:
        """Something was stored; to be called on the event loop."""
        self._woken.set()

    @property
    def alive(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def in_outage(self) -> bool:
        return self._failures > 0

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Dispatches in the background of the running event loop."""
        self._task = asyncio.create_task(self._work())
        self._task.add_done_callback(_tell_death)
        try:
            yield
        finally:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def start_waiting(self) -> None:
        """Makes every start that is due; NotStarted, after the others are made, if one could not be."""
        refused: NotStarted | None = None
        for source in await run_in_threadpool(waiting, self._engine):
            try:
                await self._start_if_due(source)
            except NotStarted as reason:
                refused = reason
        if self._imports is not None:
            await self._imports.see_to(self._clock())
        if refused is not None:
            raise refused

    async def prune_if_due(self) -> None:
        """Once an hour, drop the rows of the inbox that have waited for nothing for long."""
        now = self._clock()
        if self._pruned_at is None or now - self._pruned_at >= PRUNE_EVERY:
            await run_in_threadpool(prune, self._engine, now)
            self._pruned_at = now

    async def _work(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.start_waiting()
                await self.prune_if_due()
            except (NotStarted, SQLAlchemyError) as reason:
                await self._sit_out(reason)
                continue
            self._note_recovery()
            # Not wait_for: woken and cancelled at once, it would go on for ever.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_every):
                    await self._woken.wait()

    async def _start_if_due(self, source: Waiting) -> None:
        now = self._clock()
        if source.source not in self._deployments or not _is_due(source, now):
            return
        run = await self._run_of(source)
        await run_in_threadpool(note_start, self._engine, source.source, source.oldest_id, run.run_id, now)
        logger.info("%s: run %s started for %d waiting", source.source, run.run_id, source.rows)

    async def _run_of(self, source: Waiting) -> Started:
        key = f"inbox:{source.source}:{source.oldest_id}:"
        return await start_afresh(self._starter, self._deployments[source.source], key, source.starts)

    async def _sit_out(self, reason: Exception) -> None:
        self._failures += 1
        if self._failures == 1:
            # The reason's type says enough; the text of a database error repeats what was to be stored.
            logger.warning("the inbox waits: %s", reason if isinstance(reason, NotStarted) else type(reason).__name__)
        await asyncio.sleep(min(LONGEST_PAUSE_SECONDS, self._look_every * 2 ** min(self._failures - 3, 5)))

    def _note_recovery(self) -> None:
        if self._failures:
            logger.info("the inbox is served again after %d attempts", self._failures)
        self._failures = 0


def _tell_death(task: asyncio.Task[None]) -> None:
    """A defect ends the task: the gateway goes on storing, is not ready any more, and has to be restarted."""
    if not task.cancelled() and task.exception() is not None:
        logger.critical("the dispatcher stopped", exc_info=task.exception())


def _is_due(source: Waiting, now: datetime) -> bool:
    return source.last_started_at is None or now - source.last_started_at > START_AGAIN_AFTER
