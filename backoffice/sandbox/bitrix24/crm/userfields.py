"""User fields: their settings and the field they add to an object.

Official sources: crm/contacts/userfield/*, crm/universal/index.md (names in universal methods).
"""

import re
from dataclasses import dataclass, field
from typing import Any

from backoffice.sandbox.bitrix24.crm.schema import Field, camel_case
from backoffice.sandbox.bitrix24.errors import Refusal

LONGEST_NAME = 50
_TYPES = """
string integer double boolean datetime date money url address enumeration file employee crm_status
iblock_section iblock_element crm
"""
TYPES = frozenset(_TYPES.split())


@dataclass(frozen=True)
class Option:
    """One value of an enumeration; objects keep its id."""

    id: int
    value: str
    sort: int = 500
    default: bool = False
    xml_id: str = ""


@dataclass(frozen=True)
class UserField:
    id: int
    entity_id: str  # CRM_CONTACT
    name: str
    type: str
    multiple: bool = False
    mandatory: bool = False
    label: str | None = None
    xml_id: str | None = None
    sort: int = 100
    settings: dict[str, Any] = field(default_factory=dict)
    options: tuple[Option, ...] = ()

    def as_field(self) -> Field:
        """The field of the object, as both façades see it."""
        return Field(
            self.name,
            self.type,
            universal_name(self.name),
            title=self.label or self.name,
            multiple=self.multiple,
            required=self.mandatory,
            dynamic=True,
            settings=self.settings,
            options=tuple((option.id, option.value) for option in self.options),
        )


def full_name(code: str) -> str:
    """MANAGER_NOTE, UF_MANAGER_NOTE -> UF_CRM_MANAGER_NOTE; refuses what is too long or has other letters."""
    bare = code.upper().removeprefix("UF_CRM_").removeprefix("UF_")
    if not bare:
        raise Refusal("", "The 'FIELD_NAME' field is not found.")
    name = f"UF_CRM_{bare}"
    if len(name) > LONGEST_NAME:
        raise Refusal("ERROR_CORE", "Field name is too long (more than 50 characters)")
    if not re.fullmatch(r"[A-Z0-9_]+", name):
        raise Refusal("ERROR_CORE", "Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _")
    return name


def universal_name(name: str) -> str:
    """UF_CRM_EVENTS_COUNT -> ufCrmEventsCount; letters mixed with digits keep their form after `ufCrm_`."""
    bare = name.removeprefix("UF_CRM_")
    numbered = re.fullmatch(r"(\d+)_([A-Z_]+|\d+)", bare)
    if numbered:
        number, rest = numbered.groups()
        return f"ufCrm{number}_{rest}" if rest.isdigit() else f"ufCrm{number}{_pascal(rest)}"
    return f"ufCrm{_pascal(bare)}" if re.fullmatch(r"[A-Z_]+", bare) else f"ufCrm_{bare}"


def _pascal(name: str) -> str:
    return camel_case(f"x_{name}")[1:]
