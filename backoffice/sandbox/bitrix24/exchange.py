"""A request as it came to the portal, and what goes back."""

from dataclasses import dataclass, field
from typing import Any

from backoffice.sandbox.bitrix24.batch import commands_of, method_name
from backoffice.sandbox.bitrix24.methods import METHODS
from backoffice.sandbox.bitrix24.registry import Method
from backoffice.sandbox.bitrix24.rest_3 import tasks as third_tasks


@dataclass(frozen=True)
class Third:
    """What only REST 3.0 minds: the header `Idempotency-Key`, and whether the body was JSON."""

    key: str | None
    is_json: bool


@dataclass(frozen=True)
class Asked:
    """`address` has what the path says: `method`, and `user` and `secret` of a webhook; `host` is the name called."""

    host: str
    address: dict[str, str]
    params: dict[str, Any]
    third: Third | None = None

    @property
    def methods(self) -> dict[str, Method]:
        """The methods that are at this address."""
        return third_tasks.METHODS if self.third else METHODS

    @property
    def name(self) -> str:
        """The method asked for, in lower case."""
        return self.address["method"].lower().removesuffix(".json")

    @property
    def inner(self) -> tuple[str, ...]:
        """The methods to execute, in order: those inside a batch, or the one."""
        if self.name != "batch" or self.third:
            return (self.name,)
        return tuple(method_name(command).lower() for command in commands_of(self.params).values())

    @property
    def commands(self) -> tuple[str, ...]:
        """All methods called: the one, or `batch` and those inside it."""
        return self.inner if self.inner == (self.name,) else ("batch", *self.inner)

    @property
    def writes(self) -> int:
        """How many of them write."""
        return sum(1 for command in self.inner if command in self.methods and self.methods[command].writes)


@dataclass(frozen=True)
class Answer:
    """`body` is None for an answer that is not the portal's own (an HTML page of some proxy).

    `cut`: the connection breaks instead. `moved_to`: the host name of a redirect. `writes` were executed.
    """

    status: int
    body: dict[str, Any] | None = None
    writes: int = 0
    moved_to: str = ""
    cut: bool = False
    headers: dict[str, str] = field(default_factory=dict)
