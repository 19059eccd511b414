"""The client's side of `make million`: one task in a process of its own, on the sandbox's clock.

`python -m tests.benchmarks.million_client http://127.0.0.1:… rebuild`; what it took goes to standard output as JSON.
"""

import json
import resource
import sys
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import httpx
from prefect.logging import disable_run_logger

from backoffice import connections
from backoffice.rules.repeat_sales import CallPolicy
from tasks.sales import read_ripe, read_study, rebuild_sales, refresh_sales

PAUSE_SECONDS = 30.0
"""What is longer is no waiting for a place in the budget."""


class RemoteClock:
    """The sandbox's clock, which waits move on."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=base_url)
        self.pauses: list[float] = []

    def time(self) -> float:
        return datetime.fromisoformat(self._http.get("/_sandbox/clock").json()["now"]).timestamp()

    def sleep(self, seconds: float) -> None:
        self._http.post("/_sandbox/clock", json={"advance_seconds": seconds}).raise_for_status()
        if seconds > PAUSE_SECONDS:
            self.pauses.append(seconds)


def main() -> None:
    base_url, what = sys.argv[1:]
    connections.CLOCK = clock = RemoteClock(base_url)
    connections.store()
    began, worked = time.monotonic(), time.process_time()
    with disable_run_logger():
        found = {"rebuild": rebuild_sales.fn, "refresh": refresh_sales.fn, "ripe": ripe}[what]()
    figures = {"seconds": time.monotonic() - began, "cpu": time.process_time() - worked, "megabytes": peak_megabytes()}
    sys.stdout.write(json.dumps({**figures, "found": found or 0, "pauses": clock.pauses}))


def ripe() -> int:
    """How many clients may be due by our copy, purchases of all years."""
    now = datetime.fromtimestamp(connections.CLOCK.time(), connections.zone())
    study = replace(read_study.fn(CallPolicy(), now), start_from=date(2000, 1, 1))
    return len(read_ripe.fn(study))


def peak_megabytes() -> float:
    """Of this process alone: what `resource` tells on Linux includes the process that started it."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
