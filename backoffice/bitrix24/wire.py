"""The portal's wire format: parameters out, envelopes in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

import httpx
import orjson

from backoffice.bitrix24.errors import PortalError, refusal


@dataclass(frozen=True)
class Answer:
    """One successful answer: the `result`, and what the envelope says about the listing and the time spent."""

    result: Any
    total: int | None = None
    next: int | None = None
    time: Mapping[str, Any] = field(default_factory=dict)


class Reference(str):
    """Text of our own in a command that stands for another command's answer: `$result[c_000][49][ID]`."""


def plain(value: Any) -> Any:
    """A value as the portal takes it in JSON and in a form alike: aware ISO time, decimal text, 1/0 for a bare bool."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value


def command_line(method: str, params: Mapping[str, Any]) -> str:
    """A batch command: `method?query` in PHP's bracket notation, each value percent-encoded once.

    Source: settings/how-to-call-rest-api/batch.md and data-encoding.md; an empty list travels as `key[]=`. The portal
    puts other commands' answers in for `$result[…]` wherever it stands; a space keeps people's text from reading them.
    """
    pairs = ((name, _harmless(text)) for name, text in _pairs(plain(params), ""))
    query = "&".join(f"{_quoted(name, '[]')}={_quoted(text, '')}" for name, text in pairs)
    return f"{method}?{query}" if query else method


@lru_cache(maxsize=2048)
def _quoted(text: str, safe: str) -> str:
    """The commands of a request are nearly the same."""
    return quote_plus(text, safe=safe)


def _harmless(text: str) -> str:
    return text if isinstance(text, Reference) else text.replace("$result[", "$result [")


def _pairs(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _pairs(inner, f"{name}[{key}]" if name else key)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _pairs(inner, f"{name}[{index}]")
    elif isinstance(value, Mapping | list):
        if name:
            yield f"{name}[]", ""
    else:
        yield name, value if isinstance(value, str) else "" if value is None else str(value)


def as_map(value: Any) -> dict[str, Any]:
    """A PHP array as a mapping: an empty one arrives as `[]`, one with the keys 0..n-1 as a list."""
    if isinstance(value, Mapping):
        return {str(key): inner for key, inner in value.items()}
    if isinstance(value, list):
        return {str(index): inner for index, inner in enumerate(value)}
    return {}


def read_envelope(method: str, response: httpx.Response) -> Answer | PortalError | None:
    """The envelope of a response, as `read_text` reads it."""
    return read_text(method, response.status_code, response.content)


def read_text(method: str, status: int, text: bytes) -> Answer | PortalError | None:
    """The envelope in a body: an answer, the portal's own error, or None where the body is not the portal's.

    An `error` key means failure whatever the HTTP status (crm.contact.company.items.get documents 200 for errors).
    """
    body = _read_json(text)
    if not isinstance(body, Mapping):
        return None
    if "error" in body:
        return read_error(method, body)
    if "result" not in body or status >= 300:
        return None
    return Answer(body["result"], body.get("total"), body.get("next"), as_map(body.get("time")))


def _read_json(text: bytes) -> Any:
    """None where it is no JSON. The fast reader takes no half of a two-part character, which the slow one does."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(text)
    except ValueError:
        return None


def read_error(method: str, raw: Any) -> PortalError:
    """The error in an envelope or in a batch's `result_error`; a command's error may be a plain string.

    REST 3.0 wraps it: `{"error": {"code", "message", "validation": [{"field", "message"}]}}` (rest-v3.md).
    """
    if not isinstance(raw, Mapping):
        return refusal(method, "", str(raw))
    wrapped = raw.get("error")
    if not isinstance(wrapped, Mapping):
        return refusal(method, error_code(raw), str(raw.get("error_description", "")))
    wrong = [f"{one.get('field')}: {one.get('message')}" for one in as_map(wrapped.get("validation")).values()]
    return refusal(method, error_code(raw), "; ".join([str(wrapped.get("message", "")), *wrong]))


def error_code(body: Mapping[str, Any]) -> str:
    """The code of the error in an envelope of REST 2.0 or 3.0; empty if it has none."""
    error = body.get("error", "")
    return str(error.get("code", "")) if isinstance(error, Mapping) else str(error)
