"""Employees of the portal. Official source: user/user-get.md."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE


@dataclass(frozen=True)
class User:
    """An employee; `zone` is empty for one who lives by the portal's clock, `active` false for a dismissed one."""

    id: int
    name: str
    last_name: str
    email: str
    active: bool = True
    admin: bool = False
    position: str = ""
    zone: str = ""

    @property
    def clock_zone(self) -> ZoneInfo:
        """Where the person's day begins."""
        return ZoneInfo(self.zone) if self.zone else PORTAL_ZONE

    def card(self) -> dict[str, Any]:
        """As `user.get` shows it: text, but a real boolean in ACTIVE."""
        return {
            "ID": str(self.id),
            "ACTIVE": self.active,
            "NAME": self.name,
            "LAST_NAME": self.last_name,
            "EMAIL": self.email,
            "WORK_POSITION": self.position,
            "TIME_ZONE": self.zone,
            "USER_TYPE": "employee",
            "UF_DEPARTMENT": [1],
        }


def initial_users() -> dict[int, User]:
    """The webhook's owner, an administrator, two managers, and one who has left."""
    people = (
        User(1, "Мария", "Орлова", "orlova@sandbox.example", admin=True, position="Администратор"),
        User(2, "Иван", "Лебедев", "lebedev@sandbox.example", position="Менеджер"),
        User(3, "Ольга", "Зимина", "zimina@sandbox.example", position="Менеджер"),
        User(4, "Пётр", "Седов", "sedov@sandbox.example", active=False, position="Менеджер"),
    )
    return {user.id: user for user in people}
