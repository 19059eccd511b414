"""The lists themselves; elements are found by code without looking at all of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.universal_lists.fields import ListField
from backoffice.sandbox.clock import Clock

Values = list[tuple[int, Any]]  # valueId and value


@dataclass(frozen=True)
class Section:
    id: int
    name: str
    code: str
    external_id: str
    parent: int | None
    sort: int
    active: str
    author: int
    created: datetime
    changed: datetime


@dataclass(frozen=True)
class Element:
    """`values` by field id; a field without a value is absent."""

    id: int
    code: str
    name: str
    section: int | None
    author: int
    created: datetime
    changed: datetime
    values: dict[str, Values] = field(default_factory=dict)


@dataclass
class UniversalList:
    id: int
    type: str
    code: str
    name: str
    description: str
    sort: int
    changed: datetime
    fields: dict[str, ListField] = field(default_factory=dict)
    sections: dict[int, Section] = field(default_factory=dict)
    _elements: dict[int, Element] = field(default_factory=dict)
    _by_code: dict[str, int] = field(default_factory=dict)

    def elements(self) -> Iterator[Element]:
        """By id."""
        return iter(self._elements.values())

    def element(self, element_id: int) -> Element | None:
        return self._elements.get(element_id)

    def element_by_code(self, code: str) -> Element | None:
        return self._elements.get(self._by_code.get(code, 0))

    def put(self, element: Element) -> None:
        """Add the element, or replace the one with its id."""
        self._elements[element.id] = element
        self._by_code[element.code] = element.id

    def remove(self, element: Element) -> None:
        del self._elements[element.id]
        del self._by_code[element.code]


class UniversalLists:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers: dict[str, int] = {}
        self.by_id: dict[int, UniversalList] = {}

    def number(self, sequence: str) -> int:
        """The next id: lists, sections, elements, fields, options and values count separately."""
        self._numbers[sequence] = self._numbers.get(sequence, 0) + 1
        return self._numbers[sequence]

    def now(self) -> datetime:
        return self._clock.now().replace(microsecond=0)

    def add(self, type_id: str, code: str, name: str, description: str = "", sort: int = 500) -> UniversalList:
        """A list with its one field that cannot be absent, the name."""
        added = UniversalList(self.number("list"), type_id, code, name, description, sort, self.now())
        added.fields["NAME"] = ListField("NAME", 0, "Название", "NAME", required=True, sort=10)
        self.by_id[added.id] = added
        return added

    def find(self, type_id: str, list_id: int | None, code: str | None) -> UniversalList | None:
        """By id or by code, within one type of information blocks."""
        for candidate in self.by_id.values():
            if candidate.type == type_id and (candidate.id == list_id or (code and candidate.code == code)):
                return candidate
        return None

    def values(self, field: ListField, raw: list[Any]) -> Values:
        """Values as they will be kept, each with an id of its own; empty ones are left out."""
        return [(self.number("value"), field.stored(item)) for item in raw if item not in ("", None, False)]
