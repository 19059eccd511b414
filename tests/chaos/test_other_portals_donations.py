"""Donation reconciliation on portals that are otherwise where the documents are silent, each known to us as it is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import SQLModel

from backoffice import connections
from backoffice.facts_file import Findings, PortalPart
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.portal_facts import PortalFacts
from backoffice.sandbox.bitrix24.config import PortalConfig
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.seeds.fund import Fund, Gift
from backoffice.sandbox.world import World
from backoffice.store.engine import writing
from tests.flows.donations import (
    HOUR,
    IVAN,
    MARIA,
    OLEG,
    OLGA,
    Reconcile,
    give,
    letters,
    pass_time,
    settle,
)
from tests.portals import DONATIONS, Switch, behave, told

SILENT = DonationPolicy(letters=())
UNANSWERED = ("crm.item.add crm.contact.add", "crm.item.update", "crm.timeline.comment.add", "crm.entity.mergeBatch")


@pytest.fixture
def brought(world: World, reconcile: Reconcile) -> Callable[[PortalFacts], dict[str, Any]]:
    """Furnish the portal anew, let people give, bring it into the portal, and give what stands there then."""
    began = world.clock.now()

    def run(facts: PortalFacts) -> dict[str, Any]:
        world.reset()
        world.clock.move_to(began)
        forget_everything()
        connections.keep_findings(Findings(datetime.now(UTC), PortalPart(connections.portal_host(), facts)))
        furnish(world)
        world.faults.order(*(Fault(kind="cut_after", methods=method, times=1) for method in UNANSWERED))
        people_give(world, reconcile)
        assert world.faults.fired["cut_after"] == len(UNANSWERED)
        stands = contents(world)
        assert second_run(world, reconcile) == (0, stands)
        forget_everything()
        reconcile("due", policy=SILENT)
        assert contents(world) == stands
        return stands

    return run


@pytest.fixture(scope="module")
def usual() -> dict[str, Any]:
    """What stands in the end on a portal as we assume them; the first test to need it fills it in."""
    return {}


def furnish(world: World) -> None:
    """A donor with two cards, one of them with capitals in the address; two unpaid deals of a form, with remarks."""
    fund = Fund(world)
    cards = [fund.contact("Кузнецова", "Ольга", address) for address in ("Olga@Example.org", "olga@example.org")]
    fund.contact("Зуев", "Пётр", phone="89990000404")
    for stage, card in zip(("submitted", "failed"), cards, strict=True):
        deal = fund.deal(Gift(Decimal(700), world.clock.now()), stage, card, COMMENTS="Просила перезвонить")
        fund.comment(deal, "Перезвонили")


def people_give(world: World, reconcile: Reconcile) -> None:
    """With a run after everything that happens; in the end nothing waits any more.

    What a run costs the portal passes on the clock, so it is set anew before people give again.
    """
    later = world.clock.now() + HOUR
    first = give(world, "funded")
    failed = give(world, "failed", amount="250", giver=OLEG)
    for giver in (IVAN, MARIA):
        give(world, "funded", giver=giver, campaign_id=7)
    give(world, "funded", giver=replace(OLEG, name="Зуев Пётр", email=None, phone="8 999 000-04-04"))
    reconcile("due")
    world.clock.move_to(later)
    settle(world, failed, "funded")
    settle(world, first, "refunded")
    give(world, "funded", amount="300", campaign_id=8)
    for _ in range(3):
        reconcile("due")
        pass_time(world, HOUR)


def second_run(world: World, reconcile: Reconcile) -> tuple[int, dict[str, Any]]:
    """How much one more run writes and sends, and what stands after it."""
    world.log.reset_counters()
    before = len(letters(world))
    reconcile("nightly")
    return int(world.log.counters()["writes"]) + len(letters(world)) - before, contents(world)


def contents(world: World) -> dict[str, Any]:
    """What stands in the portal, its dates in the usual form."""
    config = world.portal.config
    shown, config.site_datetime = config.site_datetime, PortalConfig().site_datetime
    dump = world.portal.dump()
    config.site_datetime = shown
    return dump


def forget_everything() -> None:
    """Empty our store."""
    with writing(connections.store()) as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            session.execute(table.delete())


@pytest.mark.parametrize(("switch", "facts"), DONATIONS, ids=told)
def test_the_same_stands_in_the_end_whatever_the_portal_is_like(
    world: World,
    brought: Callable[[PortalFacts], dict[str, Any]],
    usual: dict[str, Any],
    switch: Switch,
    facts: Switch,
) -> None:
    """Though the answers to a creation, an update, a comment and a merge are lost; a second run writes nothing, and one
    without any memory of ours brings the same.
    """
    if not usual:
        usual |= brought(PortalFacts())
    behave(world, switch)
    assert brought(PortalFacts(**facts)) == usual
    assert {address for address, _ in letters(world)} == {OLGA.email, OLEG.email, MARIA.email}
