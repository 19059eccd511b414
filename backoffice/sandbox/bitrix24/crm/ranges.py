"""Ids in the order of a value, so that those from a bound on are found without looking at all of them."""

from bisect import bisect_left, insort
from typing import Any


class Range:
    """Values are of one kind that can be compared; an id whose value is None is left out."""

    def __init__(self) -> None:
        self._pairs: list[tuple[Any, int]] = []

    def add(self, value: Any, item_id: int) -> None:
        if value is not None:
            insort(self._pairs, (value, item_id))

    def discard(self, value: Any, item_id: int) -> None:
        place = bisect_left(self._pairs, (value, item_id)) if value is not None else len(self._pairs)
        if self._pairs[place : place + 1] == [(value, item_id)]:
            del self._pairs[place]

    def size_from(self, bound: Any) -> int:
        return len(self._pairs) - bisect_left(self._pairs, (bound,))

    def ids_from(self, bound: Any) -> list[int]:
        """Of what is not less than the bound, in the order of ids."""
        return sorted(item_id for _, item_id in self._pairs[bisect_left(self._pairs, (bound,)) :])
