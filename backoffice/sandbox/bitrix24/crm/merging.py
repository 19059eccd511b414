"""Merging objects, as mergeBatch does and as a person does who has settled the conflicts by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.bitrix24.crm.table import Item

if TYPE_CHECKING:
    from backoffice.sandbox.bitrix24.portal import Portal

_EMPTY: tuple[Any, ...] = (None, "", [])


def conflicts(portal: Portal, entity: str, items: list[Item]) -> list[str]:
    """Fields filled with different values; which fields count is undocumented, see `PortalConfig.merge_ignores`."""
    fields = portal.crm.types[entity].fields.values()
    compared = [
        field.name
        for field in fields
        if field.name not in portal.config.merge_ignores and not field.multiple and not field.read_only
    ]
    return [name for name in compared if len({repr(value) for value in _filled(items, name)}) > 1]


def merge(portal: Portal, entity: str, ids: list[int]) -> None:
    """The others are deleted; the first id takes over their phones, e-mails, links, comments, activities, empty fields.

    Where both have a value the first one's stays, as if a person had chosen so.
    """
    crm, table = portal.crm, portal.crm.tables[entity]
    survivor, *victims = [item for item_id in ids if (item := table.get(item_id))]
    for victim in victims:
        current = table.get(survivor.id) or survivor
        table.put(_united(portal, entity, current, victim))
        _take_links(portal, entity, survivor.id, victim.id)
        crm.comments = {
            key: replace(row, entity_id=survivor.id)
            if (row.entity, row.entity_id) == (entity.lower(), victim.id)
            else row
            for key, row in crm.comments.items()
        }
        kind = crm.types[entity].id
        crm.activities.move((kind, victim.id), (kind, survivor.id))
        crm.delete(entity, victim.id)
    portal.hooks.announce(f"ONCRM{entity}UPDATE", {"ID": survivor.id})


def _united(portal: Portal, entity: str, survivor: Item, victim: Item) -> Item:
    values = dict(survivor.values)
    for name, field in portal.crm.types[entity].fields.items():
        theirs = victim.values.get(name)
        if field.multiple and isinstance(theirs, list) and not field.write_only:
            values[name] = list(dict.fromkeys([*values.get(name, []), *theirs]))
        elif values.get(name) in _EMPTY and theirs not in _EMPTY:
            values[name] = theirs
    known = {(entry.type_id, entry.value) for entry in survivor.multifields}
    added = tuple(entry for entry in victim.multifields if (entry.type_id, entry.value) not in known)
    values |= {flag: "Y" for flag in ("HAS_PHONE", "HAS_EMAIL") if "Y" in (values.get(flag), victim.values.get(flag))}
    return Item(survivor.id, values, survivor.multifields + added)


def _take_links(portal: Portal, entity: str, survivor: int, victim: int) -> None:
    for (owner, linked), links in portal.crm.links.items():
        if entity == owner:
            for right in links.of(victim):
                links.add(survivor, right)
            portal.crm.relink(owner, linked, survivor)
        if entity == linked:
            for left in links.owners_of(victim):
                links.add(left, survivor)


def _filled(items: list[Item], name: str) -> list[Any]:
    return [value for item in items if (value := item.values.get(name)) not in _EMPTY]
