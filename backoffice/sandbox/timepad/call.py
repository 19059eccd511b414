"""One request to the Timepad API: who asks, from which state, with which parameters."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backoffice.sandbox.timepad import moments
from backoffice.sandbox.timepad.errors import Refused
from backoffice.sandbox.timepad.state import ORGANIZATION_ID, Event, TimepadState


@dataclass(frozen=True)
class Call:
    """`query` has no `token`; `known` tells a visitor with our token from an anonymous one."""

    state: TimepadState
    known: bool
    path: Mapping[str, Any]
    query: Mapping[str, str]

    def may(self, permission: str, event: Event) -> bool:
        """Whether the visitor has the permission in the event's organization."""
        ours = event.organization_id == ORGANIZATION_ID
        return self.known and ours and permission in self.state.switches.permissions

    def words(self, name: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A comma-separated array, empty if it was not sent; a word not `allowed` is refused, if lenient ignored."""
        words = tuple(word for word in self.query.get(name, "").split(",") if word)
        if allowed is None:
            return words
        wrong = [word for word in words if word not in allowed]
        if wrong and self.state.switches.strict:
            raise Refused(400, f"unknown value of {name}: {wrong[0]!r}")
        return tuple(word for word in words if word in allowed)

    def numbers(self, name: str) -> frozenset[int]:
        """A comma-separated array of ids."""
        try:
            return frozenset(int(word) for word in self.words(name))
        except ValueError as error:
            raise Refused(400, f"{name} must be a list of numbers") from error

    def moment(self, name: str) -> datetime | None:
        """A date or a time; None if it was not sent."""
        text = self.query.get(name)
        if text is None:
            return None
        try:
            return moments.read(text)
        except ValueError as error:
            raise Refused(400, f"{name} must be a date or an ISO time, not {text!r}") from error

    def whole(self, name: str, default: int, *, least: int, most: int | None = None) -> int:
        """A whole number between `least` and `most`; Refused 400 outside of them."""
        text = self.query.get(name, str(default))
        number = int(text) if text.isascii() and text.isdigit() else -1
        if number < least or (most is not None and number > most):
            raise Refused(400, f"{name} must be a number from {least}" + (f" to {most}" if most else ""))
        return number
