"""Changing some settings of many."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import RootModel, TypeAdapter

from backoffice.sandbox.control.body import Unfit

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Overrides(RootModel[dict[str, Any]]):
    """Settings by name; those not sent stay as they are."""


Settings = TypeVar("Settings", bound="DataclassInstance")


def overridden(settings: Settings, sent: dict[str, Any]) -> Settings:
    """A copy of the dataclass with the settings sent; Unfit names an unknown one, ValidationError a wrong value."""
    known = [field.name for field in fields(settings)]
    for name in sent:
        if name not in known:
            raise Unfit(f"unknown setting {name!r}; there are: {', '.join(known)}")
    return TypeAdapter(type(settings)).validate_python({**vars(settings), **sent})
