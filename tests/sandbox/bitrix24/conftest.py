"""A client of the portal that knows nothing but HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER


@pytest.fixture
def webhook(sandbox: str) -> Iterator[httpx.Client]:
    """An HTTP client whose base is the inbound webhook."""
    with httpx.Client(base_url=f"{sandbox}/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/") as client:
        yield client


@pytest.fixture
def ask(webhook: httpx.Client) -> Callable[..., httpx.Response]:
    """ask(method, **params): the answer to a JSON request, whatever its status."""
    return lambda method, **params: webhook.post(method, json=params)


@pytest.fixture
def call(ask: Callable[..., httpx.Response]) -> Callable[..., Any]:
    """call(method, **params): the `result`; the answer must be a success."""

    def call(method: str, **params: Any) -> Any:
        answer = ask(method, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    return call
