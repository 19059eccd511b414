"""Calls the portal's methods from inside the sandbox: no address, no rights, no limits, no cost, no log."""

from collections.abc import Iterator
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.config import WEBHOOK_USER
from backoffice.sandbox.bitrix24.execution import find
from backoffice.sandbox.bitrix24.portal import Portal


def ask(portal: Portal, name: str, **params: Any) -> Any:
    """The `result` of the method; raises `Refusal` as the portal would answer."""
    page = _run(portal, name, params)
    return page.result if isinstance(page, Page) else page


def rows(portal: Portal, name: str, **params: Any) -> Iterator[dict[str, Any]]:
    """Every row of a list method, page after page."""
    start: int | None = 0
    while start is not None:
        page = _run(portal, name, {**params, "start": start})
        yield from page.result
        start = page.next


def _run(portal: Portal, name: str, params: dict[str, Any]) -> Any:
    method = find(name)
    named = {key.upper() if method.case == "any" else key: value for key, value in params.items()}
    with portal.lock:
        return method.run(Call(portal, method.name, WEBHOOK_USER, named))
