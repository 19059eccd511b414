"""PHP's view of parameters and JSON, in which a list is a map with the keys 0..n-1.

Official source: settings/how-to-call-rest-api/data-encoding.md; the answers' shapes are captured ones.
"""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

_SEGMENTS = re.compile(r"\[([^\[\]]*)\]")


def decode_query(text: str) -> dict[str, Any]:
    """`a[x][]=1&b=2` -> {"a": {"x": ["1"]}, "b": "2"}."""
    return nest(parse_qsl(text, keep_blank_values=True))


def nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Bracketed names -> nested maps; a map with the keys 0..n-1 becomes a list."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        _put(root, _path(name), value)
    return {key: listed(value) for key, value in root.items()}


def listed(value: Any) -> Any:
    """Maps with the keys 0..n-1 as lists, at every depth; other values unchanged."""
    if isinstance(value, list | tuple):
        return [listed(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if all(str(key) == str(position) for position, key in enumerate(value)):
        return [listed(item) for item in value.values()]
    return {str(key): listed(item) for key, item in value.items()}


def to_json(value: Any) -> bytes:
    """Encode as PHP does: an empty map is `[]`, a map with the keys 0..n-1 is an array."""
    return json.dumps(listed(value), ensure_ascii=False, separators=(",", ":"), default=_number).encode()


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


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"the portal cannot answer with {type(value).__name__}")


def _path(name: str) -> list[str]:
    head, bracket, _ = name.partition("[")
    return [head, *_SEGMENTS.findall(name)] if bracket and head else [name]


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    for segment in path[:-1]:
        key = segment or _next_index(target)
        if not isinstance(target.get(key), dict):
            target[key] = {}
        target = target[key]
    target[path[-1] or _next_index(target)] = value


def _next_index(target: dict[str, Any]) -> str:
    return str(max((int(key) for key in target if key.isdigit()), default=-1) + 1)
