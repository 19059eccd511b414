"""A client that knows nothing but HTTP, in front of a portal with ordered troubles."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.faults.fault import Fault, Kind
from backoffice.sandbox.world import World


@pytest.fixture
def control(sandbox: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sandbox}/_sandbox/") as client:
        yield client


@pytest.fixture
def webhook(sandbox: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sandbox}/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/") as client:
        yield client


@pytest.fixture
def add(webhook: httpx.Client) -> Callable[[str], httpx.Response]:
    """add(name): the answer to the addition of a contact."""
    return lambda name: webhook.post("crm.contact.add", json={"fields": {"NAME": name}})


@pytest.fixture
def batch(webhook: httpx.Client) -> Callable[..., httpx.Response]:
    """batch(command, command, …): the answer."""
    return lambda *commands: webhook.post(
        "batch", json={"cmd": {f"c{place}": one for place, one in enumerate(commands)}}
    )


@pytest.fixture
def order(world: World) -> Callable[..., None]:
    """order(kind, …): one fault, once unless told otherwise."""

    def order(kind: Kind, **how: Any) -> None:
        world.faults.order(Fault(kind=kind, **{"times": 1, **how}))

    return order


@pytest.fixture
def names(world: World) -> Callable[[], list[str]]:
    """The names of the contacts that stand in the portal, in the order of their ids."""

    def names() -> list[str]:
        with world.portal.lock:
            return [str(item.values["NAME"]) for item in world.portal.crm.tables["CONTACT"]]

    return names
