"""`make bench`: what our client takes beside others, in real time; `make bench BENCH="read write"` only these parts.

A part done is kept in var/benchmarks, and docs/performance.md is written anew as soon as there is something of every
part. The exit code is not 0 if a bar was not met.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import part_faults, part_lanes, part_read, part_sandbox, part_size, part_write, report
from tests.benchmarks.figures import Part, keep, kept, load, machine, now
from tests.benchmarks.portal_process import PortalProcess, portal_process

PARTS: dict[str, Callable[[PortalProcess], Part]] = {
    "sandbox": part_sandbox.measure,
    "read": part_read.measure,
    "write": part_write.measure,
    "faults": part_faults.measure,
    "lanes": part_lanes.measure,
    "size": part_size.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all of them, if none is named")
    wanted = parser.parse_args().parts or list(PARTS)
    if unknown := set(wanted) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    done = [_done(name) for name in wanted]
    everything = [part for name in PARTS if (part := kept(name))]
    if len(everything) == len(PARTS):
        report.write(everything)
        sys.stdout.write(f"{report.PAGE} is written\n")
    return 0 if all(part.kept for part in done) else 1


def _done(name: str) -> Part:
    """A part measured now, shown and kept."""
    sys.stdout.write(f"\n=== {name}\n")
    sys.stdout.flush()
    before = load()
    with tempfile.TemporaryDirectory() as folder, portal_process(Path(folder)) as portal:
        part = PARTS[name](portal)
    part.at, part.machine, part.busy = now(), machine(), f"{before}, {load()}"
    keep(part)
    sys.stdout.write(report.told(part))
    sys.stdout.flush()
    return part


if __name__ == "__main__":
    sys.exit(main())
