"""crm.contact.company.*, crm.company.contact.*, crm.deal.contact.*, crm.lead.contact.*.

Official sources: crm/contacts/company/*, crm/companies/contacts/*, crm/deals/contacts/*, crm/leads/*.
"""

from dataclasses import dataclass
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.crm.links import Links
from backoffice.sandbox.bitrix24.crm.store import LINKED, Crm
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.php import map_of, values_of
from backoffice.sandbox.bitrix24.registry import method


@dataclass(frozen=True)
class _Side:
    """The link as one of its two sides asks: `crm.contact.company` from the contact, `crm.company.contact` back."""

    crm: Crm
    asker: str
    other: str
    asker_id: int

    @property
    def pair(self) -> tuple[str, str]:
        return (self.asker, self.other) if (self.asker, self.other) in LINKED else (self.other, self.asker)

    @property
    def links(self) -> Links:
        return self.crm.links[self.pair]

    @property
    def key(self) -> str:
        return f"{self.other}_ID"

    def others(self) -> list[int]:
        return list(self.links.of(self.asker_id)) if self._owns() else self.links.owners_of(self.asker_id)

    def add(self, other_id: int, **options: Any) -> bool:
        left, right = self._ends(other_id)
        added = self.links.add(left, right, **options)
        self.crm.relink(*self.pair, left)
        return added

    def remove(self, other_id: int) -> bool:
        left, right = self._ends(other_id)
        removed = self.links.remove(left, right)
        self.crm.relink(*self.pair, left)
        return removed

    def rows(self) -> list[dict[str, Any]]:
        if self._owns():
            return self.links.rows(self.asker_id, self.key)
        return [row | {self.key: left} for left in self.others() for row in self._row_of(left)]

    def _row_of(self, left: int) -> list[dict[str, Any]]:
        return [row for row in self.links.rows(left, "right") if row.pop("right") == self.asker_id]

    def _owns(self) -> bool:
        return self.pair[0] == self.asker

    def _ends(self, other_id: int) -> tuple[int, int]:
        return (self.asker_id, other_id) if self._owns() else (other_id, self.asker_id)


def add(call: Call) -> bool:
    """False when they are linked already."""
    side, sent = _side(call), call.map("FIELDS")
    other_id = _other_id(side, sent)
    primary = sent.get("IS_PRIMARY") == "Y"
    return side.add(other_id, sort=int(sent["SORT"]) if sent.get("SORT") else None, primary=primary)


def delete(call: Call) -> bool:
    side = _side(call)
    return side.remove(_other_id(side, call.map("FIELDS")))


def items_get(call: Call) -> list[dict[str, Any]]:
    return _side(call).rows()


def items_set(call: Call) -> bool:
    """Replaces all the links there were."""
    side = _side(call)
    rows = [map_of(row) for row in values_of(call.params.get("ITEMS") or [])]
    wanted = [(_other_id(side, row), row) for row in rows]
    _clear(side)
    for other_id, row in wanted:
        side.add(other_id, sort=int(row["SORT"]) if row.get("SORT") else None, primary=row.get("IS_PRIMARY") == "Y")
    return True


def items_delete(call: Call) -> bool:
    _clear(_side(call))
    return True


def _clear(side: _Side) -> None:
    for other_id in side.others():
        side.remove(other_id)


def _side(call: Call) -> _Side:
    _, asker, other, *_ = call.method.upper().split(".")
    raw, table = str(call.params.get("ID") or ""), call.portal.crm.tables[asker]
    if not raw.isdigit():
        raise Refusal("", "The parameter 'ownerEntityID' is invalid or not defined.")
    if int(raw) not in table:
        raise Refusal("", "Not found.")
    return _Side(call.portal.crm, asker, other, int(raw))


def _other_id(side: _Side, sent: dict[str, Any]) -> int:
    raw = str(sent.get(side.key) or "")
    if not raw.isdigit() or int(raw) not in side.crm.tables[side.other]:
        raise Refusal("", "The parameter 'fields' is not valid.")
    return int(raw)


for _prefix in ("crm.contact.company", "crm.company.contact", "crm.deal.contact", "crm.lead.contact"):
    method(f"{_prefix}.add", "add", "id fields", scope="crm", case="any")(add)
    method(f"{_prefix}.delete", "delete", "id fields", scope="crm", case="any")(delete)
    method(f"{_prefix}.items.get", "read", "id", scope="crm", case="any")(items_get)
    method(f"{_prefix}.items.set", "update", "id items", scope="crm", case="any")(items_set)
    method(f"{_prefix}.items.delete", "delete", "id", scope="crm", case="any")(items_delete)
