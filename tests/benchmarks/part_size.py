"""Cost against size: ten thousand, a hundred thousand, a million deals."""

from collections.abc import Callable, Iterable

from tests.benchmarks import bounds
from tests.benchmarks.figures import Bar, Line, Part, Picture, Table
from tests.benchmarks.measuring import REQUEST, Ran, reading
from tests.benchmarks.portal_process import PortalProcess

SIZES = (10_000, 100_000, 1_000_000)
NEVER_SPENT = 1e9
LINEAR = 0.25
"""A row of the largest size may cost so much more than one of the middle size."""


def measure(portal: PortalProcess) -> Part:
    ran = {size: _read(portal, size) for size in SIZES}
    pictures = [_picture(ran, drawn) for drawn in PICTURES]
    return Part("size", list(_bars(ran)), [_table(ran)], pictures)


Drawn = tuple[str, str, str, Callable[[Ran], float], Callable[[int], float] | None]
"""Name, title, unit, the cost of a run, the bound of a size if there is one."""

PICTURES: tuple[Drawn, ...] = (
    ("requests", "Requests", "", lambda run: run.counted["requests"], bounds.reads),
    ("seconds", "Time", "s", lambda run: run.seconds, lambda size: bounds.seconds(bounds.reads(size))),
    ("cpu", "Work of our process", "CPU s", lambda run: run.cpu, None),
    ("operating", "Operating time of crm.deal.list", "s", lambda run: run.counted["operating_seconds"], None),
    ("memory", "Memory above base when streamed", "MB", lambda run: run.above_base, None),
)


def _read(portal: PortalProcess, size: int) -> Ran:
    portal.do("new", deals=size, request_seconds=REQUEST, operating_limit=NEVER_SPENT, operating_window=86400)
    return reading(portal, "ours, time granted")


def _bars(ran: dict[int, Ran]) -> Iterable[Bar]:
    whole = sum(len(set(run.ids)) == size and not run.error for size, run in ran.items())
    yield Bar("every size read whole", f"{whole} of {len(ran)}", whole == len(ran))
    middle, large = SIZES[1:]
    for name, of in (("requests", PICTURES[0][3]), ("CPU time", PICTURES[2][3]), ("operating time", PICTURES[3][3])):
        ratio = (of(ran[large]) / large) / (of(ran[middle]) / middle)
        yield Bar(f"{name}: in step with size", f"{ratio:.2f} x a row at {large:,}", ratio <= 1 + LINEAR)
    memory = ran[large].above_base
    yield Bar("memory does not grow with size: at most 60 MB above base", f"{memory:.0f} MB", memory <= 60)


def _picture(ran: dict[int, Ran], drawn: Drawn) -> Picture:
    name, title, unit, of, bound = drawn
    lines = [Line("measured", [(size, of(run)) for size, run in ran.items()])]
    if bound:
        lines.append(Line("bound", [(size, bound(size)) for size in ran]))
    return Picture(name, title, unit, lines)


def _table(ran: dict[int, Ran]) -> Table:
    rows = [
        [
            f"{size:,}",
            str(run.counted["requests"]),
            f"{run.seconds:.1f}",
            f"{bounds.seconds(bounds.reads(size)):.1f}",
            f"{run.cpu:.1f}",
            f"{run.counted['operating_seconds']:.0f}",
            f"{run.above_base:.0f}",
            run.error or "complete",
        ]
        for size, run in ran.items()
    ]
    note = (
        f"{REQUEST * 1000:.0f} ms a request, every tenth id missing, read by our client as a stream. The portal "
        "grants as much operating time as is wanted, and the client knows. Of one that grants 480 s in ten minutes, of "
        "which we leave a fifth to others, a million deals take four grants: half an hour."
    )
    heads = ["deals", "requests", "s", "bound, s", "CPU s", "operating time, s", "MB above base", "outcome"]
    return Table("Cost against size", note, heads, rows)
