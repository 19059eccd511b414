"""What a part of the bench comes to: bars that are met or not, tables, pictures; kept as JSON until the next time."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEPT = Path("var/benchmarks")


@dataclass
class Bar:
    """One promise, what came out, and whether it was kept."""

    promise: str
    value: str
    met: bool


@dataclass
class Table:
    """Rows of texts under headings; `note` says what was done."""

    title: str
    note: str
    heads: list[str]
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Line:
    """A line of a picture: points of size and cost."""

    name: str
    points: list[tuple[float, float]]


@dataclass
class Picture:
    """Cost against size, both from zero."""

    name: str
    title: str
    unit: str
    lines: list[Line]


@dataclass
class Part:
    """The figures of one part, when and on what they were taken, and how busy that was with other things."""

    name: str
    bars: list[Bar] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    at: str = ""
    machine: str = ""
    busy: str = ""

    @property
    def kept(self) -> bool:
        return all(bar.met for bar in self.bars)


def keep(part: Part) -> None:
    """Remember the part instead of what it came to before."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{part.name}.json").write_text(json.dumps(asdict(part), ensure_ascii=False, indent=1))


def kept(name: str) -> Part | None:
    """What the part came to last."""
    path = KEPT / f"{name}.json"
    return _part(json.loads(path.read_text())) if path.exists() else None


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def machine() -> str:
    """How many processors, the memory, the system and Python; nothing that tells whose it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, {python}"


def load() -> str:
    """How many programs wanted to run in the last minute: more than there are cores makes figures worse."""
    return f"{os.getloadavg()[0]:.1f}"


def _part(raw: dict[str, Any]) -> Part:
    return Part(
        raw["name"],
        [Bar(**bar) for bar in raw["bars"]],
        [Table(**table) for table in raw["tables"]],
        [_picture(picture) for picture in raw["pictures"]],
        raw["at"],
        raw["machine"],
        raw["busy"],
    )


def _picture(raw: dict[str, Any]) -> Picture:
    lines = [Line(line["name"], [(x, y) for x, y in line["points"]]) for line in raw["lines"]]
    return Picture(raw["name"], raw["title"], raw["unit"], lines)
