"""Three bulks and many short runs for a minute: who waits how long."""

from pathlib import Path

from tests.benchmarks import two_lanes
from tests.benchmarks.figures import Bar, Part, Table
from tests.benchmarks.portal_process import PortalProcess

SECONDS = 60.0


def measure(portal: PortalProcess) -> Part:
    """On a sandbox of its own."""
    minute = two_lanes.measure(SECONDS, f"sqlite:///{Path(portal.folder) / 'lanes.db'}")
    bars = [Bar(promise, value, met) for promise, value, met in minute.promises()]
    table = Table(
        "A minute of three bulks and many short runs",
        f"{len(minute.first_calls)} runs, each starting at a random moment with a call of its own.",
        ["what", "value"],
        [list(line) for line in minute.lines()],
    )
    return Part("lanes", bars, [table])
