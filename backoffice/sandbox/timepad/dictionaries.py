"""`/v1/dictionary/…`: the words behind ids; whether `name` is the machine word or the title is unverified."""

from collections.abc import Iterable
from typing import Any

from backoffice.sandbox.timepad.call import Call
from backoffice.sandbox.timepad.statuses import EVENT_CATEGORIES, MODERATION_STATUSES, TICKET_STATUSES


def event_statuses(_: Call) -> dict[str, Any]:
    return _values(enumerate(MODERATION_STATUSES, start=1))


def tickets_statuses(_: Call) -> dict[str, Any]:
    return _values(enumerate(TICKET_STATUSES, start=1))


def event_categories(_: Call) -> dict[str, Any]:
    return _values(EVENT_CATEGORIES.items())


def _values(pairs: Iterable[tuple[int, str]]) -> dict[str, Any]:
    return {"values": [{"id": number, "name": name} for number, name in pairs]}
