"""A sender that knows nothing but HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from backoffice.sandbox.faults.fault import Fault, Kind
from backoffice.sandbox.sms.sms_ru import API_ID
from backoffice.sandbox.sms.smsc import LOGIN, PASSWORD
from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]


@pytest.fixture
def client(sandbox: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox, timeout=5) as client:
        yield client


@pytest.fixture
def sms_ru(client: httpx.Client) -> Ask:
    """sms_ru(method, **params): the answer of SMS.RU, with our key unless another is given."""

    def ask(method: str, **params: str) -> httpx.Response:
        return client.post(f"/sms.ru/{method}", data={"api_id": API_ID, "json": "1", **params})

    return ask


@pytest.fixture
def smsc(client: httpx.Client) -> Ask:
    """smsc(method, **params): the answer of SMSC."""

    def ask(method: str, **params: str) -> httpx.Response:
        ours = {"login": LOGIN, "psw": PASSWORD, "fmt": "3", "charset": "utf-8"}
        return client.post(f"/smsc.ru/sys/{method}.php", data={**ours, **params})

    return ask


@pytest.fixture
def order(world: World) -> Callable[..., None]:
    """order(kind, …): one fault, once unless told otherwise."""

    def order(kind: Kind, **how: Any) -> None:
        world.faults.order(Fault(kind=kind, **{"times": 1, **how}))

    return order
