"""100,000 deals read whole: what it takes, and what is lost while others delete."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks import bounds
from tests.benchmarks.figures import Bar, Part, Table
from tests.benchmarks.measuring import COMMAND, READERS, REQUEST, Ran, reading
from tests.benchmarks.portal_process import PortalProcess

DEALS, ERODED = 100_000, 25_000
TIMES, LONG_SECONDS = 3, 15.0
FULL_BATCH = REQUEST + COMMAND * bounds.COMMANDS
HEADS = ["client", "s", "x bound", "requests", "limit errors", "CPU s", "MB above base", "rows", "outcome"]


@dataclass
class Case:
    """A portal to read and the least time it takes."""

    title: str
    note: str
    bound: float
    portal: dict[str, Any]
    ran: dict[str, Ran] = field(default_factory=dict)


def cases() -> dict[str, Case]:
    least = bounds.reads(DEALS)
    behind_a_page = least + 1  # the ends of the ids are not known before something was asked
    return {
        "tenth": Case(
            f"{DEALS:,} deals, every tenth id missing, the bucket empty",
            f"{REQUEST * 1000:.0f} ms a request. Bound: {least} requests, two rounds.",
            2 * REQUEST,
            {"holes": "tenth"},
        ),
        "clusters": Case(
            f"{DEALS:,} deals, as many ids missing in clusters of all sizes",
            "Otherwise the same.",
            2 * REQUEST,
            {"holes": "clusters"},
        ),
        "command": Case(
            f"{DEALS:,} deals, {COMMAND * 1000:.0f} ms a command",
            f"A full batch takes {FULL_BATCH:.1f} s. Bound: a page, and one round of full batches.",
            REQUEST + COMMAND + FULL_BATCH,
            {"holes": "tenth", "command_seconds": COMMAND},
        ),
        "full": Case(
            f"{DEALS:,} deals, the bucket full of others' requests at the start",
            f"{REQUEST * 1000:.0f} ms a request. Bound: {behind_a_page} requests at two a second.",
            bounds.seconds(behind_a_page, bounds.BUCKET),
            {"holes": "tenth", "full": True},
        ),
    }


def measure(portal: PortalProcess) -> Part:
    done = cases()
    for case in done.values():
        for client in READERS:
            case.ran[client] = _run(portal, case, client)
    tables = [_table(case) for case in done.values()]
    lost = {client: _eroded(portal, client) for client in READERS}
    return Part("read", [*_bars(done), *_whole(lost)], [*tables, _lost(lost)])


def _run(portal: PortalProcess, case: Case, client: str) -> Ran:
    """The run with the middle time; one that takes long, so that other programs weigh little in it, is not repeated."""
    runs: list[Ran] = []
    while len(runs) < TIMES and all(run.seconds < LONG_SECONDS for run in runs):
        portal.do("new", deals=DEALS, request_seconds=REQUEST, **case.portal)
        runs.append(reading(portal, client))
    return sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]


def _bars(done: dict[str, Case]) -> Iterable[Bar]:
    ours = {name: case.ran["ours"] for name, case in done.items()}
    for name, most in (("tenth", 42), ("clusters", bounds.reads(DEALS) * 5 // 4)):
        requests = ours[name].counted["requests"]
        yield Bar(f"{done[name].title}: at most {most} requests", str(requests), requests <= most)
    for name in ("tenth", "clusters", "command"):
        yield _none(done[name])
    for name in ("tenth", "command"):
        yield _ahead(done[name])
    memory = max(run.above_base for run in ours.values())
    yield Bar("memory when streamed: at most 60 MB above base", f"{memory:.0f} MB", memory <= 60)
    yield _within(done["command"], 2.6)
    yield _within(done["full"], 1.1)
    refused = ours["full"].counted["limit_errors"]
    yield Bar(f"{done['full'].title}: at most 1 limit error", str(refused), refused <= 1)
    whole = [run for run in ours.values() if _complete(run)]
    ordered = sum(list(run.ids) == sorted(run.ids) for run in whole)
    yield Bar("every row once, in the order of ids", f"{ordered} of {len(ours)} readings", ordered == len(ours))


def _none(case: Case) -> Bar:
    refused = case.ran["ours"].counted["limit_errors"]
    return Bar(f"{case.title}: no limit error", str(refused), refused == 0)


def _ahead(case: Case) -> Bar:
    """Of the peers those count that read everything."""
    ours, peers = case.ran["ours"], [run for name, run in case.ran.items() if name != "ours" and _complete(run)]
    best = min((run.seconds for run in peers), default=float("inf"))
    met = _complete(ours) and ours.seconds < best
    return Bar(f"{case.title}: ahead of every peer", f"{ours.seconds:.2f} s, the best peer {best:.2f} s", met)


def _within(case: Case, most: float) -> Bar:
    ratio = case.ran["ours"].seconds / case.bound
    met = _complete(case.ran["ours"]) and ratio <= most
    return Bar(f"{case.title}: at most {most} x bound", f"{ratio:.2f} x {case.bound:.2f} s", met)


def _complete(run: Ran) -> bool:
    return not run.error and len(run.ids) == len(set(run.ids)) == DEALS


def _table(case: Case) -> Table:
    rows = [
        [
            client,
            f"{run.seconds:.2f}",
            f"{run.seconds / case.bound:.1f}",
            str(run.counted["requests"]),
            str(run.counted["limit_errors"]),
            f"{run.cpu:.2f}",
            f"{run.above_base:.0f}",
            f"{len(set(run.ids)):,}",
            _outcome(run),
        ]
        for client, run in case.ran.items()
    ]
    late = max(run.counted["behind"] for run in case.ran.values())
    note = (
        f"{case.note} Bound {case.bound:.2f} s. Of short runs the middle one of three. No answer left later than "
        f"{late * 1000:.0f} ms after its time."
    )
    return Table(case.title, note, HEADS, rows)


def _outcome(run: Ran) -> str:
    return run.error or ("complete" if _complete(run) else "rows missing, no exception")


def _eroded(portal: PortalProcess, client: str) -> tuple[Ran, int, int]:
    """The run; how many deals that lived all the time it did not give, and how many it gave twice."""
    portal.do("new", deals=ERODED, request_seconds=REQUEST)
    before = portal.deals()
    portal.do("erode", delete=100, add=100)
    run = reading(portal, client)
    alive = before & portal.deals()
    return run, len(alive - set(run.ids)), len(run.ids) - len(set(run.ids))


def _lost(lost: dict[str, tuple[Ran, int, int]]) -> Table:
    rows = [
        [client, str(missing), str(twice), run.error or "no exception"]
        for client, (run, missing, twice) in lost.items()
    ]
    note = "As soon as the first request has come, somebody deletes the 100 oldest deals and adds 100."
    heads = ["client", "living rows lost", "rows given twice", "outcome"]
    return Table(f"{ERODED:,} deals while others delete", note, heads, rows)


def _whole(lost: dict[str, tuple[Ran, int, int]]) -> Iterable[Bar]:
    run, missing, twice = lost["ours"]
    met = not (missing or twice or run.error)
    yield Bar("while others delete and add: no living row lost, none twice", f"{missing} lost, {twice} twice", met)
