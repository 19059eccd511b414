"""The routes of the gateway. What is refused leaves a counter and nothing else."""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice.gateway import bitrix24, leyka, robots, timepad
from backoffice.gateway.bodies import read_body
from backoffice.gateway.delivery import Delivery, Refused, same_secret
from backoffice.gateway.dispatcher import Dispatcher, utc_now
from backoffice.gateway.frame import Turned, turned
from backoffice.gateway.import_desk import ImportDesk
from backoffice.gateway.page import PortalPage
from backoffice.gateway.readiness import FAILING, WELL, Probe, nobody_looks
from backoffice.store.counters import count
from backoffice.store.import_requests import TooManyRequests
from backoffice.store.inbox import accept, accept_once, count_parked, file_away, park, waiting

logger = logging.getLogger(__name__)

SECRET_NAMES = TIMEPAD, TOKEN, PATH, LEYKA = (
    "TIMEPAD_WEBHOOK_SECRET",
    "BITRIX24_APPLICATION_TOKEN",
    "BITRIX24_HOOK_SECRET",
    "LEYKA_SECRET",
)


@dataclass(frozen=True)
class Secrets:
    """What proves a sender; a route whose secret is None answers 503 and accepts nothing."""

    timepad: str | None = field(default=None, repr=False)
    application_token: str | None = field(default=None, repr=False)
    path: str | None = field(default=None, repr=False)
    leyka: str | None = field(default=None, repr=False)

    def told(self) -> dict[str, str]:
        """Which variables are set, by name."""
        named = zip(SECRET_NAMES, (self.timepad, self.application_token, self.path, self.leyka), strict=True)
        return {name: "set" if secret else "empty" for name, secret in named}


class Gateway:
    """The endpoints: a webhook is stored before it is answered, and started after."""

    def __init__(
        self,
        engine: Engine,
        secrets: Secrets,
        dispatcher: Dispatcher,
        clock: Callable[[], datetime],
        page: PortalPage | None,
        probe: Probe,
    ) -> None:
        self._page = page
        self._probe = probe
        self._engine = engine
        self._secrets = secrets
        self._dispatcher = dispatcher
        self._clock = clock
        self._desk = ImportDesk(engine, dispatcher, clock)

    async def timepad(self, request: Request) -> Response:
        secret = _set(TIMEPAD, self._secrets.timepad)
        raw = await read_body(request, timepad.CONTENT_TYPES)
        hook = timepad.read_hook(raw, request.headers.get("x-hub-signature"), secret)
        await self._store(accept, timepad.SOURCE, hook)
        self._dispatcher.wake()
        return JSONResponse({"accepted": True})

    async def bitrix24(self, request: Request) -> Response:
        token = _set(TOKEN, self._secrets.application_token)
        self._demand_path_secret(request)
        raw = await read_body(request, bitrix24.CONTENT_TYPES)
        await self._store(file_away, bitrix24.SOURCE, bitrix24.read_event(raw, token, self._clock()))
        return JSONResponse({"accepted": True})

    async def leyka(self, request: Request) -> Response:
        """Whatever the site has signed is taken: its queue stops at the first event that is not."""
        secret = _set(LEYKA, self._secrets.leyka)
        raw = await read_body(request, leyka.CONTENT_TYPES)
        event = leyka.read_delivery(raw, request.headers.get(leyka.SIGNATURE_HEADER), secret, self._clock())
        store = partial(park, reason=event.unusable) if event.unusable else accept_once
        await self._store(store, leyka.SOURCE, event)
        self._dispatcher.wake()
        return JSONResponse({"accepted": True})

    async def robot(self, request: Request) -> Response:
        """A robot asks for an import; its requests about an event that is still being imported are one."""
        self._demand_path_secret(request)
        raw = await read_body(request, robots.CONTENT_TYPES)
        subject = robots.subject_of(request.query_params, raw)
        try:
            row = await self._desk.take(subject, uuid4().hex, "robot", robots.MOST_OPEN)
        except TooManyRequests as refused:
            raise Refused(429, "too many requests are open") from refused
        return JSONResponse({"accepted": True, "request": row.id})

    async def refuse(self, request: Request, refused: Exception) -> Response:
        """Counts the refusal and answers it."""
        if not isinstance(refused, Refused):
            raise refused
        source = request.url.path.split("/")[1]
        await run_in_threadpool(count, self._engine, f"{source} refused {refused.status}")
        if isinstance(refused, Turned):
            return turned(request, refused, self._page.origin if self._page else "'none'")
        return JSONResponse({"error": refused.reason}, status_code=refused.status)

    async def postpone(self, _request: Request, outage: Exception) -> Response:
        """The store does not take it: the sender is told to come again."""
        logger.error("a webhook was not stored: %s", type(outage).__name__)
        return JSONResponse({"error": "not stored, send it again"}, status_code=503)

    async def health(self, _request: Request) -> Response:
        """200 as long as the program answers."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """200 if webhooks can be stored and are being started; an outage of Prefect only makes them wait.

        Secrets are only told set or empty: without its own a route accepts nothing.
        """
        try:
            sources = await run_in_threadpool(waiting, self._engine)
            parked = await run_in_threadpool(count_parked, self._engine)
        except SQLAlchemyError:
            return JSONResponse({"store": "unreachable"}, status_code=503)
        alive, prefect = self._dispatcher.alive, await self._probe()
        return JSONResponse(
            {
                "store": "ok",
                "dispatcher": "working" if alive else "stopped",
                "prefect": FAILING if prefect == WELL and self._dispatcher.in_outage else prefect,
                "secrets": self._secrets.told(),
                "waiting": {source.source: source.rows for source in sources},
                "parked": parked,
            },
            status_code=200 if alive else 503,
        )

    def _demand_path_secret(self, request: Request) -> None:
        path = _set(PATH, self._secrets.path)
        if not same_secret(request.path_params["secret"], path):
            raise Refused(404, "there is nothing here")

    async def _store(self, store: Callable[..., object], source: str, delivery: Delivery) -> None:
        await run_in_threadpool(
            store, self._engine, source, delivery.key, delivery.subject, delivery.body, self._clock()
        )


def create_app(
    engine: Engine,
    secrets: Secrets,
    dispatcher: Dispatcher,
    clock: Callable[[], datetime] = utc_now,
    page: PortalPage | None = None,
    probe: Probe = nobody_looks,
) -> Starlette:
    """The gateway as an ASGI program; the dispatcher works while it serves. `page` is what the portal may frame."""
    gateway = Gateway(engine, secrets, dispatcher, clock, page, probe)

    def lifespan(_app: Starlette) -> AbstractAsyncContextManager[None]:
        return dispatcher.working()

    routes = [
        Route("/timepad", gateway.timepad, methods=["POST"]),
        Route("/leyka", gateway.leyka, methods=["POST"]),
        Route("/bitrix24/{secret}", gateway.bitrix24, methods=["POST"]),
        Route("/bitrix24/{secret}/import", gateway.robot, methods=["POST"]),
        Route("/health", gateway.health),
        Route("/ready", gateway.ready),
        *(page.routes() if page is not None else []),
    ]
    answers = {Refused: gateway.refuse, SQLAlchemyError: gateway.postpone}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=answers)


def _set(name: str, secret: str | None) -> str:
    if not secret:
        raise Refused(503, f"{name} is not set, so nothing can be verified")
    return secret
