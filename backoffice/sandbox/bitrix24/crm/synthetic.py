"""A table that begins with a crowd of objects none of which is kept: each is made when somebody looks at it."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Any, Protocol

from backoffice.sandbox.bitrix24.crm.table import Item, Table, Window
from backoffice.sandbox.bitrix24.php import Prepared, to_json

_NUMBER, _LINK = 990_000_000_000_001, 990_000_000_000_002  # in no other value of an object


class Crowd(Protocol):
    """What the objects are: alike within a profile, but for their own number and that of one other object."""

    newest: datetime
    """Nobody of the crowd was changed later."""

    def place(self, item_id: int) -> tuple[int, int]:
        """Its profile, and the number of the other object."""

    def card(self, profile: int, item_id: int, link: int) -> Item:
        """The object; the two numbers stand in it as they are, or in the middle of a text."""

    def having(self, field: str, value: str) -> Iterable[int]:
        """The ids of the crowd with this value in an indexed field."""


class SyntheticTable(Table):
    """What is written is kept as in any table, and stands before the one of the crowd with the same id."""

    def __init__(self, ids: "array[int]", crowd: Crowd, indexed: tuple[str, ...] = ("ORIGIN_ID",)) -> None:
        super().__init__(indexed)
        self._ids, self._crowd = ids, crowd
        self._last_id = ids[-1] if ids else 0
        self._forms: dict[Hashable, dict[int, str]] = {}

    def __contains__(self, item_id: object) -> bool:
        if not isinstance(item_id, int):
            return False
        place = bisect_left(self._ids, item_id)
        return place < len(self._ids) and self._ids[place] == item_id

    def get(self, item_id: int) -> Item | None:
        return self._made(item_id) if item_id in self else None

    def at(self, place: int) -> Item:
        return self._made(self._ids[place])

    def having(self, field: str, value: object) -> list[Item]:
        kept = super().having(field, value)
        crowd = (item_id for item_id in self._crowd.having(field, str(value)) if item_id not in self._items)
        return sorted(kept + [self._made(item_id) for item_id in crowd if item_id in self], key=lambda item: item.id)

    def changed_since(self, moment: datetime, fewer_than: int) -> list[Item] | None:
        return super().changed_since(moment, fewer_than) if moment > self._crowd.newest else None

    def shown(self, window: Window[Item], key: Hashable, show: Callable[[Item], Any]) -> Window[Any]:
        """The JSON of one of a profile, with its two numbers open, is that of all of them."""
        ids, kept, crowd = self._ids, self._items, self._crowd
        forms = self._forms.setdefault(key, {})

        def look(place: int) -> Any:
            item_id = ids[place]
            if item_id in kept:
                return show(kept[item_id])
            profile, link = crowd.place(item_id)
            if profile not in forms:
                forms[profile] = _form(show(crowd.card(profile, _NUMBER, _LINK)))
            return Prepared(forms[profile] % {"id": item_id, "link": link})

        return Window(look, window.places)

    def _made(self, item_id: int) -> Item:
        kept = self._items.get(item_id)
        if kept is not None:
            return kept
        profile, link = self._crowd.place(item_id)
        return self._crowd.card(profile, item_id, link)


def _form(shown: Any) -> str:
    text = to_json(shown).decode().replace("%", "%%")
    return text.replace(str(_NUMBER), "%(id)d").replace(str(_LINK), "%(link)d")
