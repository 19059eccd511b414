"""A gateway in a thread, with a store of its own and a stand-in for Prefect that can be down."""

import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine

from backoffice.gateway.app import Secrets, create_app
from backoffice.gateway.dispatcher import Dispatcher
from backoffice.gateway.import_runs import ImportRuns
from backoffice.gateway.page import portal_page
from backoffice.gateway.runs import RunUnknown, SeenRun
from backoffice.gateway.starts import NotStarted, Started
from backoffice.sandbox.bitrix24.config import APPLICATION_ID
from backoffice.sandbox.world import World
from backoffice.store.engine import open_engine, upgrade

SECRETS = Secrets(
    timepad="hook-secret", application_token="application-token", path="path-secret", leyka="leyka-secret"
)


@dataclass
class FakePrefect:
    """Remembers the run of every idempotency key, as the server does."""

    down: bool = False
    loses_answers: bool = False
    defect: Exception | None = None
    runs: dict[str, str] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    given: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    seen: dict[str, SeenRun | None] = field(default_factory=dict)
    asked: int = 0

    async def start(
        self, deployment: str, idempotency_key: str, parameters: Mapping[str, Any] | None = None
    ) -> Started:
        self.asked += 1
        if self.defect is not None:
            raise self.defect
        if self.down:
            raise NotStarted(f"{deployment}: the server is down")
        self.runs.setdefault(idempotency_key, f"run {len(self.runs) + 1}")
        if self.loses_answers:
            raise NotStarted(f"{deployment}: no answer")
        self.given[self.runs[idempotency_key]] = (deployment, dict(parameters or {}))
        return Started(self.runs[idempotency_key], ended=idempotency_key in self.spent)

    async def probe(self) -> str:
        return "unreachable" if self.down else "ok"

    async def ended(self, run_id: str) -> bool:
        run = await self.look(run_id)
        return run is None or run.ended

    async def look(self, run_id: str) -> SeenRun | None:
        if self.down:
            raise RunUnknown("down")
        return self.seen.get(run_id, SeenRun("RUNNING"))


@dataclass
class Sender:
    """Timepad, the portal and a fund's site as they call the gateway."""

    http: httpx.Client

    def hook(self, body: object, phrase: str = "hook-secret", **headers: str) -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = "sha1=" + hmac.new(phrase.encode(), raw, hashlib.sha1).hexdigest()
        usual = {"Content-Type": "application/json", "X-Hub-Signature": signature}
        sent = {name.encode(): value.encode() for name, value in {**usual, **headers}.items()}
        return self.http.post("/timepad", content=raw, headers=sent)

    def donation(self, body: object, key: str = "leyka-secret", late: int = 0, **headers: str) -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        moment = int(time.time()) - late
        digest = hmac.new(key.encode(), f"{moment}.".encode() + raw, hashlib.sha256).hexdigest()
        signed = {"Content-Type": "application/json; charset=utf-8"}
        signed["X-Leyka-Bridge-Signature"] = f"t={moment},v1={digest}"
        return self.http.post("/leyka", content=raw, headers={**signed, **headers})

    def event(self, path: str = "path-secret", **fields: str) -> httpx.Response:
        return self.http.post(f"/bitrix24/{path}", data=portal_event(**fields))


@dataclass
class Opened:
    """A person at the page that the portal opened: what the page's script sends, and what it gets."""

    http: httpx.Client
    answer: httpx.Response

    @property
    def session(self) -> str:
        return self._held("session")

    @property
    def csrf(self) -> str:
        return self._held("csrf")

    def events(self, number: str = "") -> httpx.Response:
        return self.http.get("/app/events", params={"number": number} if number else {}, headers=self.bearer())

    def press(self, event: int | str, press: str = "press-0001", **headers: str) -> httpx.Response:
        sent = {**self.bearer(), "X-CSRF-Token": self.csrf, **headers}
        return self.http.post("/app/imports", data={"event": str(event), "press": press}, headers=sent)

    def follow(self, request_id: int) -> httpx.Response:
        return self.http.get(f"/app/imports/{request_id}", headers=self.bearer())

    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session}"}

    def _held(self, name: str) -> str:
        found = re.search(rf'data-{name}="([^"]+)"', self.answer.text)
        assert found is not None, self.answer.text
        return found[1]


class Clock:
    """The gateway's clock, moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Frame:
    """The portal's frame on the page of a gateway: what it posts, field by field replaced or added to."""

    http: httpx.Client
    portal: str
    world: World

    def token(self, user_id: int = 1, client_id: str = APPLICATION_ID) -> str:
        applications = self.world.portal.applications
        application = applications.known.get(client_id) or applications.install(client_id)
        return applications.open(application, user_id).access_token

    def open(self, called: str | None = None, **fields: str) -> Opened:
        ours = self.portal.partition("://")[2] if called is None else called
        query = {"DOMAIN": ours, "PROTOCOL": "1", "LANG": "ru", "APP_SID": "0123456789abcdef"}
        usual = {"AUTH_ID": fields.get("AUTH_ID") or self.token(), "AUTH_EXPIRES": "3600", "REFRESH_ID": "a" * 70}
        rest = {"member_id": "0123", "status": "L", "PLACEMENT": "DEFAULT", "PLACEMENT_OPTIONS": '{"any":"1/"}'}
        return Opened(self.http, self.http.post("/app", params=query, data={**usual, **rest, **fields}))


def portal_event(**fields: str) -> dict[str, str]:
    """The documented form of an event, its fields replaced or added to."""
    usual = {
        "event": "ONCRMDEALUPDATE",
        "event_handler_id": "975",
        "data[FIELDS][ID]": "662",
        "ts": str(int(datetime.now(UTC).timestamp())),
        "auth[domain]": "example.bitrix24.ru",
        "auth[application_token]": "application-token",
    }
    return {**usual, **fields}


@contextmanager
def serving(engine: Engine, prefect: FakePrefect, secrets: Secrets = SECRETS, **page: Any) -> Iterator[Sender]:
    """A gateway on a free port, stopped in the end as by SIGTERM."""
    imports = ImportRuns(engine, prefect, prefect)
    dispatcher = Dispatcher(engine, prefect, imports=imports, look_every=0.02)
    shown = portal_page(engine, dispatcher=dispatcher, runs=prefect, **page) if page else None
    app = create_app(engine, secrets, dispatcher, page=shown, probe=prefect.probe)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            yield Sender(http)
    finally:
        server.should_exit = True
        thread.join()


def wait_until(so: Callable[[], object], seconds: float = 10) -> None:
    """Returns as soon as it is so; fails when it does not become so."""
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A store with its tables, empty."""
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def prefect() -> FakePrefect:
    return FakePrefect()


@pytest.fixture
def sender(engine: Engine, prefect: FakePrefect) -> Iterator[Sender]:
    """The senders of a gateway that has all its secrets."""
    with serving(engine, prefect) as sender:
        yield sender


@pytest.fixture
def serve(engine: Engine, prefect: FakePrefect) -> Callable[..., AbstractContextManager[Sender]]:
    """`with serve(secrets) as sender`: a gateway started and stopped at will on the same store.

    `origin=…` of a portal, and other arguments of `portal_page`, give it the page inside the portal.
    """

    def start(secrets: Secrets = SECRETS, **page: Any) -> AbstractContextManager[Sender]:
        return serving(engine, prefect, secrets, **page)

    return start


@pytest.fixture
def gateway_clock() -> Clock:
    return Clock()


@pytest.fixture
def frame(
    engine: Engine, prefect: FakePrefect, world: World, sandbox: str, connected: None, gateway_clock: Clock
) -> Iterator[Frame]:
    """The sandbox's portal with the page of a gateway in a frame; both clocks stand."""
    with serving(engine, prefect, origin=sandbox, application=APPLICATION_ID, clock=gateway_clock) as sender:
        yield Frame(sender.http, sandbox, world)


@pytest.fixture
def sender_class() -> type[Sender]:
    return Sender


@pytest.fixture
def eventually() -> Callable[..., None]:
    return wait_until


@pytest.fixture
def ticket_change() -> dict[str, Any]:
    """The documented body of a ticket's change."""
    return {
        "id": "7001:55512345",
        "event_id": 300100,
        "organization_id": 40400,
        "order_id": "6100100",
        "reg_date": "2026-09-10 19:04:37",
        "reg_id": 9001,
        "status": "забронировано",
        "status_raw": "booked",
        "email": "anna@example.org",
        "surname": "Иванова",
        "name": "Анна",
        "attended": False,
        "code": "55512345",
        "answers": [{"id": 88001, "type": "text", "name": "E-mail", "mandatory": None, "value": "anna@example.org"}],
        "aux": [],
    }
