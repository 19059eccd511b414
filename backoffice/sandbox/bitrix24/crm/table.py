"""Objects of one kind, found by id, by phone or e-mail and by chosen fields without looking at all of them."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, overload

from backoffice.sandbox.bitrix24.crm.multifields import Multifield
from backoffice.sandbox.bitrix24.crm.ranges import Range

Communication = tuple[str, str]  # type and value, as `comm_key` makes it
Row = TypeVar("Row")
_CHANGED = "DATE_MODIFY"  # cursors are made of it, and of the id


@dataclass(frozen=True)
class Item:
    """`values` by the old methods' names, in the form `crm.values.stored` gives."""

    id: int
    values: dict[str, Any]
    multifields: tuple[Multifield, ...] = ()


@dataclass(frozen=True)
class Window(Sequence[Row]):
    """Neighbours in the order of ids, each looked at only when asked for; valid until the table changes."""

    look: Callable[[int], Row]
    places: range

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> "Window[Row]": ...

    def __getitem__(self, at: int | slice) -> "Row | Window[Row]":
        return Window(self.look, self.places[at]) if isinstance(at, slice) else self.look(self.places[at])

    def __iter__(self) -> Iterator[Row]:
        return map(self.look, self.places)


def comm_key(type_id: str, value: str) -> Communication:
    """Letter case and, of a phone, the extension do not count; the rest of the writing does."""
    text = value.strip().lower()
    return type_id, text.partition(";")[0].strip() if type_id == "PHONE" else text


class Table:
    """Ids only grow; iteration is in the order of ids. By the fields `indexed` objects are found at once."""

    def __init__(self, indexed: tuple[str, ...] = ("ORIGIN_ID",)) -> None:
        self.indexed = indexed
        self._items: dict[int, Item] = {}
        self._ids = array("q")
        self._by_comm: defaultdict[Communication, dict[int, None]] = defaultdict(dict)
        self._by_value: defaultdict[tuple[str, str], dict[int, None]] = defaultdict(dict)
        self._changed = Range()
        self._last_id = 0

    def __iter__(self) -> Iterator[Item]:
        return iter(self.within())

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._items

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def get(self, item_id: int) -> Item | None:
        return self._items.get(item_id)

    def at(self, place: int) -> Item:
        """The object at this place in the order of ids."""
        return self._items[self._ids[place]]

    def put(self, item: Item) -> None:
        """Add the item, or replace the one with its id."""
        if item.id not in self:
            insort(self._ids, item.id)
        self._forget(item.id)
        self._items[item.id] = item
        for key in _comm_keys(item):
            self._by_comm[key][item.id] = None
        for value in self._values(item):
            self._by_value[value][item.id] = None
        self._changed.add(item.values.get(_CHANGED), item.id)

    def remove(self, item_id: int) -> None:
        if item_id in self:
            del self._ids[bisect_left(self._ids, item_id)]
        self._forget(item_id)
        self._items.pop(item_id, None)

    def with_comm(self, type_id: str, value: str) -> list[Item]:
        """Items having the phone or e-mail, by id."""
        return self._found(self._by_comm.get(comm_key(type_id, value), {}))

    def having(self, field: str, value: object) -> list[Item]:
        """Items with the value in one of the fields `indexed`, by id."""
        return self._found(self._by_value.get((field, str(value)), {}))

    def within(self, least: int | None = None, most: int | None = None) -> Window[Item]:
        """Items by id, from the one id to the other; both are included, None is no bound."""
        first = 0 if least is None else bisect_left(self._ids, least)
        behind = len(self._ids) if most is None else bisect_right(self._ids, most)
        return Window(self.at, range(first, max(first, behind)))

    def changed_since(self, moment: datetime, fewer_than: int) -> list[Item] | None:
        """By id, items of which those changed since are a part; None if there are too many to be of use."""
        if self._changed.size_from(moment) >= fewer_than:
            return None
        return [self._items[item_id] for item_id in self._changed.ids_from(moment)]

    def shown(self, window: Window[Item], _key: Hashable, show: Callable[[Item], Any]) -> Window[Any]:
        """The items as `show` shows them, or by a quicker way to the same; one key, one way of showing."""
        return Window(lambda place: show(self.at(place)), window.places)

    def _found(self, ids: dict[int, None]) -> list[Item]:
        return [self._items[item_id] for item_id in sorted(ids)]

    def _forget(self, item_id: int) -> None:
        old = self._items.get(item_id)
        if old is None:
            return
        for key in _comm_keys(old):
            self._by_comm[key].pop(item_id, None)
        for value in self._values(old):
            self._by_value[value].pop(item_id, None)
        self._changed.discard(old.values.get(_CHANGED), item_id)

    def _values(self, item: Item) -> list[tuple[str, str]]:
        return [(field, str(item.values.get(field) or "")) for field in self.indexed]


def _comm_keys(item: Item) -> set[Communication]:
    return {comm_key(field.type_id, field.value) for field in item.multifields}
