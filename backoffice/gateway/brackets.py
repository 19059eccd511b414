"""PHP's form encoding of nested arrays: `data[FIELDS][ID]=662` (apidocs.bitrix24.com, data encoding)."""

import re
from typing import Any
from urllib.parse import parse_qsl

MOST_FIELDS = 1000

_NAME = re.compile(r"(?P<first>[^\[\]]+)(?P<rest>(?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")


def decode(form: bytes) -> dict[str, Any]:
    """The form as nested dictionaries of strings; `[]` counts up from "0", the later of two equal names counts.

    ValueError for bytes that are no UTF-8, unbalanced brackets or more than 1000 fields.
    """
    nested: dict[str, Any] = {}
    fields = parse_qsl(form.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    for name, value in fields:
        _put(nested, _path(name), value)
    return nested


def _path(name: str) -> list[str]:
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise ValueError("unbalanced brackets in a field's name")
    return [parts["first"], *_KEY.findall(parts["rest"])]


def _put(nested: dict[str, Any], path: list[str], value: str) -> None:
    *parents, last = path
    for key in parents:
        inner = nested.get(key or str(len(nested)))
        if not isinstance(inner, dict):
            inner = nested[key or str(len(nested))] = {}
        nested = inner
    nested[last or str(len(nested))] = value
