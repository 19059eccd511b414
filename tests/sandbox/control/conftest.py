"""A client of the sandbox's own addresses."""

from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture
def control(sandbox: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sandbox}/_sandbox/") as client:
        yield client
