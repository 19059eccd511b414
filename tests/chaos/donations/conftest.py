"""A fund whose program dies at chosen steps, on a portal where other programs have left twins before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import httpx
import pytest
from sqlmodel import SQLModel

from backoffice import connections
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import PortalError
from backoffice.bitrix24.lanes import Lanes
from backoffice.leyka.client import Leyka
from backoffice.leyka.errors import LeykaError
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_result import WorkIncomplete
from backoffice.sandbox.leyka.state import SECRET
from backoffice.sandbox.seeds.fund import Fund, Gift
from backoffice.sandbox.world import FROZEN_MOMENT, World
from backoffice.settings import settings
from backoffice.store.engine import writing
from tests.chaos.donations.lives import Lives, SiteLine, SiteTransport, Waits
from tests.chaos.donations.site import Site
from tests.chaos.lessons.conftest import NoLimit
from tests.chaos.lessons.life import Killed, Meanwhile, MortalTransport, watch_mail, watch_store
from tests.flows.donations import DAY, HOUR

PATIENT = DonationPolicy(failure_hold_minutes=24 * 60)
"""Nobody is written about a failure before the disturbances are over."""
TROUBLE = (PortalError, LeykaError, WorkIncomplete)


class Office:
    """The program on its machine: one run after another or inside another, each a process of its own."""

    def __init__(self, world: World, life: Lives, line: SiteLine, run: Callable[..., None]) -> None:
        self.world, self.life, self.line = world, life, line
        self._run = run

    def open_anew(self, seed: str) -> Site:
        """A portal in which other programs have worked, an empty store, and a site on which nothing has happened."""
        self.life.begin()
        self.line.up = True
        self.world.reset()
        self.world.clock.move_to(FROZEN_MOMENT)
        with writing(connections.store()) as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.execute(table.delete())
        leave_twins(Fund(self.world), self.world)
        return Site(self.world, seed)

    def run(
        self,
        which: str = "due",
        donation_id: int | None = None,
        dies_at: int | str | None = None,
        meanwhile: Meanwhile | None = None,
    ) -> bool:
        """Whether the run lived to its end; what it raised is raised."""
        connections.LANES = Lanes()
        connections._resolved.clear()
        with self.life.another(dies_at, meanwhile):
            try:
                self._run(which, donation_id, policy=PATIENT)
            except Killed:
                return False
            finally:
                self.steps = list(self.life.steps)
        return True

    def pass_by(self, time: timedelta) -> None:
        """The clock of everybody."""
        self.world.clock.advance(time.total_seconds())

    def calm_down(self) -> None:
        """No trouble any more; what was to land late has landed, and the time for every letter has come."""
        self.world.faults.clear()
        self.line.up = True
        self.pass_by(DAY + HOUR)

    def writes_of_another(self) -> int:
        """How many writes and letters one more run sends."""
        self.world.log.reset_counters()
        letters = len(self.world.mailbox.all())
        assert self.run()
        return int(self.world.log.counters()["writes"]) + len(self.world.mailbox.all()) - letters


def leave_twins(fund: Fund, world: World) -> None:
    """One donor has two contacts; for one payment there are two deals already, both unpaid."""
    an_hour_ago = world.clock.now() - HOUR
    for phone in ("", "+79990000401"):
        fund.contact("Кузнецова", "Ольга", "olga@example.org", phone)
    oleg = fund.contact("Орлов", "Олег", "oleg@example.org")
    tried = Gift(Decimal(250), an_hour_ago)
    fund.deal(tried, "submitted", oleg)
    noted = fund.deal(tried, "failed", oleg, COMMENTS="Звонил, просил перезвонить")
    fund.comment(noted, "Перезвонить в среду")
    fund.contact("Лебедева", "Мария", "semya@example.org")


@pytest.fixture
def office(world: World, reconcile: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """One connection to the mail server, so that the steps have an order."""
    life, line = Lives(world.clock), SiteLine()
    monkeypatch.setenv("SMTP_CONNECTIONS", "1")
    settings.cache_clear()
    transport = MortalTransport(life)
    monkeypatch.setattr(connections, "CLOCK", Waits(life))
    monkeypatch.setattr(connections, "LANES", Lanes())
    monkeypatch.setattr(connections, "Portal", partial(Portal, transport=transport))
    monkeypatch.setattr(connections, "SharedBudget", lambda *_: NoLimit())
    monkeypatch.setattr(connections, "leyka", site_over(SiteTransport(transport, line), world))
    watch_store(life, connections.store(), monkeypatch)
    watch_mail(life, monkeypatch)
    yield Office(world, life, line, reconcile)
    transport.close_for_good()


def site_over(transport: httpx.BaseTransport, world: World) -> Callable[[], Any]:
    """Opens a client of the site as the connections do."""

    @contextmanager
    def leyka() -> Iterator[Leyka]:
        http = httpx.Client(base_url=str(settings().leyka_site_url), transport=transport)
        yield Leyka(http, SECRET, world.clock.now)

    return leyka
