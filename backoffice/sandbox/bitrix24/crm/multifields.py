"""Phones, e-mails and the like: several typed values of one object, each with an id of its own.

Official sources: crm/data-types.md#crm_multifield, crm/contacts/crm-contact-update.md,
crm/universal/crm-item-update.md.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from backoffice.sandbox.bitrix24.errors import Refusal

# The documents show the refusal of a wrong address, but not the rule; no mail program takes what this one refuses.
ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True)
class Multifield:
    id: int
    type_id: str  # PHONE, EMAIL, …
    value_type: str  # WORK, HOME, …
    value: str


@dataclass(frozen=True)
class MultifieldChange:
    """One element sent: without `id` a new value, with `id` and no value the deletion of an old one."""

    type_id: str
    value: str
    value_type: str | None = None
    id: int | None = None


def apply_changes(
    current: tuple[Multifield, ...], changes: Iterable[MultifieldChange], first_id: int
) -> tuple[Multifield, ...]:
    """The values after `changes`; new ones are numbered from `first_id`. An unknown id is ignored."""
    result = {item.id: item for item in current}
    for change in changes:
        _check(change)
        if change.id is None and change.value:
            result[first_id] = Multifield(first_id, change.type_id, change.value_type or "WORK", change.value)
            first_id += 1
        elif change.id in result and change.value:
            old = result[change.id]
            result[change.id] = replace(old, value=change.value, value_type=change.value_type or old.value_type)
        elif change.id is not None:
            result.pop(change.id, None)
    return tuple(result.values())


def _check(change: MultifieldChange) -> None:
    if change.type_id == "EMAIL" and change.value and not ADDRESS.fullmatch(change.value):
        raise Refusal("ERROR_CORE", f"E-mail field contains an invalid address: {change.value}")
