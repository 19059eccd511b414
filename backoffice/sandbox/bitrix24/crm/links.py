"""Many-to-many links between two kinds of objects, each with an order and a primary one."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

STEP = 10


@dataclass(frozen=True)
class Link:
    sort: int = STEP
    primary: bool = False


class Links:
    """Owners (contacts of companies, deals of contacts) on the left, what they are linked to on the right."""

    def __init__(self) -> None:
        self._rights: defaultdict[int, dict[int, Link]] = defaultdict(dict)
        self._lefts: defaultdict[int, dict[int, None]] = defaultdict(dict)

    def of(self, left: int) -> dict[int, Link]:
        """What `left` is linked to, in order."""
        return dict(sorted(self._rights.get(left, {}).items(), key=lambda entry: entry[1].sort))

    def owners_of(self, right: int) -> list[int]:
        return list(self._lefts.get(right, {}))

    def primary_of(self, left: int) -> int | None:
        """The one marked primary, else the first."""
        rights = self.of(left)
        return next((right for right, link in rights.items() if link.primary), next(iter(rights), None))

    def add(self, left: int, right: int, *, sort: int | None = None, primary: bool = False) -> bool:
        """False when they are linked already."""
        if right in self._rights[left]:
            return False
        position = STEP * (len(self._rights[left]) + 1)
        self._put(left, right, Link(sort if sort is not None else position, primary))
        return True

    def remove(self, left: int, right: int) -> bool:
        self._lefts[right].pop(left, None)
        return self._rights[left].pop(right, None) is not None

    def replace(self, left: int, rights: list[int]) -> None:
        """Link `left` to exactly these, the first one primary."""
        for right in self.of(left):
            self.remove(left, right)
        for position, right in enumerate(dict.fromkeys(rights)):
            self._put(left, right, Link(STEP * (position + 1), primary=position == 0))

    def rows(self, left: int, key: str) -> list[dict[str, Any]]:
        """As `*.items.get` shows them: {"COMPANY_ID": 7, "SORT": 10, "ROLE_ID": 0, "IS_PRIMARY": "Y"}."""
        primary = self.primary_of(left)
        return [
            {key: right, "SORT": link.sort, "ROLE_ID": 0, "IS_PRIMARY": "Y" if right == primary else "N"}
            for right, link in self.of(left).items()
        ]

    def _put(self, left: int, right: int, link: Link) -> None:
        if link.primary:
            self._rights[left] = {other: Link(old.sort) for other, old in self._rights[left].items()}
        self._rights[left][right] = link
        self._lefts[right][left] = None
