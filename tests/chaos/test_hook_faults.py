"""Timepad's hooks may be lost, doubled, overtaken or late: the portal ends up as if each had come once, in its turn."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest

from backoffice import connections
from backoffice.gateway.timepad import SOURCE, read_hook
from backoffice.sandbox.faults.fault import DeliveryKind, Fault
from backoffice.sandbox.timepad.state import HOOK_SECRET, Hook
from backoffice.sandbox.world import World
from backoffice.store import inbox

if TYPE_CHECKING:
    from tests.chaos.conftest import Sweeps

SEEDS = ("ash", "birch", "elm", "hazel", "oak")
NEWCOMER = {"surname": "Ткач", "name": "Олег", "mail": "oleg.tkach@example.org"}


class _Receiver(BaseHTTPRequestHandler):
    """Takes a signed hook into the inbox."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        hook = read_hook(raw, self.headers["X-Hub-Signature"], HOOK_SECRET)
        inbox.accept(connections.store(), SOURCE, hook.key, hook.subject, hook.body, datetime.now(UTC))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def hooked(world: World, event_id: int) -> Iterator[None]:
    """Timepad tells the inbox what happens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    world.timepad.hooks = [Hook(f"http://127.0.0.1:{server.server_address[1]}/timepad")]
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def aftermath(sandbox: str, hooked: None, event_id: int, sweeps: "Sweeps") -> Callable[[], int]:
    """Imports the seminar, then lets much change at Timepad; gives how many hints were followed, one run each."""

    def happen() -> int:
        sweeps.once()
        followed = 0
        with httpx.Client(base_url=f"{sandbox}/_sandbox/timepad/") as timepad:
            for path, change in CHANGES:
                timepad.post(path, json={"event_id": event_id, **change}).raise_for_status()
                followed += follow_hints(sweeps)
        sweeps.calm_down()
        return followed + follow_hints(sweeps)

    return happen


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("check_in", {"ticket_id": 9004}),
    ("refund", {"ticket_id": 9007}),
    ("add_order", {"people": [NEWCOMER]}),
    ("check_in", {"ticket_id": 9008}),
    ("check_in", {"ticket_id": 9010}),
]


def follow_hints(sweeps: "Sweeps") -> int:
    """Run once if anything waits in the inbox, as a run started by hooks does."""
    waiting = inbox.pending(connections.store(), SOURCE)
    if not waiting:
        return 0
    sweeps.once()
    inbox.mark_handled(connections.store(), [row.id or 0 for row in waiting], datetime.now(UTC))
    return 1


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    """What stands when every hook came; the first test writes it down."""
    return {}


def test_every_hook_that_comes_is_followed(
    aftermath: Callable[[], int], sweeps: "Sweeps", undisturbed: dict[str, Any]
) -> None:
    """Five changes, five runs; the sweep after them finds nothing to write."""
    assert aftermath() == len(CHANGES)
    assert sweeps.writes_of_another() == 0
    undisturbed.update(sweeps.state())
    assert len(undisturbed["participations"]) == 17


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", get_args(DeliveryKind))
def test_the_sweep_makes_good_what_hooks_missed(
    world: World,
    aftermath: Callable[[], int],
    sweeps: "Sweeps",
    undisturbed: dict[str, Any],
    kind: DeliveryKind,
    seed: str,
) -> None:
    """One hook is sure to have trouble, a different one for each seed, and some more by chance."""
    sure = Fault(kind=kind, times=1, start=1 + SEEDS.index(seed), seed=seed)
    world.faults.order(sure, Fault(kind=kind, probability=0.3, seed=seed))
    struck = world.faults.fired
    followed = aftermath()
    assert struck[kind] > 0
    assert kind != "hook_lost" or followed < len(CHANGES)
    sweeps.once()
    assert sweeps.state() == undisturbed
    assert inbox.pending(connections.store(), SOURCE) == []
