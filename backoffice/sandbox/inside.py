"""Calls the portal's methods from inside the sandbox: no address, no rights, no limits, no cost, no log."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.config import WEBHOOK_USER
from backoffice.sandbox.bitrix24.execution import find
from backoffice.sandbox.bitrix24.portal import Portal


def ask(portal: Portal, name: str, **params: Any) -> Any:
    """The `result` of the method; raises `Refusal` as the portal would answer."""
    method = find(name)
    named = {key.upper() if method.case == "any" else key: value for key, value in params.items()}
    with portal.lock:
        answer = method.run(Call(portal, method.name, WEBHOOK_USER, named))
    return answer.result if isinstance(answer, Page) else answer
