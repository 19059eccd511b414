"""docs/performance.md and its pictures, from what the parts of the bench came to."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.benchmarks.drawing import drawn
from tests.benchmarks.figures import Bar, Part, Picture, Table

PAGE, PICTURES = Path("docs/performance.md"), Path("docs/performance")
MET = {True: "met", False: "**NOT met**"}

HEAD = """# Reading and writing a portal at the limit of what it allows

Written by `make bench`; not to be edited. Our client beside `fast-bitrix24` and `b24pysdk` as they come from PyPI, on
the sandbox, which runs in a process of its own, over HTTPS and in real time. Every client runs in a fresh process; its
imports and its making are outside the clock. Ratios travel to other machines, seconds do not.

A **bound** is what no client can undercut under the documented limits: 50 rows a page, 50 commands a request, a bucket
of 50 requests that drains by two a second. What it takes to read the JSON is not in it.
"""
FOOT = """
A load above the number of cores means that others worked at the same time: times are then worse than they need be.
"""


def write(parts: list[Part]) -> None:
    """The page, and a picture for each that it shows."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for part in parts:
        for picture in part.pictures:
            (PICTURES / f"{picture.name}.svg").write_text(drawn(picture))
    PAGE.write_text("\n".join(_page(parts)))


def told(part: Part) -> str:
    """The part as text for a terminal."""
    lines = [line for table in part.tables for line in ("", table.title, *_aligned([table.heads, *table.rows]))]
    bars = [f"{'met    ' if bar.met else 'NOT MET'}  {bar.promise}: {bar.value}" for bar in part.bars]
    return "\n".join([*lines, "", *bars, f"load of the machine: {part.busy}", ""])


def _page(parts: list[Part]) -> Iterator[str]:
    yield HEAD
    yield from _bars([bar for part in parts for bar in part.bars])
    for part in parts:
        for table in part.tables:
            yield from _table(table)
        yield from (f"{_shown(picture)}\n" for picture in part.pictures)
    yield "## When and on what\n"
    yield from _rows(["part", "when", "on", "load of the machine at the beginning and at the end"])
    yield from ("| " + " | ".join((part.name, part.at, part.machine, part.busy)) + " |" for part in parts)
    yield FOOT


def _bars(bars: list[Bar]) -> Iterator[str]:
    yield "## The bars\n"
    yield from _rows(["bar", "measured", ""])
    yield from (f"| {bar.promise} | {bar.value} | {MET[bar.met]} |" for bar in bars)
    yield ""


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.title}\n"
    yield f"{table.note}\n"
    yield from _rows(table.heads)
    yield from ("| " + " | ".join(row) + " |" for row in table.rows)
    yield ""


def _rows(heads: list[str]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)


def _shown(picture: Picture) -> str:
    return f"![{picture.title}]({PICTURES.name}/{picture.name}.svg)"


def _aligned(rows: list[list[str]]) -> Iterable[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
