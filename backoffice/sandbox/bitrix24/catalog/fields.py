"""Standard fields of products. Official source: catalog/data-types.md#catalog_product and its neighbours."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from backoffice.sandbox.bitrix24.moments import in_portal_zone, moment

# Name, type, default («-»: none), flags: `ro` is not written, `listed` comes in lists only.
_TABLE = """
id integer - ro
iblockId integer - ro
name string -
active char Y
available char Y ro
barcodeMulti char N listed
bundle char N ro
canBuyZero char N
code string -
createdBy integer -
dateActiveFrom datetime -
dateActiveTo datetime -
dateCreate datetime -
detailPicture file -
detailText string -
detailTextType string text
height double -
iblockSectionId integer -
length double -
measure integer 5
modifiedBy integer -
previewPicture file -
previewText string -
previewTextType string text
purchasingCurrency string -
purchasingPrice double -
quantity double 0
quantityReserved double 0
quantityTrace char N
recurSchemeLength integer - listed
recurSchemeType string D listed
sort integer 500
subscribe char Y
timestampX datetime - ro
trialPriceId integer - listed
type integer - ro
vatId integer -
vatIncluded char N
weight double -
width double -
withoutOrder char N listed
xmlId string -
"""


@dataclass(frozen=True)
class ProductField:
    name: str
    type: str
    default: str
    read_only: bool = False
    listed: bool = False

    def typed(self, raw: Any) -> Any:
        """The value to keep or to compare with; None for nothing, ValueError for what does not fit the type."""
        if raw in ("", None):
            return None
        match self.type:
            case "integer":
                return int(raw)
            case "double":
                return Decimal(str(raw))
            case "datetime":
                return moment(str(raw)).replace(microsecond=0)
        return str(raw)


def shown(value: Any) -> Any:
    """Numbers are numbers, moments are in ISO 8601."""
    if isinstance(value, Decimal):
        return plain(value)
    return in_portal_zone(value) if isinstance(value, datetime) else value


def plain(value: Decimal) -> int | float:
    """A whole number without a fraction, as PHP writes it."""
    return int(value) if value == value.to_integral_value() else float(value)


def _read(line: str) -> ProductField:
    name, kind, default, *flags = line.split()
    return ProductField(name, kind, "" if default == "-" else default, "ro" in flags, "listed" in flags)


FIELDS = {field.name: field for field in map(_read, _TABLE.strip().splitlines())}
