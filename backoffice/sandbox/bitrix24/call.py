"""One call of one method, as the method sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.bitrix24.errors import Refusal, missing_parameter, unknown_name
from backoffice.sandbox.bitrix24.php import map_of

if TYPE_CHECKING:
    from backoffice.sandbox.bitrix24.applications import Application
    from backoffice.sandbox.bitrix24.portal import Portal


@dataclass(frozen=True)
class Page:
    """The answer of a list method; `next` is the offset of the following page, if there is one.

    `total` is None where the method leaves it out.
    """

    result: Any
    total: int | None
    next: int | None = None


@dataclass(frozen=True)
class Caller:
    """On whose behalf a method runs: the person, and the application that was let in; none for a webhook."""

    user_id: int
    application: Application | None = None

    def scopes(self, portal: Portal) -> tuple[str, ...]:
        return self.application.scopes if self.application else portal.config.scopes


@dataclass(frozen=True)
class Call:
    """`params` are decoded; their names are in the method's own case. `application` is None for a webhook."""

    portal: Portal
    method: str
    user_id: int
    params: dict[str, Any]
    application: Application | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the caller may use."""
        return Caller(self.user_id, self.application).scopes(self.portal)

    def required(self, name: str) -> Any:
        """The parameter; error 100 names it when it was not sent."""
        value = self.params.get(name)
        if value is None or value == "":
            raise missing_parameter(name)
        return value

    def integer(self, name: str) -> int:
        """A whole number, sent as a number or as text."""
        value = self.required(name)
        try:
            return int(value)
        except (TypeError, ValueError):
            text = f"Invalid value {{{value}}} to match with parameter {{{name}}}. Should be value of type int."
            raise Refusal(100, text) from None

    def map(self, name: str) -> dict[str, Any]:
        """A map, empty when the parameter was not sent (PHP writes an empty map as a list)."""
        return map_of(self.params.get(name) or {})

    def refuse_unknown(self, name: str) -> None:
        """Strict mode: an unknown name is an error naming it."""
        if self.portal.config.strict:
            raise unknown_name(self.method, name)
