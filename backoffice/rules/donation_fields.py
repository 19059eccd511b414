"""Values out of JSON that may be written in several ways. What cannot be read is named by its place, never repeated."""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

KOPECK = Decimal("0.01")
LARGEST = Decimal(10) ** 12
LONGEST_WORD = 200
WHOLE = re.compile(r"-?\d{1,18}(?:\.0+)?", re.ASCII)
# PostgreSQL keeps neither, and neither means anything.
UNKEPT = re.compile("[\x00\ud800-\udfff]")
FLAGS: Mapping[object, bool] = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "", "false", "no", "off"), False),
}


class Unreadable(ValueError):
    """A field is missing or is not what it must be; the message names the field."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class Fields:
    """The fields of a JSON object at `place`. Without a default a field must be there; null counts as missing."""

    def __init__(self, value: object, place: str = "") -> None:
        if not isinstance(value, Mapping):
            raise Unreadable(place or "тело", "не объект")
        self._values: Mapping[str, Any] = value
        self._place = place

    @property
    def values(self) -> Mapping[str, Any]:
        """The object itself."""
        return self._values

    def at(self, name: str) -> str:
        """The place of a field, for messages."""
        return f"{self._place}.{name}" if self._place else name

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A text, trimmed, without HTML's escapes; a number is its digits."""
        value = self._given(name, default)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Unreadable(self.at(name), "не текст")
        return UNKEPT.sub("", html.unescape(str(value))).strip()

    def word(self, name: str) -> str:
        """A text that is not empty, and short enough for a key."""
        text = self.text(name)
        if not text or len(text) > LONGEST_WORD:
            raise Unreadable(self.at(name), "слишком длинно" if text else "пусто")
        return text

    def whole(self, name: str) -> int:
        """A whole number, or one written as text."""
        value = self._given(name, None)
        if isinstance(value, bool) or not WHOLE.fullmatch(str(value).strip()):
            raise Unreadable(self.at(name), "не целое число")
        return int(Decimal(str(value).strip()))

    def number(self, name: str) -> int | None:
        """The id of something; None if it is missing, empty or 0."""
        return (self.whole(name) or None) if self.has(name) and self._values[name] != "" else None

    def money(self, name: str, default: Decimal | None = None) -> Decimal:
        """A sum to the kopeck, also one written with a comma and spaces between the thousands."""
        value = self._given(name, default)
        try:
            sum_ = Decimal("".join(str(value).split()).replace(",", "."))
        except InvalidOperation:
            sum_ = Decimal("NaN")
        if isinstance(value, bool) or not sum_.is_finite() or abs(sum_) >= LARGEST:
            raise Unreadable(self.at(name), "не сумма")
        return sum_.quantize(KOPECK) + 0

    def moment(self, name: str) -> datetime:
        """An ISO moment in UTC; one without a zone is in UTC already."""
        text = self.text(name)
        try:
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError) as error:
            raise Unreadable(self.at(name), "не момент времени") from error

    def flag(self, name: str) -> bool | None:
        """Yes, no, or None if it is missing."""
        if not self.has(name):
            return None
        known = FLAGS.get(str(self._values[name]).strip().lower())
        if known is None:
            raise Unreadable(self.at(name), "не да и не нет")
        return known

    def inner(self, name: str) -> "Fields":
        """An object inside; an empty one if it is missing or `[]`, as PHP writes it."""
        return Fields(self._values.get(name) or {}, self.at(name))

    def texts(self, name: str) -> dict[str, str]:
        """An object inside, of texts; without those that are null or no text at all."""
        inner = self.inner(name)
        plain = (str(key) for key, value in inner._values.items() if isinstance(value, str | int | float))
        return {UNKEPT.sub("", key): inner.text(key) for key in plain if not isinstance(inner._values[key], bool)}

    def each(self, name: str) -> Iterator["Fields"]:
        """The objects of a list inside; none if it is missing."""
        rows = self._values.get(name) or []
        if not isinstance(rows, list):
            raise Unreadable(self.at(name), "не список")
        return (Fields(row, f"{self.at(name)}.{place}") for place, row in enumerate(rows))

    def _given(self, name: str, default: object) -> Any:
        value = self._values.get(name)
        if value is not None:
            return value
        if default is None:
            raise Unreadable(self.at(name), "нет")
        return default
