"""The CRM of the portal: objects, links, user fields, directories, stage history, comments, activities, rows.

Both façades come here to write, so that an object is the same whichever way it was made.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.catalog.rows import ProductRows
from backoffice.sandbox.bitrix24.crm import stages
from backoffice.sandbox.bitrix24.crm.activities import Activities
from backoffice.sandbox.bitrix24.crm.defaults import defaults
from backoffice.sandbox.bitrix24.crm.directories import Directories
from backoffice.sandbox.bitrix24.crm.entities import entity_types
from backoffice.sandbox.bitrix24.crm.links import Links
from backoffice.sandbox.bitrix24.crm.multifields import Multifield, MultifieldChange, apply_changes
from backoffice.sandbox.bitrix24.crm.schema import EntityType
from backoffice.sandbox.bitrix24.crm.stages import HistoryRow
from backoffice.sandbox.bitrix24.crm.table import Item, Table
from backoffice.sandbox.bitrix24.crm.userfields import UserField
from backoffice.sandbox.bitrix24.hooks import Hooks
from backoffice.sandbox.clock import Clock

# (owner, linked) -> the owner's fields with the primary one and with all of them, the linked one's field with owners.
LINKED = {
    ("CONTACT", "COMPANY"): ("COMPANY_ID", "COMPANY_IDS", "CONTACT_ID"),
    ("DEAL", "CONTACT"): ("CONTACT_ID", "CONTACT_IDS", None),
    ("LEAD", "CONTACT"): ("CONTACT_ID", "CONTACT_IDS", None),
}


@dataclass(frozen=True)
class Change:
    """What a caller wants written: values by the old methods' names, in stored form."""

    values: dict[str, Any] = field(default_factory=dict)
    multifields: tuple[MultifieldChange, ...] = ()


@dataclass(frozen=True)
class Comment:
    id: int
    entity: str  # contact, deal, …
    entity_id: int
    text: str
    author_id: int
    created: datetime


class Crm:
    def __init__(self, clock: Clock, hooks: Hooks) -> None:
        self._clock, self._hooks = clock, hooks
        self.types: dict[str, EntityType] = entity_types()
        self.tables = {name: Table() for name in self.types} | {"DEAL": Table(indexed=("ORIGIN_ID", "CONTACT_ID"))}
        self.links = {pair: Links() for pair in LINKED}
        self.userfields: dict[int, UserField] = {}
        self.directories = Directories.initial()
        self.history: list[HistoryRow] = []
        self.comments: dict[int, Comment] = {}
        self.activities = Activities(clock, hooks)
        self.product_rows = ProductRows()
        self._numbers: dict[str, int] = {}

    def number(self, sequence: str) -> int:
        """The next id of a portal-wide sequence (multifields, user fields, comments)."""
        self._numbers[sequence] = self._numbers.get(sequence, 0) + 1
        return self._numbers[sequence]

    def create(self, entity: str, change: Change, user_id: int) -> Item:
        """A new object with its defaults, stage history and event."""
        now = self._now()
        author = {"ASSIGNED_BY_ID": user_id, "CREATED_BY_ID": user_id, "DATE_CREATE": now}
        sent = {name: value for name, value in change.values.items() if value is not None}
        values = {**author, **defaults(entity, sent, self.directories, now), **sent}
        item = Item(self.tables[entity].next_id(), values)
        if "TITLE" in self.types[entity].fields:
            values.setdefault("TITLE", f"{_TITLES[entity]} #{item.id}")
        return self._write(entity, None, item, change, user_id)

    def update(self, entity: str, item: Item, change: Change, user_id: int) -> Item:
        """The object with the change applied."""
        changed = replace(item, values={**item.values, **change.values})
        return self._write(entity, item, changed, change, user_id)

    def changes_nothing(self, item: Item, change: Change) -> bool:
        """A universal update that sends what is there already is not saved."""
        return self._applied(item, change) == item.multifields and all(
            item.values.get(name) == value for name, value in change.values.items()
        )

    def delete(self, entity: str, item_id: int) -> None:
        """The object, its links, comments, activities and product rows are gone; no trace is left but the event."""
        for (owner, linked), links in self.links.items():
            if entity == owner:
                links.replace(item_id, [])
            if entity == linked:
                for left in links.owners_of(item_id):
                    links.remove(left, item_id)
                    self.relink(owner, linked, left)
        owner_of = (entity.lower(), item_id)
        self.comments = {n: row for n, row in self.comments.items() if (row.entity, row.entity_id) != owner_of}
        self.activities.leave((self.types[entity].id, item_id))
        self.product_rows.forget((entity, item_id))
        self.tables[entity].remove(item_id)
        self._hooks.announce(f"ONCRM{entity}DELETE", {"ID": item_id})

    def relink(self, owner: str, linked: str, left: int) -> None:
        """Write the links of `left` into the fields both façades show."""
        primary_field, all_field, _ = LINKED[owner, linked]
        item, links = self.tables[owner].get(left), self.links[owner, linked]
        if item is None:
            return
        shown = {primary_field: links.primary_of(left), all_field: list(links.of(left))}
        self.tables[owner].put(replace(item, values={**item.values, **shown}))

    def comment(self, entity: str, entity_id: int, text: str, user_id: int) -> Comment:
        comment = Comment(self.number("comment"), entity, entity_id, text, user_id, self._now())
        self.comments[comment.id] = comment
        self._hooks.announce("ONCRMTIMELINECOMMENTADD", {"ID": comment.id})
        return comment

    def _write(self, entity: str, old: Item | None, item: Item, change: Change, user_id: int) -> Item:
        now, fields = self._now(), self._applied(item, change)
        values = {**item.values, "DATE_MODIFY": now, "MODIFY_BY_ID": user_id}
        values |= {"LAST_ACTIVITY_TIME": now, "LAST_ACTIVITY_BY": user_id} if old is None else {}
        if entity in stages.STAGE_FIELDS:
            values |= stages.consequences(entity, values, self.directories)
            values |= self._moved(entity, old, item.id, values, user_id)
        self._numbers["multifield"] = max([self._numbers.get("multifield", 0), *(entry.id for entry in fields)])
        values |= {
            f"HAS_{kind}": _flag(any(field.type_id == kind for field in fields)) for kind in ("PHONE", "EMAIL", "IMOL")
        }
        self.tables[entity].put(Item(item.id, values, fields))
        self._link(entity, item.id, change.values)
        self._announce(entity, old, values, item.id)
        return self.tables[entity].get(item.id) or item

    def _moved(self, entity: str, old: Item | None, owner: int, new: dict[str, Any], user_id: int) -> dict[str, Any]:
        kind = stages.history_type(entity, old.values if old else None, new)
        if kind is None:
            return {}
        stage, semantics = (new[name] for name in stages.STAGE_FIELDS[entity])
        category = new.get("CATEGORY_ID") or 0
        row = HistoryRow(self.number("history"), entity, kind, owner, self._now(), category, semantics, stage)
        self.history.append(row)
        return {"MOVED_TIME": self._now(), "MOVED_BY_ID": user_id}

    def _applied(self, item: Item, change: Change) -> tuple[Multifield, ...]:
        return apply_changes(item.multifields, change.multifields, self._numbers.get("multifield", 0) + 1)

    def _link(self, entity: str, item_id: int, sent: dict[str, Any]) -> None:
        for (owner, linked), (primary_field, all_field, reverse_field) in LINKED.items():
            if entity == owner and all_field in sent:
                self._relink_to(owner, linked, item_id, sent[all_field])
            elif entity == owner and primary_field in sent:
                self._relink_to(owner, linked, item_id, [sent[primary_field]] if sent[primary_field] else [])
            elif entity == linked and reverse_field in sent:
                self._relink_owners(owner, linked, item_id, sent[reverse_field])

    def _relink_to(self, owner: str, linked: str, left: int, rights: Iterable[int]) -> None:
        self.links[owner, linked].replace(left, [right for right in rights if right in self.tables[linked]])
        self.relink(owner, linked, left)

    def _relink_owners(self, owner: str, linked: str, right: int, lefts: list[int]) -> None:
        links = self.links[owner, linked]
        for left in {*lefts, *links.owners_of(right)}:
            if left in lefts:
                links.add(left, right)
            else:
                links.remove(left, right)
            self.relink(owner, linked, left)

    def _announce(self, entity: str, old: Item | None, new: dict[str, Any], item_id: int) -> None:
        # A change of the funnel raises ONCRMDEALMOVETOCATEGORY instead, which only applications receive.
        if old is None:
            self._hooks.announce(f"ONCRM{entity}ADD", {"ID": item_id})
        elif old.values.get("CATEGORY_ID") == new.get("CATEGORY_ID"):
            self._hooks.announce(f"ONCRM{entity}UPDATE", {"ID": item_id})

    def _now(self) -> datetime:
        return self._clock.now().replace(microsecond=0)


_TITLES = {"DEAL": "Сделка", "LEAD": "Лид", "COMPANY": "Компания"}


def _flag(value: object) -> str:
    return "Y" if value else "N"
