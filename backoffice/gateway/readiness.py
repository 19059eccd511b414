"""Whether the Prefect server answers and lets us in, for `/ready`."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException, PrefectHTTPStatusError

LOOK_SECONDS = 2
WELL = "ok"
SILENT = "unreachable"
LOCKED = "wrong password: PREFECT_API_AUTH_STRING"
STRANGE = "not a Prefect server: PREFECT_API_URL"
FAILING = "starts fail, see the log: is everything deployed?"

Probe = Callable[[], Awaitable[str]]


async def look_at_prefect() -> str:
    """One of the words above: the server tells its version only to who has its password."""
    try:
        async with asyncio.timeout(LOOK_SECONDS), get_client(httpx_settings={"timeout": LOOK_SECONDS}) as client:
            await client.api_version()
    except PrefectHTTPStatusError as error:
        return _refusal(error.response.status_code)
    except httpx.UnsupportedProtocol:
        return STRANGE
    # The client wraps an unreachable server in a RuntimeError.
    except (httpx.HTTPError, PrefectException, RuntimeError, TimeoutError):
        return SILENT
    except ValueError:  # a page instead of JSON
        return STRANGE
    return WELL


async def nobody_looks() -> str:
    """For a gateway whose Prefect server is not asked."""
    return WELL


def _refusal(status: int) -> str:
    if status in (401, 403):
        return LOCKED
    return SILENT if status >= 500 else STRANGE
