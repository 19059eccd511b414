"""The sandbox behind HTTPS, and the clients of Bitrix24 that other people wrote, as they come from PyPI."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from b24pysdk import BitrixWebhook
from fast_bitrix24 import Bitrix
from starlette.types import ASGIApp

from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.certificates import Certificates, make_certificates
from backoffice.sandbox.server import serving
from backoffice.sandbox.world import World, new_world


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def stage(stage: tuple[Any, str], certificates: Certificates) -> Iterator[tuple[ASGIApp, str]]:
    """The same stage as everywhere, behind HTTPS."""
    shown, _ = stage
    with serving(shown, tls=certificates) as base_url:
        yield shown, base_url


@pytest.fixture
def world() -> World:
    """Lenient, as real portals are: clients send names of their own, which a portal ignores.

    And roomy: how clients pace themselves is not what these tests ask.
    """
    world = new_world(strict=False, frozen=True)
    world.portal.config.bucket_size = 100_000
    world.portal.config.operating_limit = 100_000.0
    return world


@pytest.fixture(params=["contact", "company", "lead", "deal"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of CRM objects, as the old methods name it."""
    return str(request.param)


@pytest.fixture
def title(kind: str) -> str:
    """The field of `kind` that says what an object is called."""
    return "NAME" if kind == "contact" else "TITLE"


@pytest.fixture
def type_id(world: World, kind: str) -> int:
    """The number of `kind`, by which the universal methods know it."""
    return world.portal.crm.types[kind.upper()].id


@pytest.fixture
def crowd(world: World, kind: str, title: str) -> Callable[[int], set[str]]:
    """crowd(n): n objects of `kind` in the portal; their names."""

    def fill(count: int) -> set[str]:
        names = [f"Имя {number}" for number in range(count)]
        for name in names:
            world.portal.crm.create(kind.upper(), Change({title: name}), WEBHOOK_USER)
        return set(names)

    return fill


@pytest.fixture
def names(world: World, kind: str, title: str) -> Callable[[], list[str]]:
    """names(): what the portal's objects of `kind` are called now, by id."""
    return lambda: [str(item.values[title]) for item in world.portal.crm.tables[kind.upper()]]


@pytest.fixture
def webhook_url(sandbox: str) -> str:
    return f"{sandbox}/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/"


@pytest.fixture
def fast(webhook_url: str, certificates: Certificates) -> Iterator[Bitrix]:
    """fast-bitrix24: told of the authority through its parameter `client`, because aiohttp reads SSL_CERT_FILE once."""
    trusting = ssl.create_default_context(cafile=certificates.authority)
    with asyncio.Runner() as runner:
        asyncio.set_event_loop(runner.get_loop())
        session = runner.run(_session(trusting))
        yield Bitrix(webhook_url, verbose=False, client=session)
        runner.run(session.close())
        asyncio.set_event_loop(None)


async def _session(trusting: ssl.SSLContext) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting), raise_for_status=True)


@pytest.fixture
def sdk(webhook_url: str, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> BitrixWebhook:
    """b24pysdk: speaks only HTTPS, and asks requests, which is told of the authority by the environment."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.authority))
    return BitrixWebhook(domain=urlsplit(webhook_url).netloc, webhook_token=f"{WEBHOOK_USER}/{WEBHOOK_SECRET}")
