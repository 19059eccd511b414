"""Fields of a list and the values elements have in them.

Official sources: lists/fields/lists-field-add.md, lists-field-get.md, lists/elements/index.md.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE, PortalConfig
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import in_site_format, moment

_CUSTOM = "S N L F G E S:Date S:DateTime S:HTML E:EList N:Sequence S:ECrm S:Money S:DiskFile S:employee"
_SYSTEM = """
NAME SORT ACTIVE_FROM ACTIVE_TO PREVIEW_PICTURE PREVIEW_TEXT DETAIL_PICTURE DETAIL_TEXT
DATE_CREATE CREATED_BY TIMESTAMP_X MODIFIED_BY
"""
CUSTOM, SYSTEM = frozenset(_CUSTOM.split()), frozenset(_SYSTEM.split())
_CRM_PREFIXES = {"LEAD": "L", "CONTACT": "C", "COMPANY": "CO", "DEAL": "D"}


@dataclass(frozen=True)
class ListField:
    """`id` is PROPERTY_7 for a custom field, the type's own name for a system one."""

    id: str
    number: int
    name: str
    type: str
    code: str = ""
    multiple: bool = False
    required: bool = False
    sort: int = 500
    default: str = ""
    options: dict[int, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    user_type_settings: dict[str, Any] = field(default_factory=dict)

    @property
    def custom(self) -> bool:
        return self.id.startswith("PROPERTY_")

    def stored(self, raw: Any) -> Any:
        """The value to keep (text, int, Decimal, date or moment); a value of a wrong kind is refused by name."""
        try:
            return self._stored(raw)
        except (ValueError, InvalidOperation):
            raise Refusal("ERROR_ELEMENT_FIELD_VALUE", f"Incorrect value {raw!r} of field {self.name}") from None

    def shown(self, value: Any, config: PortalConfig) -> str:
        """As elements show it: text, dates in the site's format, in the portal's zone."""
        if isinstance(value, datetime):
            return in_site_format(value, config.site_datetime)
        if isinstance(value, date):
            return value.strftime(config.site_date)
        return str(value)

    def row(self) -> dict[str, Any]:
        """As `lists.field.get` describes it."""
        base, _, user_type = self.type.partition(":")
        shown: dict[str, Any] = {
            "FIELD_ID": self.id,
            "SORT": self.sort,
            "NAME": self.name,
            "IS_REQUIRED": "Y" if self.required else "N",
            "MULTIPLE": "Y" if self.multiple else "N",
            "DEFAULT_VALUE": self.default,
            "TYPE": self.type,
            "SETTINGS": self.settings,
        }
        if not self.custom:
            return shown
        own = {"PROPERTY_TYPE": base, "PROPERTY_USER_TYPE": {"USER_TYPE": user_type} if user_type else False}
        shown |= {**own, "CODE": self.code, "ID": str(self.number), "LINK_IBLOCK_ID": None}
        shown |= {"ROW_COUNT": "1", "COL_COUNT": "30", "USER_TYPE_SETTINGS": self.user_type_settings or None}
        options = {str(number): text for number, text in self.options.items()}
        return shown | ({"DISPLAY_VALUES_FORM": options} if options else {})

    def _stored(self, raw: Any) -> Any:
        text = str(raw).strip()
        match self.type:
            case "S:DateTime":
                return moment(text)
            case "S:Date":
                return moment(text).astimezone(PORTAL_ZONE).date()
            case "N" | "N:Sequence":
                return Decimal(text)
            case "L":
                return self._option(int(text))
            case "G" | "E" | "E:EList" | "S:employee" | "S:DiskFile":
                return int(text)
            case "S:ECrm":
                return self._crm_link(text)
        return text

    def _option(self, number: int) -> int:
        if number not in self.options:
            raise ValueError(number)
        return number

    def _crm_link(self, text: str) -> str:
        """A bare id where one kind is allowed, with a prefix (`C_3`) where several are.

        A real portal keeps the other form too, but then loses it on export; the sandbox refuses it.
        """
        allowed = [prefix for kind, prefix in _CRM_PREFIXES.items() if self.user_type_settings.get(kind) == "Y"]
        prefix, underscore, number = text.rpartition("_")
        if bool(underscore) != (len(allowed) > 1) or (prefix and prefix not in allowed):
            raise ValueError(text)
        return f"{prefix}_{int(number)}" if prefix else str(int(number))
