"""An hour in which a fund gets ten thousand donations, told by webhooks and drained by one run after another."""

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import heapify, heappop, heappush

from backoffice import connections
from backoffice.bitrix24.lanes import Lanes
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.limits import OperatingTime
from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.donations import Donation, Giver
from backoffice.sandbox.world import World
from tests.flows.donations import DAY, HOUR, MINUTE, deliver, settle, stages

AN_HOUR = 10_000
AMOUNTS = (Decimal(300), Decimal("150.50"), Decimal(1000), Decimal(500))
CAMPAIGNS = (6, 7, 8, 99)
ANSWERED_AFTER, TRIED_AGAIN_AFTER = timedelta(seconds=20), 4 * MINUTE
TRACE, MERGE = "crm.timeline.comment.add", "crm.entity.mergebatch"
Fate = Generator[timedelta, None, None]
"""What happens to a donation, with the waits between."""


@dataclass
class Hour:
    """Of ten donations five are of new donors, one of a donor of this hour, two are charges of subscriptions begun
    forty days ago; one fails and is paid on the same form, one fails and is paid by another donation, an eleventh.

    `subscriptions` are there already; the others come once the hour has begun.
    """

    world: World
    donations: int
    made: list[Donation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Fate]] = []
        self.subscriptions = [self._subscribe(place) for place in range(self.donations // 5)]
        deliver(self.world)

    def begin(self) -> None:
        """From now on they come, `AN_HOUR` an hour."""
        now = self.world.clock.now()
        self._waiting = [(now + place * HOUR / AN_HOUR, place, self._fate(place)) for place in range(self.donations)]
        heapify(self._waiting)

    def bring(self, pause: timedelta) -> bool:
        """What has happened since, or happens within the pause, is in the inbox; False when everything is over."""
        if not self._waiting:
            return False
        self.world.clock.move_to(max(self.world.clock.now(), self._waiting[0][0] + pause))
        while self._waiting and self._waiting[0][0] <= self.world.clock.now():
            self._go_on()
        deliver(self.world)
        return True

    def wrong(self) -> list[str]:
        """Donations whose deals do not show what the site shows, donors of several contacts, letters not sent once."""
        givers = {one.giver.email for one in (*self.made, *self.subscriptions)}
        contacts = len(self.world.portal.crm.tables["CONTACT"])
        rows = len(self.world.portal.crm.tables["DEAL"])
        shown = stages(self.world)
        faults = [f"donation {one.id}: {stage}" for one in self.made if (stage := shown.get(str(one.id))) != _end(one)]
        faults += [f"{contacts} contacts of {len(givers)} donors"] if contacts != len(givers) else []
        faults += [f"{rows} deals"] if rows != len(self.made) + len(self.subscriptions) else []
        sent = Counter(letter.recipients[0] for letter in self.world.mailbox.letters)
        due = Counter(one.giver.email or "" for one in self.made if one.status == "funded")
        return faults + [f"{due[to]} letters due, {sent[to]} sent" for to in due | sent if due[to] != sent[to]]

    def _go_on(self) -> None:
        moment, place, fate = heappop(self._waiting)
        with self.world.leyka.at(moment):
            pause = next(fate, None)
        if pause is not None:
            heappush(self._waiting, (moment + pause, place, fate))

    def _fate(self, place: int) -> Fate:
        match place % 10:
            case 5:
                return self._single(place, _giver(place - 5))
            case 6:
                return self._second_try(place)
            case 7:
                return self._second_donation(place)
            case 8 | 9:
                return self._charge(self.subscriptions[place // 10 * 2 + place % 10 - 8])
        return self._single(place, _giver(place))

    def _single(self, place: int, giver: Giver) -> Fate:
        donation = self._donate(place, giver)
        yield ANSWERED_AFTER
        settle(self.world, donation, "funded")

    def _second_try(self, place: int) -> Fate:
        donation = self._donate(place, _giver(place))
        yield ANSWERED_AFTER
        settle(self.world, donation, "failed")
        yield TRIED_AGAIN_AFTER
        settle(self.world, donation, "funded")

    def _second_donation(self, place: int) -> Fate:
        donation = self._donate(place, _giver(place))
        yield ANSWERED_AFTER
        settle(self.world, donation, "failed")
        yield TRIED_AGAIN_AFTER
        yield from self._single(place, _giver(place))

    def _charge(self, first: Donation) -> Fate:
        self.made.append(life.charge(self.world.leyka, first, announced=True))
        yield from ()

    def _donate(self, place: int, giver: Giver) -> Donation:
        donation = life.donate(self.world.leyka, giver, AMOUNTS[place % 4], CAMPAIGNS[place // 10 % 4])
        self.made.append(donation)
        return donation

    def _subscribe(self, place: int) -> Donation:
        giver = Giver(f"Подписчик-{place} Анна", f"subscriber-{place}@example.org")
        with self.world.leyka.at(self.world.clock.now() - 40 * DAY):
            first = life.donate(self.world.leyka, giver, AMOUNTS[place % 4], 6, recurring=True)
            settle(self.world, first, "funded")
        return first


def _giver(place: int) -> Giver:
    """Two of three leave a phone."""
    phone = f"+7 999 {place // 10_000:03} {place // 100 % 100:02} {place % 100:02}" if place % 3 else ""
    return Giver(f"Донор-{place} Иван", f"giver-{place}@example.org", phone)


def _end(donation: Donation) -> str:
    """The stage in which it stands at the end of the hour: an attempt that failed was paid by the next donation."""
    return "cancelled" if donation.status == "failed" else donation.status


class CountedOperatingTime(OperatingTime):
    """Counts the calls refused for it, which stand inside the answers of batches."""

    refused = 0

    def check(self, method: str) -> None:
        try:
            super().check(method)
        except Refusal:
            self.refused += 1
            raise


@dataclass(frozen=True)
class Ran:
    """What a run cost the portal: requests, those among them that left comments and that merged contacts, writes; the
    requests that it refused, the commands that it put off for a method's operating time; and how long by its clock.
    """

    requests: int
    traces: int
    merges: int
    writes: int
    refused: int
    put_off: int
    seconds: float


def cost(world: World, run: Callable[[], None]) -> Ran:
    """Of a run that is a program of its own."""
    connections.LANES = Lanes()
    operating = _watched(world)
    world.log.clear()
    began, before = world.clock.now(), operating.refused
    run()
    rows, counters = world.log.rows(), world.log.counters()
    return Ran(
        requests=counters["portal_requests"],
        traces=sum(TRACE in row["commands"] for row in rows),
        merges=sum(MERGE in row["commands"] for row in rows),
        writes=counters["writes"],
        refused=sum(counters["rejected"].values()),
        put_off=operating.refused - before,
        seconds=(world.clock.now() - began).total_seconds(),
    )


def _watched(world: World) -> CountedOperatingTime:
    if not isinstance(world.portal.operating, CountedOperatingTime):
        world.portal.operating = CountedOperatingTime(world.clock, world.portal.config)
    return world.portal.operating
