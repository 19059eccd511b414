"""What to know of the portal's front: statuses of refusals, REST 3.0, and what answers tell of the limits.

Three requests go out past the client, which does not show HTTP statuses.
"""

from collections.abc import Collection
from dataclasses import replace
from math import ceil
from typing import Any

import httpx

from backoffice.bitrix24.client import TIMEOUT, Portal
from backoffice.bitrix24.errors import AccessDenied, PortalUnreachable
from backoffice.bitrix24.transport import Webhook
from backoffice.bitrix24.wire import as_map, read_envelope

Found = dict[str, Any]

READING = {
    "user": "user.current",
    "task": "tasks.task.getFields",
    "disk": "disk.storage.getTypes",
    "department": "department.fields",
    "calendar": "calendar.settings.get",
    "sonet_group": "sonet_group.get",
}
"""A method that reads, for each scope."""
WIDER = {"user": {"user_basic", "user_brief"}}
MINUTE = 60


def try_limits(portal: Portal, found: Found) -> None:
    """Whether answers tell the operating time, and how long it is kept, by a method that nobody else calls."""
    spent = portal.answer("crm.status.list", {"filter": {"ENTITY_ID": "SOURCE"}}).time
    found["tells_operating"] = "operating" in spent
    first = float(spent.get("operating") or 0) <= float(spent.get("duration") or 0) + 0.05
    if first and spent.get("operating_reset_at"):
        seconds = float(spent["operating_reset_at"]) - float(spent["finish"])
        found["operating_window"] = ceil(seconds / MINUTE) * MINUTE


def try_front(webhook: Webhook, scopes: Collection[str], found: Found) -> None:
    """Statuses of a wrong secret and of a missing scope, and whether tasks may be read by REST 3.0. Reads alone."""
    root, user, _ = webhook.path.rsplit("/", 2)
    found |= _status("wrong_secret_status", replace(webhook, path=f"{root}/{user}/{'0' * 16}"), "server.time")
    if method := _foreign(scopes):
        found |= _status("missing_scope_status", webhook, method)
    third = replace(webhook, path=webhook.path.replace("/rest/", "/rest/api/", 1))
    body = _json(_post(third, "tasks.task.list", {"select": ["id"], "pagination": {"limit": 1}}))
    found["rest_3"] = "result" in body


def _foreign(scopes: Collection[str]) -> str | None:
    """A reading method that the webhook may not call; None if it may call all that are known here."""
    for scope, method in READING.items():
        if not ({scope} | WIDER.get(scope, set())) & set(scopes):
            return method
    return None


def _status(fact: str, webhook: Webhook, method: str) -> Found:
    """The status, if the answer is the refusal expected and not a «later»."""
    response = _post(webhook, f"{method}.json", {})
    error = read_envelope(method, response)
    return {fact: response.status_code} if isinstance(error, AccessDenied) else {}


def _post(webhook: Webhook, method: str, params: Found) -> httpx.Response:
    with httpx.Client(base_url=webhook.origin, transport=webhook.transport(None), timeout=TIMEOUT) as http:
        try:
            return http.post(f"/{method}", json=params)
        except httpx.RequestError as error:
            raise PortalUnreachable(f"{method}: no answer: {type(error).__name__}") from None


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        return as_map(response.json())
    except ValueError:
        return {}
