"""5,000 contacts added by one client, and 7,500 by three processes at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean

from tests.benchmarks import bounds
from tests.benchmarks.figures import Bar, Part, Table
from tests.benchmarks.measuring import REQUEST, WRITERS, Ran, Worker, adding, store
from tests.benchmarks.people import keys
from tests.benchmarks.portal_process import PortalProcess

CONTACTS = 5_000
PROCESSES, EACH = 3, 2_500
COST = 0.04
"""An addition costs less operating time than elsewhere in the sandbox: 7,500 must fit into 480 s."""
ADDING = {"request_seconds": REQUEST, "costs": {"crm.contact.add": COST}}
LEAST_SHARE = 0.8
"""Of an equal one, when the first process is through: the burst at the start goes to whoever runs first."""


@dataclass
class Crew:
    """Processes at the same portal; `least`: what the slowest had done when the first was through, to the average."""

    ran: list[Ran]
    held: int
    twins: int
    least: float

    @property
    def seconds(self) -> float:
        return max(run.seconds for run in self.ran)

    @property
    def died(self) -> int:
        return sum(bool(run.error) for run in self.ran)


def measure(portal: PortalProcess) -> Part:
    alone = {client: _alone(portal, client) for client in WRITERS}
    crews = {client: _crew(portal, client) for client in WRITERS}
    return Part("write", [*_bars(alone["ours"]), *_crew_bars(crews["ours"])], [_table(alone), _crew_table(crews)])


def _alone(portal: PortalProcess, client: str) -> tuple[Ran, int, int]:
    """The run, how many contacts the portal holds, and of how many the client knows the right id."""
    portal.do("new", **ADDING)
    run = adding(portal, client, count=CONTACTS)
    held = portal.do("contacts")
    right = {(key, number) for number, key, _ in held}
    return run, len(held), len(right & set(run.known.items()))


def _bound(commands: int) -> float:
    return bounds.seconds(bounds.writes(commands)) + REQUEST


def _bars(alone: tuple[Ran, int, int]) -> Iterable[Bar]:
    run, _, right = alone
    counted, ratio, least = run.counted, run.seconds / _bound(CONTACTS), bounds.writes(CONTACTS)
    what = f"{CONTACTS:,} crm.contact.add by batch"
    yield Bar(f"{what}: {least} requests", str(counted["requests"]), counted["requests"] == least)
    yield Bar(f"{what}: at most 1.05 x bound", f"{ratio:.3f} x {_bound(CONTACTS):.1f} s", ratio <= 1.05)
    yield Bar(f"{what}: no limit error", str(counted["limit_errors"]), counted["limit_errors"] == 0)
    yield Bar(f"{what}: every id with its input", f"{right:,}", right == CONTACTS)


def _table(alone: dict[str, tuple[Ran, int, int]]) -> Table:
    rows = [
        [
            client,
            f"{run.seconds:.1f}",
            f"{run.seconds / _bound(CONTACTS):.2f}",
            str(run.counted["requests"]),
            str(run.counted["limit_errors"]),
            f"{held:,}",
            f"{right:,}",
            run.error or "complete",
        ]
        for client, (run, held, right) in alone.items()
    ]
    cost = f"An addition costs {1000 * COST:.0f} ms of operating time."
    note = f"{REQUEST * 1000:.0f} ms a request. Bound {_bound(CONTACTS):.1f} s. {cost}"
    heads = ["client", "s", "x bound", "requests", "limit errors", "made", "known by the right id", "outcome"]
    return Table(f"{CONTACTS:,} crm.contact.add by batch", note, heads, rows)


def _crew(portal: PortalProcess, client: str) -> Crew:
    portal.do("new", **ADDING)
    database = store(portal.folder)
    names = "abc"[:PROCESSES]
    workers = [Worker(portal, client, "add", database, keys=keys(EACH, name)) for name in names]
    for worker in workers:
        worker.go()
    ran = [worker.ran() for worker in workers]
    held = portal.do("contacts")
    ran[0].counted = portal.counted()
    made = {name: sorted(at for _, key, at in held if key.startswith(name)) for name in names}
    through = min((moments[-1] for moments in made.values() if len(moments) == EACH), default="")
    shares = [sum(at <= through for at in moments) / EACH for moments in made.values()]
    return Crew(ran, len(held), len(held) - len({key for _, key, _ in held}), min(shares) / (mean(shares) or 1.0))


def _crew_bars(crew: Crew) -> Iterable[Bar]:
    what, bound = f"{PROCESSES} worker processes, one portal", _bound(PROCESSES * EACH)
    used = bound / crew.seconds
    yield Bar(f"{what}: none dies", f"{crew.died} died", crew.died == 0)
    yield Bar(f"{what}: together at least 90 % of what is permitted", f"{used:.0%}", used >= 0.9)
    what = f"{what}: none below {LEAST_SHARE:.0%} of an equal share"
    yield Bar(what, f"{crew.least:.0%}", crew.least >= LEAST_SHARE)


def _crew_table(crews: dict[str, Crew]) -> Table:
    rows = [
        [
            client,
            f"{crew.seconds:.1f}",
            f"{mean(run.seconds for run in crew.ran):.1f}",
            str(crew.ran[0].counted["requests"]),
            str(crew.ran[0].counted["limit_errors"]),
            str(crew.died),
            f"{crew.held:,}",
            f"{sum(len(run.known) for run in crew.ran):,}",
            str(crew.twins),
        ]
        for client, crew in crews.items()
    ]
    bound = _bound(PROCESSES * EACH)
    note = f"{EACH:,} contacts each. Bound of all together {bound:.1f} s."
    heads = ["client", "s", "s each", "requests", "limit errors", "died", "made", "known by id", "twins"]
    return Table(f"{PROCESSES} worker processes, one portal", note, heads, rows)
