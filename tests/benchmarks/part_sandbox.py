"""The sandbox alone: what it gives when nobody reads the rows and no time has to pass."""

from time import monotonic

from tests.benchmarks.figures import Bar, Part, Table
from tests.benchmarks.measuring import adding, reading
from tests.benchmarks.portal_process import PortalProcess

DEALS, READ = 250_000, 100_000
ENOUGH = 25_000


def measure(portal: PortalProcess) -> Part:
    made = portal.do("new", deals=DEALS, bucket_size=100_000, operating_limit=1e9)
    began = portal.cpu_seconds()
    ran = reading(portal, "raw", last=made["last_deal"])
    work = portal.cpu_seconds() - began
    rows, requests = DEALS / ran.seconds, ran.counted["requests"]
    table = Table(
        "The sandbox alone",
        "Chains of 50 pages a request over four connections; the answers' bytes are received and thrown away.",
        ["rows", "requests", "MB", "s", "rows/s", "requests/s", "work of the sandbox, ms a request"],
        [
            [
                f"{DEALS:,}",
                str(requests),
                f"{ran.bytes / 1e6:.0f}",
                f"{ran.seconds:.2f}",
                f"{rows:,.0f}",
                f"{requests / ran.seconds:.0f}",
                f"{1000 * work / requests:.0f}",
            ]
        ],
    )
    portal.do("new", bucket_size=100_000, operating_limit=1e9)
    began = monotonic()
    adding(portal, "b24pysdk", count=5000)
    written = 5000 / (monotonic() - began)
    table.note += f" Of contacts it takes {written:,.0f} a second in batches of 50, with the making of the client."
    table.note += (
        f" Whoever reads {READ:,} deals from it waits at least {READ / rows:.1f} s on this machine, and shares its "
        "processors with it: above the bound that is what the readings without a cost per command measure."
    )
    bar = Bar(f"the sandbox alone: at least {ENOUGH:,} rows a second", f"{rows:,.0f}", rows >= ENOUGH)
    return Part("sandbox", [bar], [table])
