"""The fields of a kind of card as the portal describes them, and their values in words for people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.values import read_day, read_moment, values_of
from backoffice.bitrix24.wire import as_map

YES_NO = {"Y": "да", "N": "нет", "1": "да", "0": "нет"}
AUDIT = frozenset(
    {
        *("id", "createdTime", "createdBy", "updatedTime", "updatedBy", "movedTime", "movedBy"),
        *("lastActivityTime", "lastActivityBy", "lastCommunicationTime", "hasPhone", "hasEmail", "hasImol"),
    }
)
"""What the portal itself keeps about a card."""


@dataclass(frozen=True)
class CardField:
    """A field: what people call it, and the names of its values where they are chosen from a list."""

    name: str
    label: str
    type: str = "string"
    multiple: bool = False
    read_only: bool = False
    directory: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def texts(self, raw: Any, zone: tzinfo) -> list[str]:
        """The values in words, in their order; none of an empty field."""
        if self.type in ("char", "boolean"):
            return [YES_NO[str(raw)]] if str(raw) in YES_NO else []
        if self.type == "file":
            return ["файл"] if raw else []
        empty = ("0", "[]") if self.type.startswith("crm_") else ()
        return [self._text(value, zone) for value in values_of(raw) if value not in empty]

    def _text(self, value: str, zone: tzinfo) -> str:
        if self.type == "date":
            return f"{read_day(value):%d.%m.%Y}"
        if self.type == "datetime" and (moment := read_moment(value, zone)):
            return f"{moment.astimezone(zone):%d.%m.%Y %H:%M}"
        return self.names.get(value, value)


def fields_command(entity_type_id: int) -> Command[str]:
    """Asks for the fields of a kind of card (crm/universal/crm-item-fields.md)."""
    return Command("crm.item.fields", {"entityTypeId": entity_type_id, "useOriginalUfNames": "Y"}, "fields")


def card_fields(answer: Any, statuses: Iterable[Mapping[str, Any]] = ()) -> dict[str, CardField]:
    """The answer to it, by name; `statuses` are rows of `crm.status.list` that name the values of directories."""
    directories: dict[str, dict[str, str]] = {}
    for row in statuses:
        directories.setdefault(str(row["ENTITY_ID"]), {})[str(row["STATUS_ID"])] = str(row["NAME"])
    described = as_map(as_map(answer).get("fields"))
    return {name: _card_field(name, as_map(about), directories) for name, about in described.items()}


def _card_field(name: str, about: Mapping[str, Any], directories: Mapping[str, Mapping[str, str]]) -> CardField:
    directory = str(about.get("statusType") or "")
    options = {str(one["ID"]): str(one["VALUE"]) for one in as_map(about.get("items")).values()}
    return CardField(
        name=name,
        label=str(about.get("formLabel") or about.get("listLabel") or about.get("title") or name),
        type=str(about.get("type") or "string"),
        multiple=_yes(about.get("isMultiple")),
        read_only=_yes(about.get("isReadOnly")),
        directory=directory,
        names=options or directories.get(directory, {}),
    )


def _yes(flag: Any) -> bool:
    return flag in (True, "Y", 1, "1")
