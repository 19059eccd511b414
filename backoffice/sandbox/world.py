"""Everything the sandbox consists of, in one object that lives in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from backoffice.sandbox.bitrix24.portal import Portal
from backoffice.sandbox.clock import Clock
from backoffice.sandbox.faults.deliveries import Deliveries
from backoffice.sandbox.faults.late import Late
from backoffice.sandbox.faults.past import Past
from backoffice.sandbox.faults.plan import Faults
from backoffice.sandbox.hold import Hold
from backoffice.sandbox.leyka.delivery import Bridge
from backoffice.sandbox.leyka.state import LeykaState
from backoffice.sandbox.mail.mailbox import Mailbox
from backoffice.sandbox.request_log import RequestLog
from backoffice.sandbox.sms.outbox import SmsOutbox
from backoffice.sandbox.timepad.state import TimepadState

FROZEN_MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class World:
    """One portal, one Timepad, one fund's site, mail, SMS, one clock for all, and means to watch, stop and disturb."""

    clock: Clock
    portal: Portal
    timepad: TimepadState
    log: RequestLog = field(default_factory=RequestLog)
    hold: Hold = field(default_factory=Hold)
    faults: Faults = field(default_factory=Faults)
    past: Past = field(default_factory=Past)

    def __post_init__(self) -> None:
        self.late = Late(self.clock)
        self.mailbox = Mailbox(self.clock)
        self.portal.mailbox = self.mailbox
        self.sms = SmsOutbox(self.clock, strict=self.portal.config.strict)
        self.deliveries = Deliveries(self.faults, self.late, self.log, self.clock)
        self.portal.hooks.line = self.deliveries.send
        self.leyka = LeykaState(self.clock)
        self.bridge = Bridge(self.leyka, self.deliveries, self.late)

    def reset(self) -> None:
        """Empty all systems and the log, order no faults; the clock and the portal's configuration stay."""
        self.portal.clear()
        self.timepad.clear()
        self.log.clear()
        self.mailbox.clear()
        self.sms.clear()
        self.leyka.clear()
        for one in (self.faults, self.past, self.late):
            one.clear()


def new_world(*, strict: bool = True, frozen: bool = False, seed: str | None = None) -> World:
    """A world with an empty portal, or one filled from a named seed.

    `strict` turns an unknown field, filter or parameter name into an error although a real portal ignores it.
    """
    clock = Clock(frozen_at=FROZEN_MOMENT if frozen else None)
    world = World(clock=clock, portal=Portal(clock), timepad=TimepadState(clock, strict=strict))
    world.portal.config.strict = world.sms.strict = strict
    if seed is not None:
        plant(world, seed)
    return world


def plant(world: World, seed: str) -> None:
    """Fill the world from `backoffice/sandbox/seeds/<seed>.py`; KeyError names the seeds there are."""
    from backoffice.sandbox import seeds

    seeds.plant(world, seed)
