"""The sandbox behind HTTPS, and the clients of Bitrix24 that other people wrote, as they come from PyPI."""

import asyncio
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from b24pysdk import BitrixWebhook
from fast_bitrix24 import Bitrix
from starlette.types import ASGIApp

from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.certificates import Certificates, make_certificates
from backoffice.sandbox.server import serving
from backoffice.sandbox.world import World


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
def roomy(world: World) -> None:
    """A portal that does not limit: how clients pace themselves is not what these tests ask."""
    world.portal.config.bucket_size = 100_000
    world.portal.config.operating_limit = 100_000.0


@pytest.fixture
def webhook_url(sandbox: str, roomy: None) -> str:
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
