"""What the caller knows and what the portal holds after something went wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.figures import Bar, Part, Table
from tests.benchmarks.measuring import READERS, REQUEST, WRITERS, Ran, adding, reading
from tests.benchmarks.people import keys
from tests.benchmarks.portal_process import PortalProcess

CONTACTS, DEALS = 500, 25_000


@dataclass(frozen=True)
class Mishap:
    """What goes wrong; `bad`: how many of the inputs the portal refuses."""

    title: str
    faults: tuple[dict[str, Any], ...] = ()
    portal: dict[str, Any] = field(default_factory=dict)
    bad: int = 0


def third_batch(kind: str, **given: Any) -> tuple[dict[str, Any], ...]:
    return ({"kind": kind, "methods": "crm.contact.add", "start": 3, "times": 1, **given},)


def once(kind: str, **given: Any) -> tuple[dict[str, Any], ...]:
    return ({"kind": kind, "methods": "crm.deal.list", "start": 2, "times": 1, **given},)


WRITING = (
    Mishap("one input of 500 is refused", bad=1),
    Mishap("the answer to the third batch is cut off after execution", third_batch("cut_after")),
    Mishap("the third batch takes 35 s", third_batch("slow", seconds=35)),
    Mishap("instead of executing the third batch a proxy answers 500 with HTML", third_batch("html_500")),
    Mishap("the bucket is full at the start", portal={"full": True}),
    Mishap(
        "the operating time is spent half-way, and comes back within a minute",
        portal={"operating_limit": 60.0, "operating_window": 60, "costs": {"crm.contact.add": 0.2}},
    ),
)
READING = (
    Mishap("one page fails", once("bad_page")),
    Mishap("the second request gets 500 with HTML", once("html_500")),
    Mishap("the answer to the second request is cut off", once("cut_after")),
    Mishap(
        "the operating time is spent half-way, and comes back within a minute",
        portal={"operating_limit": 20.0, "operating_window": 60},
    ),
    Mishap("counting costs what the documents say, 21 µs a row", portal={"count_seconds": 20.9e-6, "deals": 100_000}),
)


@dataclass
class Wrote:
    """`forgotten`: contacts in the portal of which the caller does not know the id."""

    run: Ran
    held: int
    twins: int
    forgotten: int
    wrong: int


def measure(portal: PortalProcess) -> Part:
    wrote = {(mishap.title, client): _write(portal, mishap, client) for mishap in WRITING for client in WRITERS}
    read = {(mishap.title, client): _read(portal, mishap, client) for mishap in READING for client in READERS}
    return Part("faults", [*_writing_bars(wrote), *_reading_bars(read)], [_wrote(wrote), _was_read(read)])


def _write(portal: PortalProcess, mishap: Mishap, client: str) -> Wrote:
    portal.do("new", request_seconds=REQUEST, **mishap.portal)
    portal.do("order", faults=mishap.faults)
    wanted = keys(CONTACTS - mishap.bad)
    wanted[137:137] = keys(mishap.bad, "bad")
    run = adding(portal, client, keys=wanted)
    held = {number: key for number, key, _ in portal.do("contacts")}
    forgotten = held.keys() - set(run.known.values())
    wrong = sum(held.get(number) != key for key, number in run.known.items())
    return Wrote(run, len(held), len(held) - len(set(held.values())), len(forgotten), wrong)


def _read(portal: PortalProcess, mishap: Mishap, client: str) -> tuple[Ran, int]:
    """The run, and how many rows there were to read."""
    given = {"deals": DEALS, "request_seconds": REQUEST, **mishap.portal}
    portal.do("new", **given)
    portal.do("order", faults=mishap.faults)
    return reading(portal, client), given["deals"]


def _writing_bars(wrote: dict[tuple[str, str], Wrote]) -> Iterable[Bar]:
    ours = [one for (_, client), one in wrote.items() if client == "ours"]
    twins, forgotten = sum(one.twins for one in ours), sum(one.forgotten for one in ours)
    wrong = sum(one.wrong for one in ours)
    due = [CONTACTS - mishap.bad for mishap in WRITING]
    all_held = sum(one.held - one.twins == count for one, count in zip(ours, due, strict=True))
    yield Bar("after every fault: no twins", str(twins), twins == 0)
    yield Bar(
        "after every fault: no forgotten ids, each with its input", f"{forgotten}, {wrong} wrong", not forgotten + wrong
    )
    yield Bar(
        "after every fault: everything that can be written is written",
        f"{all_held} of {len(ours)}",
        all_held == len(ours),
    )


def _reading_bars(read: dict[tuple[str, str], tuple[Ran, int]]) -> Iterable[Bar]:
    ours = [one for (_, client), one in read.items() if client == "ours"]
    short = sum(not run.error and len(set(run.ids)) < count for run, count in ours)
    yield Bar("after every fault: never a silently shorter list", f"{short} of {len(ours)}", short == 0)


def _wrote(wrote: dict[tuple[str, str], Wrote]) -> Table:
    rows = [
        [
            title,
            client,
            f"{one.run.seconds:.1f}",
            f"{len(one.run.known)} ids, {len(one.run.failed)} errors",
            str(one.held),
            str(one.twins),
            str(one.forgotten),
            one.run.error or "no exception",
        ]
        for (title, client), one in wrote.items()
    ]
    note = f"{CONTACTS} contacts in batches, each with a key of ours (ORIGIN_ID). One fault in each run."
    heads = ["fault", "client", "s", "the caller knows", "the portal holds", "twins", "forgotten", "outcome"]
    return Table("Writing when something goes wrong", note, heads, rows)


def _was_read(read: dict[tuple[str, str], tuple[Ran, int]]) -> Table:
    rows = [
        [title, client, f"{run.seconds:.1f}", f"{len(set(run.ids)):,} of {count:,}", run.error or "no exception"]
        for (title, client), (run, count) in read.items()
    ]
    heads = ["fault", "client", "s", "rows", "outcome"]
    return Table("Reading when something goes wrong", "One fault in each run.", heads, rows)
