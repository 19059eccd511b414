"""One client at one work, in a fresh process: says when it is ready, and after the word to go what it has done."""

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from tests.benchmarks.people import Known, keys

CLIENTS = {
    "ours": "client_ours.Ours",
    "ours, time granted": "client_ours.Granted",
    "fast_bitrix24": "client_fast.Fast",
    "b24pysdk call_list": "client_sdk.Sdk",
    "b24pysdk call_list_fast": "client_sdk.SdkFast",
    "b24pysdk": "client_sdk.Sdk",
    "raw": "client_raw.Raw",
}


class Client(Protocol):
    """What is asked of every client."""

    def rows(self, method: str, params: dict[str, Any]) -> Iterable[Mapping[str, Any]]:
        """All rows of a listing."""

    def add(self, keys: Iterable[str]) -> Known:
        """Add a contact for each key."""


def main() -> None:
    given = json.loads(sys.argv[1])
    module, _, name = CLIENTS[given["client"]].partition(".")
    kind: Callable[[str, str], Client] = getattr(importlib.import_module(f"tests.benchmarks.{module}"), name)
    client = kind(given["webhook"], given["database"])
    work = {"read": _read, "add": _add}[given["work"]]
    _forget_peak()
    base = _megabytes("VmRSS")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    cpu, start, error, done = time.process_time(), time.monotonic(), "", {}
    try:
        done = work(client, given)
    except Exception as raised:  # noqa: BLE001 what a client raises is what is to be told
        error = type(raised).__name__
    seconds = time.monotonic() - start
    figures = {"seconds": seconds, "cpu": time.process_time() - cpu, "base": base, "peak": _megabytes("VmHWM")}
    sys.stdout.write(json.dumps({**figures, "error": error, **done}) + "\n")
    sys.stdout.flush()
    os._exit(0)  # threads that a client left behind are nobody's concern


def _read(client: Client, given: dict[str, Any]) -> dict[str, Any]:
    """The ids go to a file at once, so that they are no part of the memory measured."""
    number = 0
    with Path(given["ids"]).open("wb") as file:
        for row in client.rows(given["method"], given["params"]):
            file.write(int(row["ID"]).to_bytes(8, sys.byteorder))
            number += 1
    return {"rows": number, "bytes": getattr(client, "bytes", 0)}


def _add(client: Client, given: dict[str, Any]) -> dict[str, Any]:
    known = client.add(given.get("keys") or keys(given["count"], given.get("prefix", "")))
    return {"known": known.ids, "failed": known.failed}


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _megabytes(what: str) -> float:
    """VmRSS or VmHWM; elsewhere than on Linux the peak since the start of the process for both."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.split(f"{what}:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
