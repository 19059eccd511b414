"""Employees of the portal. Official source: user/user-get.md."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class User:
    id: int
    name: str
    last_name: str
    email: str
    active: bool = True
    admin: bool = False
    position: str = ""

    def card(self) -> dict[str, Any]:
        """As `user.get` shows it: text, but a real boolean in ACTIVE."""
        return {
            "ID": str(self.id),
            "ACTIVE": self.active,
            "NAME": self.name,
            "LAST_NAME": self.last_name,
            "EMAIL": self.email,
            "WORK_POSITION": self.position,
            "TIME_ZONE": "",
            "USER_TYPE": "employee",
            "UF_DEPARTMENT": [1],
        }


def initial_users() -> dict[int, User]:
    """The webhook's owner, an administrator, and two managers."""
    people = (
        User(1, "Мария", "Орлова", "orlova@sandbox.example", admin=True, position="Администратор"),
        User(2, "Иван", "Лебедев", "lebedev@sandbox.example", position="Менеджер"),
        User(3, "Ольга", "Зимина", "zimina@sandbox.example", position="Менеджер"),
    )
    return {user.id: user for user in people}
