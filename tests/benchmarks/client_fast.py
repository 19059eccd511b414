"""fast-bitrix24 as it comes from PyPI."""

from collections.abc import Iterable, Mapping
from typing import Any

from fast_bitrix24 import Bitrix

from tests.benchmarks.people import Known, fields


class Fast:
    """`get_all` and `call`."""

    def __init__(self, webhook: str, _database: str) -> None:
        self._bitrix = Bitrix(webhook, verbose=False)

    def rows(self, method: str, params: dict[str, Any]) -> Iterable[Mapping[str, Any]]:
        rows: list[dict[str, Any]] = self._bitrix.get_all(method, params)
        return rows

    def add(self, keys: Iterable[str]) -> Known:
        wanted = list(keys)
        ids = self._bitrix.call("crm.contact.add", [{"fields": fields(key)} for key in wanted])
        return Known(dict(zip(wanted, ids, strict=False)))
