"""Refusals of the portal: code, text and HTTP status as on the wire."""

from typing import Any


class Refusal(Exception):
    """A method or the transport refuses; becomes `{"error", "error_description"}` with `status`."""

    def __init__(self, code: str | int, description: str, status: int = 400) -> None:
        super().__init__(f"{code}: {description}")
        self.code, self.description, self.status = code, description, status

    def body(self) -> dict[str, Any]:
        return {"error": self.code, "error_description": self.description}


def unknown_name(where: str, name: object) -> Refusal:
    """Strict mode's own refusal; a real portal would have ignored the name without a word."""
    return Refusal("SANDBOX_STRICT", f"{where}: unknown name {name!r}; a real portal would ignore it silently")


def missing_parameter(name: str) -> Refusal:
    return Refusal(100, f"Could not find value for parameter {{{name}}}")
