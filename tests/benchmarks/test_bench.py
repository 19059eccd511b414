"""The bench measures what it says; its figures are `make bench`."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.benchmarks import bounds, report
from tests.benchmarks.drawing import drawn
from tests.benchmarks.figures import Bar, Line, Part, Picture, Table, keep, kept
from tests.benchmarks.measuring import READERS, WRITERS, adding, reading
from tests.benchmarks.portal_process import PortalProcess, portal_process

DEALS = 260


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with portal_process(tmp_path_factory.mktemp("portal")) as process:
        yield process


@pytest.fixture
def part() -> Part:
    """A part with something of everything."""
    table = Table("Reading", "In a hurry.", ["client", "s"], [["ours", "1.0"]])
    picture = Picture("seconds", "Time", "s", [Line("measured", [(10.0, 1.0), (100.0, 10.0), (1000.0, 100.0)])])
    bars = [Bar("fast", "1 s", met=True), Bar("faster", "1 s", met=False)]
    return Part("read", bars, [table], [picture], "2026-03-02 12:00 UTC", "2 cores", "0.1, 0.2")


@pytest.mark.parametrize(("rows", "requests"), [(2_500, 1), (25_000, 10), (100_000, 40), (100_001, 41)])
def test_the_bound_of_a_listing(rows: int, requests: int) -> None:
    """50 commands of 50 rows a request."""
    assert bounds.reads(rows) == requests


@pytest.mark.parametrize(("requests", "level", "seconds"), [(40, 0, 0), (100, 0, 25), (41, 50, 20.5), (150, 0, 50)])
def test_the_bound_of_time(requests: int, level: int, seconds: float) -> None:
    """The last of them is let in when the bucket has room for it."""
    assert bounds.seconds(requests, level) == seconds


@pytest.mark.parametrize("client", READERS)
def test_a_client_reads_in_a_process_of_its_own(portal: PortalProcess, client: str) -> None:
    """What it read is compared with what there is, and no answer leaves early."""
    portal.do("new", deals=DEALS, request_seconds=0.02)
    ran = reading(portal, client)
    assert (ran.error, set(ran.ids)) == ("", portal.deals())
    assert ran.counted["limit_errors"] == 0
    assert ran.seconds >= 0.02 * min(ran.counted["requests"], 2)
    assert ran.peak >= ran.base > 0


@pytest.mark.parametrize("client", WRITERS)
def test_a_client_adds_in_a_process_of_its_own(portal: PortalProcess, client: str) -> None:
    """Ids are held against the contacts that the portal has."""
    portal.do("new")
    ran = adding(portal, client, count=60)
    assert (ran.error, len(ran.known)) == ("", 60)
    assert set(ran.known.values()) == {number for number, _, _ in portal.do("contacts")}


def test_a_fault_meets_a_client_and_is_told(portal: PortalProcess) -> None:
    """One that is cut off after execution knows of nothing, and the contacts are there."""
    portal.do("new")
    portal.do("order", faults=[{"kind": "cut_after", "times": 1}])
    ran = adding(portal, "b24pysdk", count=50)
    assert (ran.error, ran.known, len(portal.do("contacts"))) == ("BitrixRequestError", {}, 50)


def test_a_full_bucket_is_full_when_the_client_begins(portal: PortalProcess) -> None:
    """However long it took to get ready."""
    portal.do("new", full=True, drain_per_second=0.5)
    ran = adding(portal, "b24pysdk", count=1)
    assert ran.counted["limit_errors"] > 0
    assert ran.seconds >= 1


def test_a_bar_that_is_not_met_is_seen(part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the terminal and on the page."""
    monkeypatch.chdir(tmp_path)
    Path("docs").mkdir()
    report.write([part])
    assert "| faster | 1 s | **NOT met** |" in report.PAGE.read_text()
    assert "![Time](performance/seconds.svg)" in report.PAGE.read_text()
    assert "NOT MET  faster: 1 s" in report.told(part)
    assert not part.kept


def test_a_part_is_remembered(part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one part can be measured again without the others."""
    monkeypatch.chdir(tmp_path)
    assert kept("read") is None
    keep(part)
    assert kept("read") == part


def test_what_grows_with_size_is_drawn_as_a_straight_line(part: Part) -> None:
    """Even axes from zero."""
    circles = ElementTree.fromstring(drawn(part.pictures[0])).iter("{http://www.w3.org/2000/svg}circle")  # noqa: S314 our own
    (x0, y0), (x1, y1), (x2, y2) = [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in circles]
    assert (y1 - y0) / (x1 - x0) == pytest.approx((y2 - y1) / (x2 - x1), rel=0.02)
