"""Fields of CRM objects: their name in each façade, their type, their flags."""

from dataclasses import dataclass, field
from typing import Any

MULTIFIELD_TYPES = ("PHONE", "EMAIL", "WEB", "IM", "LINK")
_FLAGS = {"ro": "read_only", "multiple": "multiple", "required": "required", "write_only": "write_only"}


@dataclass(frozen=True)
class Field:
    """`name` in old methods, `camel` in universal ones; `type` as in the documents' tables of types.

    `write_only`: old methods accept it but neither show nor filter it (CONTACT_IDS).
    """

    name: str
    type: str
    camel: str
    status_type: str = ""
    title: str = ""
    read_only: bool = False
    multiple: bool = False
    required: bool = False
    write_only: bool = False
    dynamic: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    options: tuple[tuple[int, str], ...] = ()  # of an enumeration: id, value


@dataclass(frozen=True)
class EntityType:
    """One kind of CRM object. `prefix` starts its old methods (`crm.contact`), `abbreviation` its links (`C_12`)."""

    id: int
    name: str
    abbreviation: str
    fields: dict[str, Field]

    @property
    def prefix(self) -> str:
        return f"crm.{self.name.lower()}"

    @property
    def userfield_entity(self) -> str:
        return f"CRM_{self.name}"


def read_fields(table: str) -> dict[str, Field]:
    """Lines `NAME type[:directory] [camelCaseName] [flags]` -> fields by name."""
    return {line.split()[0]: _read_field(*line.split()) for line in table.strip().splitlines()}


def camel_case(name: str) -> str:
    """LAST_NAME -> lastName."""
    head, *tail = name.lower().split("_")
    return head + "".join(part.capitalize() for part in tail)


def _read_field(name: str, kind: str, *rest: str) -> Field:
    type_name, _, directory = kind.partition(":")
    camels = [word for word in rest if word not in _FLAGS]
    flags: dict[str, Any] = {_FLAGS[word]: True for word in rest if word in _FLAGS}
    camel = camels[0] if camels else camel_case(name)
    return Field(name, type_name, camel, directory, name.replace("_", " ").capitalize(), **flags)
