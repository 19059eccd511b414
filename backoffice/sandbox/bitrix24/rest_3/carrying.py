"""Carries out a request to REST 3.0 that was let in."""

from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.call import Caller
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.exchange import Answer, Asked, Third
from backoffice.sandbox.bitrix24.execution import execute
from backoffice.sandbox.bitrix24.portal import Portal
from backoffice.sandbox.bitrix24.registry import Method
from backoffice.sandbox.bitrix24.rest_3.errors import ThirdRefusal
from backoffice.sandbox.bitrix24.rest_3.replays import Scope, fingerprint, readable_key

_REUSED = "Idempotency key was already used with a different request body"
_BAD_KEY = "Idempotency key must be 1 to 255 printable ASCII characters"


def carry_out(portal: Portal, caller: Caller, asked: Asked, third: Third, as_of: datetime) -> Answer:
    """`as_of` is when the request came, which is earlier than now for one that lands late; raises `Refusal`."""
    if not third.is_json:
        raise ThirdRefusal("INVALIDJSONEXCEPTION", "The request body is not valid JSON")
    method = asked.methods.get(asked.name)
    if method is None:
        raise Refusal("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
    if third.key is None or not method.writes:
        return Answer(200, _executed(portal, caller, method, asked), asked.writes)
    if not readable_key(third.key):
        raise ThirdRefusal("INVALIDIDEMPOTENCYKEYEXCEPTION", _BAD_KEY)
    with portal.lock:
        return _once(portal, caller, method, asked, (third.key, as_of))


def _once(portal: Portal, caller: Caller, method: Method, asked: Asked, key_as_of: tuple[str, datetime]) -> Answer:
    key, as_of = key_as_of
    scope, mark, echo = _scope(caller, method, key), fingerprint(asked.params), {"Idempotency-Key": key}
    kept = portal.replays.find(scope, as_of)
    if kept and kept.asked != mark:
        raise ThirdRefusal("IDEMPOTENCYKEYREUSEDEXCEPTION", _REUSED, 422)
    if kept:
        return Answer(200, kept.body, headers={**echo, "Idempotent-Replayed": "true"})
    body = _executed(portal, caller, method, asked)
    portal.replays.keep(scope, mark, body)
    return Answer(200, body, asked.writes, headers=echo)


def _scope(caller: Caller, method: Method, key: str) -> Scope:
    who = caller.application.client_id if caller.application else WEBHOOK_SECRET
    return who, caller.user_id, method.name, key


def _executed(portal: Portal, caller: Caller, method: Method, asked: Asked) -> dict[str, Any]:
    try:
        body = execute(portal, method, caller, asked.params).envelope()
    except Refusal as refusal:
        if refusal.code == "insufficient_scope":
            raise ThirdRefusal("INSUFFICIENTSCOPEEXCEPTION", refusal.description, 403) from None
        raise
    return {**body, "time": {**body["time"], "start": int(body["time"]["start"])}}
