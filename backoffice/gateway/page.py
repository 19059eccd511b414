"""The page inside the portal, opened as a local application: recent events, and a button that imports one of them.

The portal POSTs the frame's address with a token of the person (api-reference/widgets, local-integrations). The token
is shown to our own portal once and kept nowhere; from then on the page's own requests carry a session of ours.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice.gateway import board
from backoffice.gateway.bodies import read_body
from backoffice.gateway.delivery import same_secret
from backoffice.gateway.dispatcher import Dispatcher, utc_now
from backoffice.gateway.entrance import Entrance
from backoffice.gateway.frame import Turned, asset, fragment, whole_page
from backoffice.gateway.import_desk import ImportDesk
from backoffice.gateway.progress import Progress
from backoffice.gateway.runs import Runs
from backoffice.gateway.sessions import Session, Sessions, StaleSession
from backoffice.store.import_requests import TooManyRequests, find_request
from backoffice.timepad import TimepadError, TimepadRefused

FORM = frozenset({"application/x-www-form-urlencoded"})
PRESS = re.compile(r"[A-Za-z0-9-]{8,64}")
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
MOST_OPEN = 30


@dataclass(frozen=True)
class PortalPage:
    """`origin` is the portal of our settings: the only one that may frame the page."""

    engine: Engine
    origin: str
    desk: ImportDesk
    progress: Progress
    entrance: Entrance
    sessions: Sessions
    clock: Callable[[], datetime]

    def routes(self) -> list[Route]:
        """The page, what its script asks for, and its two files."""
        return [
            Route("/app", self.open, methods=["POST"]),
            Route("/app", self.outside, methods=["GET"]),
            Route("/app/events", self.events, methods=["GET"]),
            Route("/app/imports", self.ask, methods=["POST"]),
            Route("/app/imports/{request_id:int}", self.follow, methods=["GET"]),
            Route("/app/page.css", asset("page.css", "text/css"), methods=["GET"]),
            Route("/app/page.js", asset("page.js", "text/javascript"), methods=["GET"]),
        ]

    async def outside(self, _request: Request) -> Response:
        """Somebody typed the address."""
        raise Turned(405, "Эта страница открывается из Битрикс24: там её показывает меню приложений.")

    async def open(self, request: Request) -> Response:
        """The frame, with a session for the person whom our portal knows."""
        visitor = await self.entrance.admit(request.query_params.getlist("DOMAIN"), await _form(request))
        ahead = (visitor.seen_at - self.clock()).total_seconds() if visitor.seen_at else 0.0
        session = self.sessions.open(visitor.user_id, ahead)
        return whole_page(self.origin, "page.html.j2", session=session, csrf=self.sessions.csrf(session))

    async def events(self, request: Request) -> Response:
        """The table of recent events, or of the one with the number asked for."""
        _, session = self._session(request)
        number, now = request.query_params.get("number", "").strip(), session.now(self.clock())
        if number and not NUMBER.fullmatch(number):
            raise Turned(400, "Номер мероприятия — это число, последнее в его адресе на Таймпаде.")
        try:
            lines = await run_in_threadpool(board.lines, int(number) if number else None, now)
        except TimepadRefused as refusal:
            raise Turned(404 if number else 502, _refused(number, refusal)) from refusal
        except TimepadError as outage:
            raise Turned(502, "Таймпад не отвечает. Обход по расписанию перенесёт мероприятия сам.") from outage
        return fragment("events.html.j2", events=lines, number=number, days=board.LOOK_BACK.days)

    async def ask(self, request: Request) -> Response:
        """Store what was asked for, once for a press, and let it be started."""
        token, session = self._session(request)
        if not same_secret(request.headers.get("x-csrf-token", ""), self.sessions.csrf(token)):
            raise Turned(403, "Запрос не от этой страницы. Откройте её из портала заново.")
        form = await _form(request)
        event, press = form.get("event", [""])[0], form.get("press", [""])[0]
        if not NUMBER.fullmatch(event) or not PRESS.fullmatch(press):
            raise Turned(400, "Запрос не называет мероприятия.")
        try:
            row = await self.desk.take(event, press, f"user {session.user_id}", MOST_OPEN)
        except TooManyRequests:
            raise Turned(429, "Слишком много импортов ждут своей очереди. Повторите, когда они закончатся.") from None
        return fragment("import.html.j2", 202, **await self.progress.of(row))

    async def follow(self, request: Request) -> Response:
        """How the request stands."""
        self._session(request)
        row = await run_in_threadpool(find_request, self.engine, request.path_params["request_id"])
        if row is None:
            raise Turned(404, "Такого запроса нет.")
        return fragment("import.html.j2", **await self.progress.of(row))

    def _session(self, request: Request) -> tuple[str, Session]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise StaleSession
            return token, self.sessions.read(token)
        except StaleSession:
            raise Turned(401, "Сеанс закончился. Обновите страницу портала: запрошенное не потеряется.") from None


def portal_page(
    engine: Engine,
    origin: str,
    dispatcher: Dispatcher,
    runs: Runs,
    application: str | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> PortalPage:
    """The page of the portal at `origin`, where `application` is our client id if we know it."""
    return PortalPage(
        engine=engine,
        origin=origin,
        desk=ImportDesk(engine, dispatcher, clock),
        progress=Progress(origin, runs, dispatcher),
        entrance=Entrance(origin, application),
        sessions=Sessions(clock),
        clock=clock,
    )


async def _form(request: Request) -> dict[str, list[str]]:
    raw = await read_body(request, FORM)
    try:
        return parse_qs(raw.decode("ascii"), errors="strict", max_num_fields=100)
    except ValueError:
        raise Turned(400, "Запрос не разобрать.") from None


def _refused(number: str, refusal: TimepadRefused) -> str:
    if number and ": 404" in str(refusal):
        return f"Мероприятия {number} на Таймпаде нет. Номер — последнее число в адресе мероприятия."
    return "Таймпад отказал: проверьте TIMEPAD_TOKEN и его права (view_visitors)."
