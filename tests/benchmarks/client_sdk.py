"""b24pysdk, the official client, as it comes from PyPI."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from b24pysdk import BitrixWebhook

from tests.benchmarks.people import Known, fields


class Sdk:
    """`call_list` and `call_batches`."""

    listing = "call_list"

    def __init__(self, webhook: str, _database: str) -> None:
        address = urlsplit(webhook)
        self._webhook = BitrixWebhook(
            domain=address.netloc, webhook_token=address.path.strip("/").removeprefix("rest/")
        )

    def rows(self, method: str, params: dict[str, Any]) -> Iterable[Mapping[str, Any]]:
        rows: Iterable[Mapping[str, Any]] = getattr(self._webhook, self.listing)(api_method=method, params=params)[
            "result"
        ]
        return rows

    def add(self, keys: Iterable[str]) -> Known:
        methods = {f"k{key}": ("crm.contact.add", {"fields": fields(key)}) for key in keys}
        result = self._webhook.call_batches(methods=methods)["result"]
        return Known(_by_key(result["result"]), dict.fromkeys(_by_key(result["result_error"]), "error"))


class SdkFast(Sdk):
    """`call_list_fast`, which streams."""

    listing = "call_list_fast"


def _by_key(found: Any) -> dict[str, Any]:
    return {key[1:]: value for key, value in found.items()} if found else {}
