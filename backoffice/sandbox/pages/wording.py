"""Values and numbers in Russian, as the pages print them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE


def moment_text(moment: date | None) -> str:
    """`02.03.2026 12:00` in the portal's zone; a bare date without the time."""
    if moment is None:
        return "—"
    if isinstance(moment, datetime):
        return moment.astimezone(PORTAL_ZONE).strftime("%d.%m.%Y %H:%M")
    return moment.strftime("%d.%m.%Y")


def counted(number: int, one: str, few: str, many: str) -> str:
    """`1 билет`, `3 билета`, `5 билетов`."""
    tens, units = number % 100, number % 10
    if units == 1 and tens != 11:
        return f"{number} {one}"
    return f"{number} {few if units in (2, 3, 4) and tens not in (12, 13, 14) else many}"


def roubles(amount: Decimal) -> str:
    """`24 000 ₽`."""
    return f"{amount:,.0f} ₽".replace(",", " ")


def value_text(value: Any) -> str:
    """A stored value of any kind."""
    if isinstance(value, date):
        return moment_text(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}".replace(",", " ")
    return {"Y": "да", "N": "нет"}.get(value, str(value))


def texts(value: Any) -> list[str]:
    """The stored values of a field, one or many; none of an empty one."""
    values = value if isinstance(value, list) else [value]
    return [value_text(one) for one in values if one is not None]
