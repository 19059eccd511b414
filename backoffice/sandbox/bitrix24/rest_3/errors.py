"""Refusals of REST 3.0 and how every error looks there. Official source: rest-v3.md#response."""

from typing import Any

from backoffice.sandbox.bitrix24.errors import Refusal

Validation = tuple[tuple[str, str], ...]  # fields and what is said of each
_PREFIX = "BITRIX_REST_V3_EXCEPTION_"


class ThirdRefusal(Refusal):
    """`name` is the code without its prefix."""

    def __init__(self, name: str, message: str, status: int = 400, validation: Validation = ()) -> None:
        super().__init__(f"{_PREFIX}{name}", message, status)
        self.validation = validation

    def body(self) -> dict[str, Any]:
        rows = [{"message": message, "field": name} for name, message in self.validation]
        return {**super().body(), **({"validation": rows} if rows else {})}


def invalid(*validation: tuple[str, str]) -> ThirdRefusal:
    """What is wrong with the parameters: fields, and what to say of each."""
    code = "VALIDATION_REQUESTVALIDATIONEXCEPTION"
    return ThirdRefusal(code, "Error during request object validation", validation=validation)


def not_specified(name: str) -> tuple[str, str]:
    return name, f"Required field `{name}` is not specified"


def wrong_type(name: str, kind: str) -> tuple[str, str]:
    return name, f"Field `{name}` requires data type `{kind}` for this request"


def unknown_property(name: str, entity: str) -> ThirdRefusal:
    return ThirdRefusal("UNKNOWNDTOPROPERTYEXCEPTION", f"Unknown field `{name}` for entity `{entity}`")


def enveloped(body: dict[str, Any]) -> dict[str, Any]:
    """An error of any kind as an object; that those of the limits come so too is undocumented."""
    if "error" not in body:
        return body
    validation = {"validation": body["validation"]} if "validation" in body else {}
    return {"error": {"code": str(body["error"]), "message": body["error_description"], **validation}}
