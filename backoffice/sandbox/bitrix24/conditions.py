"""Filters of list methods: prefixed names, comparison as the portal's database does it.

Official sources: settings/how-to-call-rest-api/list-methods-pecularities.md, crm/universal/crm-item-list.md.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE

Having = Callable[[list[Any]], bool]

_PREFIX = re.compile(r"^(!=%|!%=|!=|!%|!@|=%|%=|>=|<=|!|=|>|<|@|%)?(.*)$", re.DOTALL)
_SAME = {"": "=", "!": "!=", "%=": "=%", "!%=": "!=%", "@": "=", "!@": "!="}


def split_key(key: str) -> tuple[str, str]:
    """`!%NAME` -> ("!%", "NAME"); synonyms are given in one spelling (`=`, `!=`, `=%`, `!=%`)."""
    found = _PREFIX.match(key)
    prefix, name = (found[1] or "", found[2]) if found else ("", key)
    return _SAME.get(prefix, prefix), name


def having(operator: str, wanted: Iterable[Any], *, case_sensitive: bool) -> Having:
    """A test of the list of values an object has in one field (none of them: empty)."""

    def comparable(value: Any) -> Any:
        return _comparable(value, case_sensitive=case_sensitive)

    targets = [comparable(value) for value in wanted]
    positive = operator.removeprefix("!")
    matches = _MATCHES[positive](targets)

    def test(values: list[Any]) -> bool:
        return any(matches(comparable(value)) for value in values or [None]) != operator.startswith("!")

    return test


def _comparable(value: Any, *, case_sensitive: bool) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value if case_sensitive else value.casefold()
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), PORTAL_ZONE).astimezone(UTC)
    return value


def _equal(targets: list[Any]) -> Callable[[Any], bool]:
    known = set(targets)
    return lambda value: value in known


def _like(targets: list[Any]) -> Callable[[Any], bool]:
    patterns = [re.compile(".*".join(map(re.escape, str(target).split("%"))), re.DOTALL) for target in targets]
    return lambda value: any(pattern.fullmatch(str(value or "")) for pattern in patterns)


def _contains(targets: list[Any]) -> Callable[[Any], bool]:
    return lambda value: any(str(target or "") in str(value or "") for target in targets)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[list[Any]], Callable[[Any], bool]]:
    def bounded(targets: list[Any]) -> Callable[[Any], bool]:
        bound = targets[0] if targets else None
        if bound is None:
            return lambda _: True  # a bound of nothing bounds nothing, the trap of an unresolved $result
        return lambda value: value is not None and compare(value, bound)

    return bounded


_MATCHES: dict[str, Callable[[list[Any]], Callable[[Any], bool]]] = {
    "=": _equal,
    "%": _contains,
    "=%": _like,
    ">": _ordered(lambda value, bound: bool(value > bound)),
    ">=": _ordered(lambda value, bound: bool(value >= bound)),
    "<": _ordered(lambda value, bound: bool(value < bound)),
    "<=": _ordered(lambda value, bound: bool(value <= bound)),
}
