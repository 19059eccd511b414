"""Filters, orders and pages of the list methods of the catalogue and of product rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.conditions import having, split_key
from backoffice.sandbox.bitrix24.paging import ordered
from backoffice.sandbox.bitrix24.php import values_of

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """What a filter and an order see: the values of a row, and how what was sent becomes comparable with them."""

    values: Callable[[Row], list[Any]]
    typed: Callable[[Any], Any]


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """`column` is None for a name that is unknown; `bad_value` makes the refusal of a value that does not fit."""

    call: Call
    column: Callable[[str], Column[Row] | None]
    bad_value: Callable[[str], Exception]
    at_sign: bool = False  # `@` and `!@` are documented for few of these methods

    def rows(self, candidates: Iterable[Row]) -> Iterable[Row]:
        """Those that fit parameter `filter`, in the order of parameter `order`; lazily, where the order allows."""
        tests = [test for key, wanted in self.call.map("filter").items() if (test := self._test(key, wanted))]
        fitting = (row for row in candidates if all(test(row) for test in tests))
        order = {name: way for name, way in self.call.map("order").items() if self._known(name)}
        return ordered(fitting, order, self._order_value)

    def _test(self, key: str, wanted: Any) -> Callable[[Row], bool] | None:
        operator, name = split_key(key)
        column = self._known(name) if self.at_sign or not key.startswith(("@", "!@")) else self._known(key)
        if column is None:
            return None
        targets = [self._target(name, column, operator, value) for value in _sent(wanted)]
        matches = having(operator, targets, case_sensitive=self.call.portal.config.filter_case_sensitive)
        return lambda row: matches(column.values(row))

    def _target(self, name: str, column: Column[Row], operator: str, raw: Any) -> Any:
        if "%" in operator:
            return str(raw)
        try:
            return column.typed(raw)
        except (ValueError, TypeError, ArithmeticError):
            raise self.bad_value(name) from None

    def _known(self, name: str) -> Column[Row] | None:
        column = self.column(name)
        if column is None:
            self.call.refuse_unknown(name)
        return column

    def _order_value(self, row: Row, name: str) -> Any:
        column = self.column(name)
        return next(iter(column.values(row)), None) if column else None


def selected(call: Call, known: Iterable[str]) -> list[str]:
    """Parameter `select`: names, an unknown one refused in strict mode; all of them when none is sent."""
    wanted, names = [str(name) for name in values_of(call.params.get("select") or [])], list(known)
    if not wanted or "*" in wanted:
        return names
    for name in wanted:
        if name not in names:
            call.refuse_unknown(name)
    return [name for name in names if name in wanted]


def _sent(wanted: Any) -> list[Any]:
    """A range of a property's dates comes as {"value": …}, several values as a list."""
    if isinstance(wanted, Mapping) and "value" in wanted:
        return [wanted["value"]]
    return values_of(wanted)
