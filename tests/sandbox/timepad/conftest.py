"""One seminar at Timepad on a frozen clock, and a client of its API.

Marks in the docstrings tell where a claim comes from: H = the official pages at help.timepad.ru/dev.timepad.ru,
S = the swagger of 2019 (eoranged/timepad), P = Timepad's own WordPress plugin, T = TypeScript types written from the
documents; B, C, D, F, G, N, PS = independent programs that call the API. Nothing was tried against the live service.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backoffice.sandbox.timepad.forms import Person
from backoffice.sandbox.timepad.state import TOKEN, Event
from backoffice.sandbox.world import World

ANNA = Person("Кузнецова", "Анна", "anna@example.org", "+7 999 000 01 01")
BORIS = Person("Белов", "Борис", "boris@example.org")


@pytest.fixture
def anna() -> Person:
    return ANNA


@pytest.fixture
def boris() -> Person:
    return BORIS


@pytest.fixture
def seminar(world: World) -> Event:
    """Starts in an hour and takes two."""
    starts_at = world.clock.now() + timedelta(hours=1)
    return world.timepad.add_event("Налоги для всех", starts_at, starts_at + timedelta(hours=2))


@pytest.fixture
def anonymous(sandbox: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox) as client:
        yield client


@pytest.fixture
def api(anonymous: httpx.Client) -> Iterator[httpx.Client]:
    """A client that shows the organization's token."""
    with httpx.Client(base_url=anonymous.base_url, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


@pytest.fixture
def switch(world: World) -> Callable[..., None]:
    """Set switches of this Timepad."""

    def set_switches(**switches: Any) -> None:
        world.timepad.switches = replace(world.timepad.switches, **switches)

    return set_switches
