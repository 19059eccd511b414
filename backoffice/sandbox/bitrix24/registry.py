"""The table of methods: a decorated function in `methods/` is a method of the portal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.config import WRITING_KINDS, Kind

Case = Literal["exact", "any"]  # of the names of parameters


@dataclass(frozen=True)
class Method:
    """How one method is reached, what it costs and who may call it."""

    name: str
    run: Callable[[Call], Any]
    kind: Kind
    scope: str  # empty: any webhook
    params: tuple[str, ...]
    case: Case
    app_only: str  # the error code a webhook gets; empty: webhooks may call it

    @property
    def writes(self) -> bool:
        return self.kind in WRITING_KINDS


METHODS: dict[str, Method] = {}


def method(
    name: str, kind: Kind, params: str = "", *, scope: str = "", case: Case = "exact", app_only: str = ""
) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Register `run(call)` as `name`.

    `params` are the parameters' names as documented, separated by spaces. With case="any" (old CRM methods) the caller
    may write them in any case and `call.params` has them in upper case.
    """

    def register(run: Callable[[Call], Any]) -> Callable[[Call], Any]:
        METHODS[name.lower()] = Method(name, run, kind, scope, tuple(params.split()), case, app_only)
        return run

    return register
