"""Nobody's client: sends what was written down before and reads the answers' bytes, to see what the sandbox can do."""

import http.client
import json
import ssl
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlsplit

from tests.benchmarks.people import Known

CONNECTIONS, PAGES = 4, 50


class Raw:
    """Chains of pages, as many a request as fit."""

    def __init__(self, webhook: str, _database: str) -> None:
        self._address = urlsplit(webhook)
        self._trusting = ssl.create_default_context()
        self.bytes = 0

    def rows(self, method: str, params: dict[str, Any]) -> Iterable[Mapping[str, Any]]:
        """No rows: their bytes are counted; the ids are those of a listing in which every tenth is missing."""
        cursors = range(0, int(params["last"]), PAGES * PAGES * 10 // 9)
        bodies = [_chain(method, params["select"], cursor) for cursor in cursors]
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            self.bytes = sum(threads.map(self._send, [bodies[start::CONNECTIONS] for start in range(CONNECTIONS)]))
        return ()

    def add(self, keys: Iterable[str]) -> Known:
        raise NotImplementedError

    def _send(self, bodies: list[bytes]) -> int:
        connection = http.client.HTTPSConnection(self._address.netloc, context=self._trusting)
        read = 0
        for body in bodies:
            connection.request("POST", f"{self._address.path}batch", body, {"Content-Type": "application/json"})
            read += len(connection.getresponse().read())
        connection.close()
        return read


def _chain(method: str, select: list[str], cursor: int) -> bytes:
    fields = "".join(f"&select[]={name}" for name in select)
    after = [str(cursor), *(f"$result[c{page}][49][ID]" for page in range(PAGES - 1))]
    query = f"{method}?order[ID]=ASC&start=-1{fields}&filter[%3EID]="
    return json.dumps({"cmd": {f"c{page}": query + quote(last) for page, last in enumerate(after)}}).encode()
