"""The portal to measure against: the sandbox in a process of its own, over HTTPS and in real time.

The one who measures tells it what to do by lines of JSON, past its limits and its pace.
"""

import json
import os
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict

from backoffice.sandbox import seeds
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER, PortalConfig
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.certificates import make_certificates
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.inside import ask
from backoffice.sandbox.server import running
from backoffice.sandbox.world import World, new_world

LISTING = "crm.deal.list"
FIELDS = [
    "ID",
    "TITLE",
    "TYPE_ID",
    "CATEGORY_ID",
    "STAGE_ID",
    "STAGE_SEMANTIC_ID",
    "OPPORTUNITY",
    "CURRENCY_ID",
    "CONTACT_ID",
    "COMPANY_ID",
    "ASSIGNED_BY_ID",
    "CREATED_BY_ID",
    "DATE_CREATE",
    "DATE_MODIFY",
    "BEGINDATE",
    "CLOSEDATE",
    "CLOSED",
    "COMMENTS",
    "ORIGINATOR_ID",
    "ORIGIN_ID",
]
WARM_PAGES = 30
CHECKOUT = Path(__file__).parents[2]


class Counted(TypedDict):
    """What the portal saw of a run; `behind`: how much later than ordered an answer was ready, at most."""

    requests: int
    limit_errors: int
    operating_errors: int
    operating_seconds: float
    behind: float


class Served:
    """The side of the portal: one method for each order."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._full = folder, False
        self.world: World = new_world(strict=False)

    def new(self, deals: int = 0, holes: str = "tenth", full: bool = False, **config: Any) -> dict[str, Any]:
        """A portal with nothing in it but so many deals, its bucket empty, or full of somebody else's requests."""
        self._settle()
        portal = self.world.portal
        for name, value in vars(PortalConfig(strict=False)).items():
            setattr(portal.config, name, config.get(name, value))
        self.world.reset()
        made = seeds.plant(self.world, "million", deals=deals, holes=holes) if deals else {}  # type: ignore[arg-type] # `holes` is a word
        for page in range(WARM_PAGES if deals else 0):
            ask(portal, LISTING, select=FIELDS, start=50 * page)
        self._full = full
        self.begin()
        return made

    def begin(self) -> None:
        """The limits as they are to be when a client begins: what drained while it got ready is there again."""
        self.world.portal.clear_limits()
        for _ in range(self.world.portal.config.bucket_size if self._full else 0):
            self.world.portal.bucket.pour()

    def order(self, faults: list[dict[str, Any]]) -> None:
        """These faults from now on."""
        self.world.faults.order(*(Fault(**fault) for fault in faults))

    def erode(self, delete: int, add: int) -> None:
        """As soon as one request has come, somebody deletes the oldest deals and adds new ones."""
        threading.Thread(target=self._erode, args=(delete, add), daemon=True).start()

    def _settle(self) -> None:
        """Requests that a client has sent and given up are still executed."""
        while self.world.log.under_way:
            time.sleep(0.01)

    def _erode(self, delete: int, add: int) -> None:
        while not self.world.log.counters()["portal_requests"]:
            time.sleep(0.002)
        with self.world.portal.lock:
            crm = self.world.portal.crm
            for item in list(crm.tables["DEAL"].within()[:delete]):
                crm.delete("DEAL", item.id)
            for number in range(add):
                crm.create("DEAL", Change({"TITLE": f"Новая {number}"}), WEBHOOK_USER)

    def deals(self) -> str:
        """The file with the ids of all deals."""
        path = self._folder / "deals.ids"
        path.write_bytes(array("q", (item.id for item in self.world.portal.crm.tables["DEAL"])).tobytes())
        return str(path)

    def contacts(self) -> list[tuple[int, str, str]]:
        """Id, key and moment of each contact, when nothing is written any more."""
        self._settle()
        rows = self.world.portal.crm.tables["CONTACT"]
        return [(row.id, str(row.values["ORIGIN_ID"]), row.values["DATE_CREATE"].isoformat()) for row in rows]

    def counted(self) -> Counted:
        """Since the portal is new."""
        counters, portal = self.world.log.counters(), self.world.portal
        refused = [
            row for row in self.world.log.rows() if row["error"] == "OPERATION_TIME_LIMIT" or row["status"] == 429
        ]
        return {
            "requests": counters["portal_requests"],
            "limit_errors": counters["rejected"]["503"],
            "operating_errors": len(refused),
            "operating_seconds": portal.operating.of(LISTING).seconds,
            "behind": portal.pace.behind,
        }


def main() -> None:
    folder = Path(sys.argv[1])
    served = Served(folder)
    tls = make_certificates(folder / "tls")
    with running(served.world, tls=tls) as base_url:
        _tell({"webhook": f"{base_url}/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/", "authority": str(tls.authority)})
        for line in sys.stdin:
            order = json.loads(line)
            act: Callable[..., Any] = getattr(served, order.pop("do"))
            _tell(act(**order))


def _tell(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


class PortalProcess:
    """The side of the one who measures."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process, self.folder = process, folder
        told = self._hear()
        self.webhook: str = told["webhook"]
        self.authority: str = told["authority"]

    def do(self, order: str, **params: Any) -> Any:
        """Give an order and wait until it is carried out."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": order, **params}) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def deals(self) -> set[int]:
        """The ids of all deals."""
        ids = array("q")
        ids.frombytes(Path(self.do("deals")).read_bytes())
        return set(ids)

    def counted(self) -> Counted:
        """What the portal saw since it is new."""
        seen: Counted = self.do("counted")
        return seen

    def cpu_seconds(self) -> float:
        """What the portal's process has worked so far, where the system tells."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _hear(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the portal's process has ended")
        return json.loads(line)


@contextmanager
def portal_process(folder: Path) -> Iterator[PortalProcess]:
    """The process, until the end."""
    command = [sys.executable, "-m", "tests.benchmarks.portal_process", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=CHECKOUT) as process:  # noqa: S603 our own program
        try:
            yield PortalProcess(process, folder)
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
