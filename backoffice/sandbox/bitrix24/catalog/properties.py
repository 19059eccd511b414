"""Properties of products and the values products have in them.

Official sources: catalog/product-property/catalog-product-property-{add,update,get,list}.md, catalog/data-types.md.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE, PortalConfig
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import in_portal_zone, moment

Kept = tuple[tuple[int, Any], ...]  # valueId and value

_TYPES = """
N S L F E G S:DateTime S:Date S:Money S:directory S:employee S:UserID S:HTML S:map_google S:map_yandex S:DiskFile S:ECrm
E:SKU E:EList E:EAutocomplete G:SectionAuto L:BoolEnum N:Sequence
"""
TYPES = frozenset(_TYPES.split())
_DATED = ("S:DateTime", "S:Date")
DEFAULTS: dict[str, Any] = {
    "active": "Y",
    "code": None,
    "colCount": 30,
    "defaultValue": None,
    "fileType": None,
    "filtrable": "N",
    "hint": None,
    "isRequired": "N",
    "linkIblockId": None,
    "listType": "L",
    "multiple": "N",
    "multipleCnt": None,
    "rowCount": 1,
    "searchable": "N",
    "sort": 500,
    "userType": None,
    "userTypeSettings": None,
    "withDescription": None,
    "xmlId": None,
}


@dataclass(frozen=True)
class Property:
    """`settings` by the documented names, those that may be written."""

    id: int
    iblock_id: int
    name: str
    type: str  # S:DateTime: propertyType and userType
    changed: datetime
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def multiple(self) -> bool:
        return bool(self.settings["multiple"] == "Y")

    @property
    def code(self) -> str:
        return self.settings["code"] or ""

    def row(self) -> dict[str, Any]:
        """As `catalog.productProperty.get` shows it."""
        base, _, user_type = self.type.partition(":")
        own = {"id": self.id, "iblockId": self.iblock_id, "name": self.name, "propertyType": base}
        return {**self.settings, **own, "userType": user_type or None, "timestampX": in_portal_zone(self.changed)}

    def stored(self, raw: Any, config: PortalConfig) -> Any:
        """The value to keep. Whether a portal keeps what is not a date is not documented: `catalog_keeps_bad_dates`."""
        try:
            return self.typed(raw)
        except (ValueError, InvalidOperation):
            if config.catalog_keeps_bad_dates and self.type in _DATED:
                return str(raw)
            raise Refusal(0, f"Wrong format of field property{self.id}") from None

    def typed(self, raw: Any) -> Any:
        """A moment, a date, a number or text; ValueError for what is none of them."""
        text = str(raw).strip()
        match self.type:
            case "S:DateTime":
                return moment(text).replace(microsecond=0)
            case "S:Date":
                return moment(text).astimezone(PORTAL_ZONE).date()
            case "N" | "N:Sequence":
                return Decimal(text)
        return int(text) if self.type[0] in "LEGF" and text.isdigit() else text

    def comparable(self, kept: Kept) -> list[Any]:
        """What filters and orders see: of dates, what is a date."""
        dated = self.type in _DATED
        return [value for _, value in kept if not (dated and isinstance(value, str))]

    def shown(self, kept: Kept, config: PortalConfig) -> Any:
        """One {"value", "valueId"}, several of them in a multiple property, None without values."""
        pairs = [{"value": _text(value, config), "valueId": str(number)} for number, value in kept]
        if not pairs:
            return None
        return pairs if self.multiple else pairs[0]


def check_code(code: str) -> None:
    """Latin letters, digits and underscores, no digit first."""
    if re.match(r"\d", code):
        raise Refusal("0", "Property code cannot start with a digit")
    if not re.fullmatch(r"\w*", code, re.ASCII):
        raise Refusal("0", "Wrong format of field `code`")


def _text(value: Any, config: PortalConfig) -> str:
    """How a moment is written in a value is not documented: `catalog_datetime`, `catalog_naive_in`."""
    if isinstance(value, datetime):
        if config.catalog_datetime == "iso":
            return in_portal_zone(value)
        naive = value.astimezone(UTC if config.catalog_naive_in == "utc" else PORTAL_ZONE).replace(tzinfo=None)
        return naive.strftime(config.site_datetime) if config.catalog_datetime == "site" else naive.isoformat()
    if isinstance(value, date):
        return value.strftime(config.site_date) if config.catalog_datetime == "site" else value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
