"""The table of methods of REST 3.0."""

from collections.abc import Callable
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.config import Kind
from backoffice.sandbox.bitrix24.registry import Method

METHODS: dict[str, Method] = {}


def third(name: str, kind: Kind, params: str) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Register `run(call)` as `name`, with the parameters documented; all of these methods need the scope `tasks`."""

    def register(run: Callable[[Call], Any]) -> Callable[[Call], Any]:
        METHODS[name.lower()] = Method(name, run, kind, "tasks", tuple(params.split()), "exact", "")
        return run

    return register
