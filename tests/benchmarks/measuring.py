"""Runs clients against the portal's process and tells what they and the portal say."""

import json
import os
import subprocess
import sys
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backoffice.store.engine import open_engine, upgrade
from tests.benchmarks.portal_process import CHECKOUT, FIELDS, LISTING, Counted, PortalProcess

PEERS = ("fast_bitrix24", "b24pysdk call_list", "b24pysdk call_list_fast")
READERS = ("ours", *PEERS)
WRITERS = ("ours", "fast_bitrix24", "b24pysdk")
REQUEST, COMMAND = 0.1, 0.03


@dataclass
class Ran:
    """One client's run. Memory in MB; `ids` are those of the rows it read, in the order they came."""

    client: str
    seconds: float = 0.0
    cpu: float = 0.0
    base: float = 0.0
    peak: float = 0.0
    error: str = ""
    rows: int = 0
    bytes: int = 0
    known: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    counted: Counted = field(
        default_factory=lambda: Counted(
            requests=0, limit_errors=0, operating_errors=0, operating_seconds=0.0, behind=0.0
        )
    )

    @property
    def above_base(self) -> float:
        return self.peak - self.base


class Worker:
    """A client in its process, ready to go."""

    def __init__(self, portal: PortalProcess, client: str, work: str, database: str, **given: Any) -> None:
        self._client, self._ids = client, portal.folder / "read.ids"
        self._ids.unlink(missing_ok=True)
        told = {"client": client, "work": work, "webhook": portal.webhook, "database": database, **given}
        trust = {"SSL_CERT_FILE": portal.authority, "REQUESTS_CA_BUNDLE": portal.authority}
        self._process = subprocess.Popen(  # noqa: S603 our own program
            [sys.executable, "-m", "tests.benchmarks.worker", json.dumps({**told, "ids": str(self._ids)})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=CHECKOUT,
            env={**os.environ, **trust},
        )
        self._said("ready")

    def go(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def ran(self) -> Ran:
        """What it has done, when it has."""
        with self._process:
            ran = Ran(self._client, **json.loads(self._said("{")))
        if self._ids.exists():
            ran.ids.frombytes(self._ids.read_bytes())
        return ran

    def _said(self, beginning: str) -> str:
        assert self._process.stdout
        for line in self._process.stdout:  # clients write to it, too
            if line.startswith(beginning):
                return line
        raise RuntimeError(f"{self._client} died")


def store(folder: Path) -> str:
    """A new database of ours."""
    path = folder / "store.db"
    for old in folder.glob("store.db*"):
        old.unlink()
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return f"sqlite:///{path}"


def reading(portal: PortalProcess, client: str, **params: Any) -> Ran:
    """One client reads all deals of the portal as it is."""
    asked = {"select": FIELDS, **params}
    return _alone(portal, Worker(portal, client, "read", store(portal.folder), method=LISTING, params=asked))


def adding(portal: PortalProcess, client: str, **given: Any) -> Ran:
    """One client adds contacts: `count` of them, or those with the `keys`."""
    return _alone(portal, Worker(portal, client, "add", store(portal.folder), **given))


def _alone(portal: PortalProcess, worker: Worker) -> Ran:
    portal.do("begin")
    worker.go()
    ran = worker.ran()
    ran.counted = portal.counted()
    return ran
