"""Rows of one kind of object under a filter, in an order; shared by both façades."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backoffice.sandbox.bitrix24.conditions import having, split_key
from backoffice.sandbox.bitrix24.crm.schema import Field
from backoffice.sandbox.bitrix24.crm.table import Item, Table, Window
from backoffice.sandbox.bitrix24.crm.values import stored
from backoffice.sandbox.bitrix24.paging import ordered, way_by_id
from backoffice.sandbox.bitrix24.php import values_of

Test = Callable[[Item], bool]
Show = Callable[[Any], Any]


@dataclass(frozen=True)
class Condition:
    operator: str
    field: Field
    wanted: tuple[Any, ...]

    @property
    def bound(self) -> Any:
        """What a comparison by size compares with; None if this is none, or one with nothing."""
        return self.wanted[0] if self.operator in (">", ">=", "<", "<=") and self.wanted else None


@dataclass(frozen=True)
class Search:
    """`field_of` gives the field by the façade's name, or None after deciding what an unknown name means.

    `bad_value` is raised by the façade when a filter's value does not fit its field. Filters by the fields `ignored`
    have no effect.
    """

    table: Table
    field_of: Callable[[str], Field | None]
    bad_value: Callable[[str], Exception]
    case_sensitive: bool
    ignored: frozenset[str] = frozenset()

    def rows(self, raw_filter: Mapping[str, Any], order: dict[str, Any]) -> Iterable[Item]:
        """Lazily, where the order allows; by id when no order is asked for."""
        conditions = [found for key, wanted in raw_filter.items() if (found := self._condition(key, wanted))]
        groups = [self._group(wanted) for wanted in raw_filter.values() if isinstance(wanted, Mapping)]
        candidates, left = self._candidates(conditions)
        tests = [*(self._test(condition) for condition in left), *groups]
        rows: Iterable[Item] = candidates[::-1] if way_by_id(order) == "DESC" else candidates
        if tests:
            rows = (item for item in rows if all(test(item) for test in tests))
        return rows if way_by_id(order) else ordered(rows, order, self._order_value)

    def shown(
        self, raw_filter: Mapping[str, Any], order: dict[str, Any], show: Show, key: Hashable
    ) -> tuple[Iterable[Any], Show]:
        """The rows and how to show one; `key` says what `show` does, so that the table may know a quicker way."""
        rows = self.rows(raw_filter, order)
        return (self.table.shown(rows, key, show), _as_it_is) if isinstance(rows, Window) else (rows, show)

    def _group(self, raw: Mapping[str, Any]) -> Test:
        combine = any if str(raw.get("logic", "AND")).upper() == "OR" else all
        simple = [found for key, wanted in raw.items() if key != "logic" and (found := self._condition(key, wanted))]
        tests = [self._test(condition) for condition in simple]
        tests += [self._group(wanted) for wanted in raw.values() if isinstance(wanted, Mapping)]
        return lambda item: combine(test(item) for test in tests)

    def _condition(self, key: str, wanted: Any) -> Condition | None:
        operator, name = split_key(key)
        if isinstance(wanted, Mapping) or (field := self.field_of(name)) is None or field.name in self.ignored:
            return None
        try:
            return Condition(operator, field, tuple(_wanted(field, operator, value) for value in values_of(wanted)))
        except (ValueError, TypeError):
            raise self.bad_value(name) from None

    def _test(self, condition: Condition) -> Test:
        matches = having(condition.operator, condition.wanted, case_sensitive=self.case_sensitive)
        return lambda item: matches(value_list(item, condition.field))

    def _candidates(self, conditions: list[Condition]) -> tuple[Sequence[Item], list[Condition]]:
        """By id, as few items as are found at once, and the conditions that they are still to be held to."""
        for condition in conditions:
            if condition.operator != "=" or None in condition.wanted:
                continue
            if condition.field.name == "ID":
                ids = sorted(set(condition.wanted))
                return [item for item_id in ids if (item := self.table.get(item_id))], conditions
            if condition.field.name in self.table.indexed:
                return _joined(self.table.having(condition.field.name, value) for value in condition.wanted), conditions
            if condition.field.type == "crm_multifield":
                found = (self.table.with_comm(condition.field.name, str(value)) for value in condition.wanted)
                return _joined(found), conditions
        return self._bounded(conditions)

    def _bounded(self, conditions: list[Condition]) -> tuple[Sequence[Item], list[Condition]]:
        """Those between bounds of the id; or those changed since a moment, if they are fewer."""
        bounds = [condition for condition in conditions if condition.field.name == "ID" and condition.bound is not None]
        least = [one.bound + (one.operator == ">") for one in bounds if one.operator in (">", ">=")]
        most = [one.bound - (one.operator == "<") for one in bounds if one.operator in ("<", "<=")]
        window = self.table.within(max(least, default=None), min(most, default=None))
        for one in conditions:
            if one.field.name == "DATE_MODIFY" and one.operator in (">", ">=") and one.bound is not None:
                changed = self.table.changed_since(one.bound, len(window))
                if changed is not None:
                    return changed, conditions
        return window, [condition for condition in conditions if condition not in bounds]

    def _order_value(self, item: Item, name: str) -> Any:
        field = self.field_of(name)
        values = value_list(item, field) if field else []
        return values[0] if values else None


def value_list(item: Item, field: Field) -> list[Any]:
    """The values of a field as a filter sees them."""
    if field.name == "ID":
        return [item.id]
    if field.type == "crm_multifield":
        return [entry.value for entry in item.multifields if entry.type_id == field.name]
    value = item.values.get(field.name)
    return value if isinstance(value, list) else [value]


def _wanted(field: Field, operator: str, raw: Any) -> Any:
    if field.type == "crm_multifield" or "%" in operator:
        return str(raw)
    if field.type == "boolean" and raw in ("Y", "N"):
        raise ValueError("a yes/no field is shown as Y or N but filtered by 1 or 0")
    return stored(replace(field, multiple=False), raw)


def _joined(found: Iterable[list[Item]]) -> list[Item]:
    by_id = {item.id: item for items in found for item in items}
    return [by_id[item_id] for item_id in sorted(by_id)]


def _as_it_is(shown: Any) -> Any:
    return shown
