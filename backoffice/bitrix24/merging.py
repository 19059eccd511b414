"""Merging contacts of one person (crm/duplicates/crm-entity-merge-batch.md).

The method is no batch in spite of its name: it unites several cards in the first of them and deletes the others. What
cards may differ in is documented in one sentence, so the portal is asked, and obeyed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.card_fields import AUDIT, CardField, card_fields, fields_command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.contacts import CONTACT, contacts_by_id
from backoffice.bitrix24.doubt import ROUNDS, SETTLE, settled
from backoffice.bitrix24.errors import AmbiguousWrite, RequestRefused
from backoffice.bitrix24.listing import rows_of
from backoffice.bitrix24.wire import as_map

METHOD = "crm.entity.mergeBatch"
EMPTY: tuple[Any, ...] = (None, "", 0, "0", False, [])


@dataclass(frozen=True)
class Merged:
    """Only the survivor is left; `victims` are all those who were to become part of it."""

    survivor: int
    victims: tuple[int, ...]


@dataclass(frozen=True)
class Conflict:
    """The portal leaves it to a person, and nothing was changed.

    `fields`: the label of each field that is filled differently -> the contacts in which it is filled. Empty where the
    cards show no such field.
    """

    fields: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Failed:
    """Nothing was merged, or not everything; the reason in the portal's words."""

    reason: str


NO_ANSWER = Failed("портал не отвечает на просьбу объединить контакты")
"""Nobody knows what was merged: worth another try."""


def merge(
    portal: Portal, survivor: int, victims: Sequence[int], *, settle: timedelta = SETTLE
) -> Merged | Conflict | Failed:
    """Unite the victims in the survivor. Those who are gone already count as merged.

    What got no answer is looked for when the portal can no longer be at it, and asked for again if it was not done.
    """
    left = tuple(victims)
    for _ in range(ROUNDS):
        answer = _ask(portal, survivor, left, settle)
        if answer == "SUCCESS":
            return Merged(survivor, tuple(victims))
        if answer == "CONFLICT":
            return Conflict(differing_fields(portal, (survivor, *left)))
        living = contacts_by_id(portal, (survivor, *left)).keys()
        if survivor not in living:
            return Failed(f"контакта {survivor} больше нет")
        if not living & set(left):
            return Merged(survivor, tuple(victims))
        if answer and living >= set(left):
            return Failed(answer)
        left = tuple(victim for victim in left if victim in living)
    return NO_ANSWER


def differing_fields(portal: Portal, contact_ids: Collection[int]) -> dict[str, tuple[int, ...]]:
    """What the contacts' cards say differently: label -> those who say anything; without phones and addresses."""
    ids = sorted(contact_ids)
    listing = {
        "entityTypeId": CONTACT,
        "useOriginalUfNames": "Y",
        "select": ["*"],
        "filter": {"@id": ids},
        "order": {"id": "ASC"},
        "start": -1,
    }
    page, described = portal.batch([Command("crm.item.list", listing, "cards"), fields_command(CONTACT)]).values()
    rows = rows_of("crm.item.list", page)
    compared = [own for own in card_fields(described).values() if _is_compared(own)]
    return {own.label: owners for own in compared if (owners := _owners(own.name, rows))}


def _ask(portal: Portal, survivor: int, victims: Sequence[int], settle: timedelta) -> str | None:
    """The STATUS in the answer, or the words of a refusal; None if no answer came, once the portal is through."""
    try:
        params = {"entityTypeId": CONTACT, "entityIds": [survivor, *victims]}
        return str(as_map(portal.call(METHOD, params=params)).get("STATUS"))
    except RequestRefused as error:
        return str(error)
    except AmbiguousWrite as error:
        settled(portal, {METHOD: error.sent_at}, lambda keys: _done(portal, victims, keys), settle=settle)
        return None


def _done(portal: Portal, victims: Sequence[int], keys: Collection[str]) -> dict[str, Any]:
    return {} if contacts_by_id(portal, victims) else dict.fromkeys(keys, True)


def _is_compared(own: CardField) -> bool:
    return not (own.multiple or own.read_only or own.name in AUDIT)


def _owners(name: str, rows: Sequence[Row]) -> tuple[int, ...]:
    """Who has the field filled, if not all of them with the same."""
    filled = {int(row["id"]): str(row[name]) for row in rows if row.get(name) not in EMPTY}
    return tuple(filled) if len(set(filled.values())) > 1 else ()
