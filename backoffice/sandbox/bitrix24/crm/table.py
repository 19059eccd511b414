"""Objects of one kind, found by id, by phone or e-mail and by chosen fields without looking at all of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from backoffice.sandbox.bitrix24.crm.multifields import Multifield
from backoffice.sandbox.bitrix24.crm.ranges import Range

Communication = tuple[str, str]  # type and value, as `comm_key` makes it
_RANGED = ("ID", "DATE_MODIFY")  # cursors are made of these


@dataclass(frozen=True)
class Item:
    """`values` by the old methods' names, in the form `crm.values.stored` gives."""

    id: int
    values: dict[str, Any]
    multifields: tuple[Multifield, ...] = ()


def comm_key(type_id: str, value: str) -> Communication:
    """Letter case and, of a phone, the extension do not count; the rest of the writing does."""
    text = value.strip().lower()
    return type_id, text.partition(";")[0].strip() if type_id == "PHONE" else text


class Table:
    """Ids only grow; iteration is in the order of ids. By the fields `indexed` objects are found at once."""

    def __init__(self, indexed: tuple[str, ...] = ("ORIGIN_ID",)) -> None:
        self.indexed = indexed
        self._items: dict[int, Item] = {}
        self._by_comm: defaultdict[Communication, dict[int, None]] = defaultdict(dict)
        self._by_value: defaultdict[tuple[str, str], dict[int, None]] = defaultdict(dict)
        self._ranges = {field: Range() for field in _RANGED}
        self._last_id = 0

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._items

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def get(self, item_id: int) -> Item | None:
        return self._items.get(item_id)

    def put(self, item: Item) -> None:
        """Add the item, or replace the one with its id."""
        self._forget(item.id)
        self._items[item.id] = item
        for key in _comm_keys(item):
            self._by_comm[key][item.id] = None
        for value in self._values(item):
            self._by_value[value][item.id] = None
        for field, found in self._ranges.items():
            found.add(_ranged(item, field), item.id)

    def remove(self, item_id: int) -> None:
        self._forget(item_id)
        self._items.pop(item_id, None)

    def with_comm(self, type_id: str, value: str) -> list[Item]:
        """Items having the phone or e-mail, by id."""
        return self._found(self._by_comm.get(comm_key(type_id, value), {}))

    def having(self, field: str, value: object) -> list[Item]:
        """Items with the value in one of the fields `indexed`, by id."""
        return self._found(self._by_value.get((field, str(value)), {}))

    def beyond(self, bounds: dict[str, Any]) -> Iterable[Item]:
        """By id, items of which those not less than the bounds are a part: as few as is found at once."""
        known = {field: bound for field, bound in bounds.items() if field in self._ranges and bound is not None}
        if not known:
            return self
        narrowest = min(known, key=lambda field: self._ranges[field].size_from(known[field]))
        return (self._items[item_id] for item_id in self._ranges[narrowest].ids_from(known[narrowest]))

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
        for field, found in self._ranges.items():
            found.discard(_ranged(old, field), item_id)

    def _values(self, item: Item) -> list[tuple[str, str]]:
        return [(field, str(item.values.get(field) or "")) for field in self.indexed]


def _ranged(item: Item, field: str) -> Any:
    return item.id if field == "ID" else item.values.get(field)


def _comm_keys(item: Item) -> set[Communication]:
    return {comm_key(field.type_id, field.value) for field in item.multifields}
