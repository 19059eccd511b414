"""PHP's view of parameters and JSON, in which a list is a map with the keys 0..n-1.

Official source: settings/how-to-call-rest-api/data-encoding.md; the answers' shapes are captured ones.
"""

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import unquote_plus

_SEGMENTS = re.compile(r"\[([^\[\]]*)\]")
_MARK = secrets.token_hex(8)  # in nobody's text
_SCALARS = frozenset({str, int, float, bool, type(None)})
_PLACE = re.compile(f'"{_MARK}([0-9]+)"')


class Prepared(Mapping[str, Any]):
    """A map whose JSON is there already; it is read only if somebody looks into it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _map(self) -> dict[str, Any]:
        return map_of(json.loads(self.text))

    def __getitem__(self, key: str) -> Any:
        return self._map[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._map)

    def __len__(self) -> int:
        return len(self._map)


def decode_query(text: str) -> dict[str, Any]:
    """`a[x][]=1&b=2` -> {"a": {"x": ["1"]}, "b": "2"}."""
    root = _Node()
    for part in text.split("&"):
        if part:
            root.put(*_part(part))
    return {key: listed(value) for key, value in root.items()}


def nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Bracketed names -> nested maps; a map with the keys 0..n-1 becomes a list."""
    root = _Node()
    for name, value in pairs:
        root.put(_path(name), value)
    return {key: listed(value) for key, value in root.items()}


def listed(value: Any) -> Any:
    """Maps with the keys 0..n-1 as lists, at every depth; other values unchanged."""
    return _listed(value, [])


def to_json(value: Any) -> bytes:
    """Encode as PHP does: an empty map is `[]`, a map with the keys 0..n-1 is an array."""
    prepared: list[str] = []
    text = json.dumps(_listed(value, prepared), ensure_ascii=False, separators=(",", ":"), default=_number)
    if not prepared:
        return text.encode()
    pieces = _PLACE.split(text)
    pieces[1::2] = prepared
    return "".join(pieces).encode()


def _listed(value: Any, prepared: list[str]) -> Any:
    """As `listed`, with marks for what is prepared, whose JSON goes to the list in the order of the text."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, list | tuple):
        if value and all(type(item) is Prepared for item in value):
            return _marked(f"[{','.join([item.text for item in value])}]", prepared)
        return [_listed(item, prepared) for item in value]
    if type(value) is Prepared:
        return _marked(value.text, prepared)
    if not isinstance(value, Mapping):
        return value
    if all(str(key) == str(position) for position, key in enumerate(value)):
        return [_listed(item, prepared) for item in value.values()]
    return {str(key): _listed(item, prepared) for key, item in value.items()}


def _marked(text: str, prepared: list[str]) -> str:
    prepared.append(text)
    return f"{_MARK}{len(prepared)}"


def values_of(value: Any) -> list[Any]:
    """The items of what PHP calls an array, however it was sent; a lone scalar is one item."""
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else [value]


def map_of(value: Any) -> dict[str, Any]:
    """What PHP calls an array, keyed by text."""
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    return {str(position): item for position, item in enumerate(value)} if isinstance(value, list) else {}


def member(value: Any, key: str) -> Any:
    """What stands under the key of what PHP calls an array; None if nothing does."""
    if isinstance(value, list):
        return value[int(key)] if key.isdigit() and int(key) < len(value) else None
    if isinstance(value, Prepared):
        return value.get(key)
    return map_of(value).get(key)


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"the portal cannot answer with {type(value).__name__}")


@lru_cache(maxsize=10_000)
def _part(text: str) -> tuple[list[str], str]:
    """Path and value of `a[x][]=1`; the same ones come again and again."""
    name, _, value = text.partition("=")
    return _path(unquote_plus(name)), unquote_plus(value)


def _path(name: str) -> list[str]:
    head, bracket, _ = name.partition("[")
    return [head, *_SEGMENTS.findall(name)] if bracket and head else [name]


class _Node(dict[str, Any]):
    """A map that knows the number an item without a key gets."""

    following = 0

    def put(self, path: list[str], value: Any) -> None:
        """Set what the path leads to; maps on the way are made."""
        node = self
        for segment in path[:-1]:
            key = segment or str(node.following)
            inner = node.get(key)
            if not isinstance(inner, _Node):
                inner = _Node()
                node._set(key, inner)
            node = inner
        node._set(path[-1] or str(node.following), value)

    def _set(self, key: str, value: Any) -> None:
        self[key] = value
        if key.isdigit():
            self.following = max(self.following, int(key) + 1)
