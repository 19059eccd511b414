"""Takes people's requests to import an event: stored first, once for a press, and started after."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from backoffice.gateway.dispatcher import Dispatcher
from backoffice.store.import_requests import ask
from backoffice.store.inbox import InboxRow


class ImportDesk:
    """`most` is how many requests may be open when another one comes; TooManyRequests beyond it."""

    def __init__(self, engine: Engine, dispatcher: Dispatcher, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._dispatcher = dispatcher
        self._clock = clock

    async def take(self, subject: str, press: str, asked_by: str, most: int) -> InboxRow:
        """The request that answers to the press."""

        def stored() -> InboxRow:
            return ask(self._engine, subject, press, {"asked_by": asked_by}, self._clock(), most)

        row = await run_in_threadpool(stored)
        self._dispatcher.wake()
        return row
