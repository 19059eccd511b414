"""Rows of one kind of object under a filter, in an order; shared by both façades."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backoffice.sandbox.bitrix24.conditions import having, split_key
from backoffice.sandbox.bitrix24.crm.schema import Field
from backoffice.sandbox.bitrix24.crm.table import Item, Table
from backoffice.sandbox.bitrix24.crm.values import stored
from backoffice.sandbox.bitrix24.paging import ordered
from backoffice.sandbox.bitrix24.php import values_of

Test = Callable[[Item], bool]


@dataclass(frozen=True)
class Condition:
    operator: str
    field: Field
    wanted: tuple[Any, ...]


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
        tests = [*(self._test(condition) for condition in conditions), *groups]
        matching = (item for item in self._candidates(conditions) if all(test(item) for test in tests))
        return ordered(matching, order, self._order_value)

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

    def _candidates(self, conditions: list[Condition]) -> Iterable[Item]:
        for condition in conditions:
            if condition.operator != "=" or None in condition.wanted:
                continue
            if condition.field.name == "ID":
                ids = sorted(set(condition.wanted))
                return [item for item_id in ids if (item := self.table.get(item_id))]
            if condition.field.name in self.table.indexed:
                return _joined(self.table.having(condition.field.name, value) for value in condition.wanted)
            if condition.field.type == "crm_multifield":
                return _joined(self.table.with_comm(condition.field.name, str(value)) for value in condition.wanted)
        lower = [condition for condition in conditions if condition.operator in (">", ">=") and condition.wanted]
        return self.table.beyond({condition.field.name: condition.wanted[0] for condition in lower})

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
