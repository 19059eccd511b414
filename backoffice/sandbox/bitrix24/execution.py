"""Executes one method: rights, limits, the names of its parameters, the method itself, its cost."""

from dataclasses import dataclass
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Caller, Page
from backoffice.sandbox.bitrix24.config import COSTS
from backoffice.sandbox.bitrix24.errors import Refusal, unknown_name
from backoffice.sandbox.bitrix24.methods import METHODS
from backoffice.sandbox.bitrix24.portal import Portal
from backoffice.sandbox.bitrix24.registry import Method
from backoffice.sandbox.bitrix24.timing import Stopwatch


@dataclass(frozen=True)
class Done:
    """An answer with the `time` object that goes with it."""

    page: Page | Any
    time: dict[str, Any]

    def envelope(self) -> dict[str, Any]:
        """`result`, with `total` and `next` where the method lists something, and `time`."""
        if not isinstance(self.page, Page):
            return {"result": self.page, "time": self.time}
        following = {} if self.page.next is None else {"next": self.page.next}
        counted = {} if self.page.total is None else {"total": self.page.total}
        return {"result": self.page.result, **following, **counted, "time": self.time}


def find(name: str) -> Method:
    """The method by its name in any case, with or without `.json`."""
    found = METHODS.get(name.lower().removesuffix(".json"))
    if found is None:
        raise Refusal("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
    return found


def execute(portal: Portal, method: Method, caller: Caller, params: dict[str, Any]) -> Done:
    """Run the method alone on the portal; raises `Refusal`."""
    with portal.lock:
        watch = Stopwatch(portal, method.name)
        _authorize(portal, method, caller)
        portal.operating.check(method.name)
        call = Call(portal, method.name, caller.user_id, _named(portal, method, params), caller.application)
        counted = 0
        try:
            page = method.run(call)
            counted = page.total or 0 if isinstance(page, Page) else 0
        finally:
            _charge(portal, method, counted)
        return Done(page, watch.time())


def _charge(portal: Portal, method: Method, counted: int) -> None:
    cost = portal.config.costs.get(method.name, COSTS[method.kind]) + portal.config.count_seconds * counted
    portal.operating.charge(method.name, cost)
    portal.clock.spend(cost)


def _authorize(portal: Portal, method: Method, caller: Caller) -> None:
    if caller.application is None and method.app_only == "WRONG_AUTH_TYPE":
        raise Refusal(method.app_only, "Current authorization type is denied for this method", 403)
    if caller.application is None and method.app_only:
        raise Refusal(method.app_only, "Access denied! Application context required", 403)
    if method.scope and method.scope not in caller.scopes(portal):
        token = "access" if caller.application else "webhook"
        raise Refusal(
            "insufficient_scope",
            f"The request requires higher privileges than provided by the {token} token",
            portal.config.insufficient_scope_status,
        )


def _named(portal: Portal, method: Method, params: dict[str, Any]) -> dict[str, Any]:
    wanted = {name.upper() if method.case == "any" else name for name in method.params}
    given = {name.upper() if method.case == "any" else name: value for name, value in params.items()}
    for name in given:
        if name not in wanted and name.lower() != "auth" and portal.config.strict:
            raise unknown_name(method.name, name)
    return given
